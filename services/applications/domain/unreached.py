"""A decision whose mail has not arrived: staff see it, and the last day for an answer may wait (ADR 108)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.applications.domain.decision_model import Unreached
from services.applications.domain.events import Change, Decided
from services.applications.domain.mail_lost import MailLost, ToldAnew
from services.applications.domain.model import Application, Moment
from services.applications.domain.states import PlaceState


def lose(application: Application, why: str, moment: Moment, *, holds: bool) -> Change:
    """Note, once for each decision, that its mail came back or never left.

    `holds`: the last day for an answer waits, if there is one that is not over and a place that is not answered.
    """
    decision, place = application.decision, application.place
    if decision is None or decision.unreached is not None:
        return application, ()
    day = decision.answer_deadline
    offered = place is not None and place.state is PlaceState.OFFERED
    waits = holds and offered and day is not None and not moment.is_past(day)
    lost = Unreached(moment.instant, why, holds=waits)
    return replace(application, decision=replace(decision, unreached=lost)), (MailLost(why, held=waits),)


def reach(application: Application, moment: Moment) -> Change:
    """The address is another one by now: tell the decision anew.

    A last day that has waited is at least as far from now as it was when the decision was validated.
    """
    decision, place = application.decision, application.place
    if decision is None or (lost := decision.unreached) is None:
        return application, ()
    day = decision.answer_deadline
    if lost.holds and day is not None and place is not None and place.state is PlaceState.OFFERED:
        day = max(day, moment.day + max(timedelta(days=1), day - decision.at.date()))
        place = replace(place, reminded=False)
    told = replace(decision, answer_deadline=day, unreached=None)
    anew = Decided(told, "rank") if decision.entered.id == application.promotion else Decided(told)
    return replace(application, decision=told, place=place), (anew, ToldAnew())
