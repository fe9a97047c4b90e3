"""Who has a place and who waits for one, told by the application itself (acceptance 89-91; ADR 75)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.applications.domain.decisions import TAKEN
from services.applications.domain.events import Change, LeftWaitlist, PassedOver
from services.applications.domain.model import Application, Moment, Place
from services.applications.domain.states import CANDIDATE, FileState, PlaceAction, PlaceState, place_after
from services.contracts.actors import Acting
from services.contracts.refusals.applications import NOT_WAITING


@dataclass(frozen=True, slots=True)
class Passed:
    """Who waits before that one and is passed over: the application, the decision by which it waits, and since when its
    account is closed.
    """

    application: str
    decision: str
    since: datetime


def pass_over(application: Application, passed: Passed) -> Change:
    """Note that a place goes by who waits because their account is closed, once for each time that it is."""
    decision = application.decision
    if not is_ranked(application) or decision is None or decision.entered.id != passed.decision:
        return application, ()
    if application.passed_over == passed.since:
        return application, ()
    return replace(application, passed_over=passed.since), (PassedOver(),)


def leave(application: Application, moment: Moment, by: Acting) -> Change:
    """Wait for a place no more, for ever; the same again changes nothing. Raises NOT_WAITING."""
    place = application.place
    if place is None or place.state not in (PlaceState.WAITING, PlaceState.LEFT):
        raise NOT_WAITING()
    after = place_after(place.state, PlaceAction.LEAVE, CANDIDATE)
    if after is place.state:
        return application, ()
    return replace(application, place=Place(after, moment.instant, by), left=True), (LeftWaitlist(),)


def waits(application: Application) -> bool:
    """Whether the candidate waits for a place, by rank or not."""
    place = application.place
    return place is not None and place.state is PlaceState.WAITING and application.state is not FileState.CANCELLED


def is_ranked(application: Application) -> bool:
    """Whether the candidate waits by rank."""
    decision = application.decision
    return waits(application) and decision is not None and decision.entered.rank is not None


def is_put_back(application: Application, moment: Moment) -> bool:
    """Whether staff have taken a place from who waits, by putting them on the list, that very day."""
    place = application.place
    return place is not None and place.put_back_on == moment.day


def takes_place(application: Application) -> bool:
    """Whether the application has a place that nobody else can have."""
    place = application.place
    return place is not None and place.state in TAKEN and application.state is not FileState.CANCELLED
