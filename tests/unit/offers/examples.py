"""Programmes to test with."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.offers.domain.calendar import Calendar
from services.offers.domain.pieces import usual_requirements
from services.offers.domain.programmes import MEGABYTE, Contact, Content, Unit
from services.offers.domain.text import Text

CALENDAR = Calendar(
    opens_on=date(2027, 2, 1),
    closes_on=date(2027, 3, 31),
    submission_deadline=date(2027, 4, 7),
    answer_delay_days=15,
)

CONTENT = Content(
    campaign="2027-2028",
    title=Text("Sciences de la mer", "Marine sciences"),
    centre=Unit("UPVD-SEE", Text("UFR Sciences exactes et expérimentales", "Faculty of Exact Sciences")),
    diploma=Unit("master-1", Text("Master 1")),
    calendar=CALENDAR,
    contact=Contact("Scolarité", ("52 avenue Paul Alduy", "66860 Perpignan"), "scolarite@univ.example", "", ""),
    keywords=("océanographie", "littoral"),
    capacity=24,
    requirements=tuple(usual_requirements(2 * MEGABYTE).values()),
)


def content(**changes: Any) -> Content:
    """The example with changes."""
    return replace(CONTENT, **changes)


def days(**changes: Any) -> Content:
    """The example with other days."""
    return replace(CONTENT, calendar=replace(CALENDAR, **changes))
