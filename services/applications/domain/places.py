"""The places of a programme: what becomes free goes to the best rank of its waiting list (acceptance 89-91; ADR 75).

Nobody is brought to a place but by what stands in `Places`, one step after the other: whom it is offered to is noted first,
then the application is changed, then the note is taken away. Each step may be done again by anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from services.applications.domain import conditions
from services.applications.domain.copies import ListGroup, ProgrammeCopy
from services.applications.domain.decided import TypeAsDecided
from services.applications.domain.decision_model import EnteredDecision, ValidatedDecision
from services.applications.domain.events import Change, Decided
from services.applications.domain.model import Application, Moment, Place
from services.applications.domain.places_model import First, Freed, Hindrance, Occupancy, Places, Promotion
from services.applications.domain.review import check_last_day
from services.applications.domain.states import (
    CLOCK,
    DecisionKind,
    Party,
    PlaceAction,
    PlaceState,
    ProgrammeState,
    place_after,
)
from services.applications.domain.waiting import Passed, is_ranked
from services.contracts.actors import Acting, Role
from services.contracts.refusals import BUSY
from services.contracts.refusals.applications import (
    LIST_CLOSED,
    NEXT_CHANGED,
    NO_FREE_PLACE,
    NOBODY_WAITS,
    PROMOTIONS_OVER,
)

__all__ = ["First", "Freed", "Hindrance", "Occupancy", "Places", "Promotion"]

MOST_LEAVING: Final = 1000
"""People of one programme who are being forgotten at once."""


def place_freed(places: Places, group: str | None = None) -> Places:
    """One more place has become free, of a group or of none."""
    return places.counted(group, freed=1)


def place_taken_away(places: Places, group: str | None = None) -> Places:
    """Staff have put who had a place on the list: it is for nobody whom they have put there that same day.

    A board that goes over its decisions anew would else tell people that they wait, and at once that they do not.
    """
    return places.counted(group, taken_away=1)


def leaving(places: Places, application: str, group: str | None = None) -> Places:
    """The person of an application that has a place, of a group or of none, is being forgotten; raises BUSY while too many
    are.
    """
    if application in places.leaving:
        return places
    if len(places.leaving) >= MOST_LEAVING:
        raise BUSY(retry_after=1)
    of = places.leaving_of if group is None else {**places.leaving_of, application: group}
    return replace(places, leaving=(*places.leaving, application), leaving_of=of)


def stays(places: Places, application: str) -> Places:
    """It has no place any more, which somebody else has said or will say: nothing becomes free when it goes."""
    of = {each: group for each, group in places.leaving_of.items() if each != application}
    return replace(places, leaving=tuple(each for each in places.leaving if each != application), leaving_of=of)


def gone(places: Places, application: str) -> Places:
    """Nothing is left of that application: its place is free."""
    if application not in places.leaving:
        return places
    return stays(places, application).counted(places.leaving_of.get(application), freed=1)


def capacity_told(
    places: Places, capacity: int | None, told: int, before: Sequence[ListGroup] = (), groups: Sequence[ListGroup] = ()
) -> Places:
    """A programme has so many places now: what it has more than before is free; what was told earlier changes nothing.

    What a group has more than it had `before` is free of that group, and of one that is new beside others as many as
    there are more of the programme; only the rest is of none.
    """
    if told <= places.told:
        return places
    more = 0 if capacity is None or places.capacity is None else max(0, capacity - places.capacity)
    had, after = {each.code: each.places for each in before}, replace(places, capacity=capacity, told=told)
    for each in groups:
        if each.places is None or (there := had.get(each.code)) is None or each.places <= there:
            continue
        after, more = after.counted(each.code, freed=each.places - there), max(0, more - each.places + there)
    for each in groups if before else ():  # the first groups of all are made of places that there are
        if each.places is not None and each.code not in had:
            after, more = after.counted(each.code, freed=min(more, each.places)), max(0, more - each.places)
    return after.counted(None, freed=more)


def stands(
    places: Places,
    offer: ProgrammeCopy,
    version: int,
    taken: int,
    first: First | None,
    *,
    is_closed: bool,
    passed: tuple[Passed, ...] = (),
) -> Occupancy:
    """How a programme stands; the copy of it, of that version, may be older than what was told of its capacity."""
    told = places.told > version
    is_open = promotes(places, offer, is_closed=is_closed) and (told or offer.places_known)
    return Occupancy(places.capacity if told else offer.places, taken, first, is_open, passed)


def promotes(places: Places, offer: ProgrammeCopy, *, is_closed: bool) -> bool:
    """Whether the programme still takes people by this list: in the catalogue, for the same campaign, not a closed one."""
    return not is_closed and offer.campaign == places.campaign and offer.state is ProgrammeState.PUBLISHED


def stop(places: Places, until: date | None, moment: Moment) -> Places:
    """Say which is the last day on which anybody is promoted; raises INVALID_FIELDS for one that is past or too far."""
    if until is not None and until != places.until:
        check_last_day(until, moment, "promotes_until")
    return replace(places, until=until)


def is_over(places: Places, moment: Moment) -> bool:
    """Whether nobody is promoted any more."""
    return places.until is not None and moment.day > places.until


def hindrance(places: Places, stands: Occupancy, moment: Moment) -> Hindrance | None:
    """Why nobody is offered a place now, also where one has become free; None: the next one may be."""
    if not stands.is_open:
        return Hindrance.CLOSED
    if is_over(places, moment):
        return Hindrance.OVER
    if not stands.has_room:
        return Hindrance.FULL
    return Hindrance.NOBODY if stands.first is None else None


def passes_over(places: Places, stands: Occupancy, moment: Moment) -> Sequence[Passed]:
    """Of whom it is to be said now that a place goes by them."""
    return stands.passed if hindrance(places, stands, moment) in (None, Hindrance.NOBODY) else ()


def offer_next(places: Places, stands: Occupancy, moment: Moment, *, id: str, by: Acting, automatic: bool) -> Places:
    """Note who is offered a place that has become free, of the group of what `stands`; where nobody is, the place is left to
    staff.

    As long as none is `freed`, nobody is next in what `stands` who was put on the list today.
    """
    pool = next((each for each in places.pools if each.group == stands.group), None)
    if places.promotion is not None or pool is None:
        return places
    first, taken_away = stands.first, not pool.freed
    if not automatic or first is None or hindrance(places, stands, moment) is not None:
        counted = {"taken_away": -pool.taken_away} if taken_away else {"freed": -pool.freed}
        return places.counted(pool.group, **counted)
    meant = Promotion(id, first.application, first.decision, by, taken_away=taken_away, group=pool.group)
    return replace(places, promotion=meant)


def offer_by_hand(
    places: Places, stands: Occupancy, moment: Moment, *, id: str, by: Acting, application: str
) -> Places:
    """Note that staff offer a place to who is next, whom they have seen.

    Raises LIST_CLOSED, PROMOTIONS_OVER, NO_FREE_PLACE, NOBODY_WAITS, NEXT_CHANGED.
    """
    match hindrance(places, stands, moment):
        case Hindrance.CLOSED:
            raise LIST_CLOSED()
        case Hindrance.OVER:
            raise PROMOTIONS_OVER(until=places.until)
        case Hindrance.FULL:
            raise NO_FREE_PLACE(capacity=stands.group_places if stands.is_group_full else stands.capacity)
    if (first := stands.first) is None:
        raise NOBODY_WAITS()
    if first.application != application:
        raise NEXT_CHANGED()
    meant = Promotion(id, first.application, first.decision, by, by_hand=True, group=stands.group)
    return replace(places, promotion=meant)


def still_offers(places: Places, stands: Occupancy, moment: Moment) -> bool:
    """Whether what was noted may be done: much may have happened since, if somebody stopped in between."""
    return stands.has_room and not is_over(places, moment)


def carried_out(places: Places, promotion: Promotion, *, promoted: bool) -> Places:
    """The promotion is done with; a freed place goes to somebody else where this one waits no more."""
    if places.promotion != promotion:
        return places
    done = replace(places, promotion=None)
    if not promoted or promotion.by_hand:
        return done
    return done.counted(promotion.group, **{"taken_away" if promotion.taken_away else "freed": -1})


def promote(
    application: Application,
    promotion: Promotion,
    offer: ProgrammeCopy,
    moment: Moment,
    *,
    least_days: int,
    type: TypeAsDecided | None = None,
) -> Change:
    """Offer a place to who waits, under the conditions by which they wait; nothing if that was done, or they wait no more,
    or by another decision.
    """
    if application.promotion == promotion.id or not is_ranked(application):
        return application, ()
    if application.decision is None or application.decision.entered.id != promotion.waits_by:
        return application, ()
    role: Party = Role.MANAGER if promotion.by_hand else CLOCK
    state = place_after(PlaceState.WAITING, PlaceAction.PROMOTE, role)
    day, waited = answer_day(offer, moment, least_days), application.decision.entered
    under = conditions.carried_over(waited.conditions, day)
    entered = EnteredDecision(
        promotion.id,
        DecisionKind.FAVOURABLE,
        moment.instant,
        promotion.by,
        type=type,
        conditions=under,
        group=waited.group,
    )
    begun = conditions.begun(under)
    decision = ValidatedDecision(entered, moment.instant, promotion.by, day, begun, told_on=moment.day_told)
    offered = replace(application, decision=decision, place=Place(state, group=promotion.group))
    promoted = replace(offered, promotion=promotion.id, waited_by=promotion.waits_by)
    return promoted, (Decided(decision, because="rank"),)


def answer_day(offer: ProgrammeCopy, moment: Moment, least_days: int) -> date:
    """Until when who is promoted may answer: by the list's own day or delay, else the programme's; so many days at least."""
    programme = offer.programme
    pairs = ((offer.list_deadline, offer.list_delay_days), (programme.answer_deadline, programme.answer_delay_days))
    least = moment.day + timedelta(days=least_days)
    for day, delay in pairs:
        if day is not None or delay is not None:
            return max(least, day or moment.day + timedelta(days=delay or 0))
    return least
