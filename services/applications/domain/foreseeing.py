"""What would come of withdrawals: who would be offered the places, until when and under what (acceptance 89-91; ADR 103).

No rule is here: who is next, and on what terms, is asked of what promotes them. Nothing is noted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.applications.domain import places
from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.decided import TypeAsDecided
from services.applications.domain.decision_model import ValidatedDecision
from services.applications.domain.events import Decided
from services.applications.domain.model import Application, Moment
from services.applications.domain.places import First, Hindrance, Occupancy, Places
from services.contracts.actors import Acting
from services.contracts.refusals import INVALID_FIELDS, FieldError

MOST_WITHDRAWALS: Final = 200
"""Foreseen at once."""


@dataclass(frozen=True, slots=True)
class Waitlisted:
    """Somebody who waits: the application, its id, and the rank that was decided."""

    id: str
    rank: int
    file: Application


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Who would be offered a place, in order, and by which decision; and how many places would stay, and why."""

    promoted: tuple[tuple[Waitlisted, ValidatedDecision], ...]
    left: int = 0
    because: Hindrance | None = None


@dataclass(frozen=True, slots=True)
class Foresight:
    """How a programme stands, and what would come of so many withdrawals from it.

    Of those who wait, those would be `passed` over whose account is closed.
    """

    offer: ProgrammeCopy
    until: date | None
    stands: Occupancy
    withdrawals: int
    automatic: bool
    foreseen: Foreseen
    passed: tuple[Waitlisted, ...] = ()


def check(ids: Sequence[str] | None, count: int | None, holding: Sequence[str], taken: int) -> None:
    """Whether these may be foreseen: some that hold a place, or how many of the places that are `taken`.

    Raises INVALID_FIELDS.
    """
    if faults := list(_faults(ids, count, holding, taken)):
        raise INVALID_FIELDS(fields=faults)


def check_size(ids: Sequence[str] | None, count: int | None) -> None:
    """Whether that is not too much to be looked at; raises INVALID_FIELDS."""
    if max(len(ids or ()), count or 0) > MOST_WITHDRAWALS:
        field = "count" if ids is None else "ids"
        raise INVALID_FIELDS(fields=[FieldError(field, "too-many-withdrawals", {"max": MOST_WITHDRAWALS})])


def foresee(
    known: Places,
    stands: Occupancy,
    waiting: Sequence[Waitlisted],
    offer: ProgrammeCopy,
    moment: Moment,
    *,
    withdrawals: int,
    automatic: bool,
    by: Acting,
    least_days: int,
    type: TypeAsDecided | None = None,
) -> Foreseen:
    """What would come of so many withdrawals now, by itself or where it is not `automatic` by hand.

    `stands` is how the programme stands before, `waiting` are those who wait and would not be passed over, by rank: as many
    as might be promoted, if there are.
    """
    now = replace(known, freed=0, taken_away=0, promotion=None, leaving=())
    taken, behind = stands.taken - withdrawals, list(waiting)
    promoted = list[tuple[Waitlisted, ValidatedDecision]]()
    for done in range(withdrawals):
        now, then = places.place_freed(now), replace(stands, taken=taken, first=_first(behind))
        because, id = places.hindrance(now, then, moment), "" if then.first is None else then.first.application
        if because is None and automatic:
            now = places.offer_next(now, then, moment, id=id, by=by, automatic=True)
        elif because is None:
            now = places.offer_by_hand(now, then, moment, id=id, by=by, application=id)
        if (promotion := now.promotion) is None:
            return Foreseen(tuple(promoted), withdrawals - done, because)
        who = behind.pop(0)
        _, happened = places.promote(who.file, promotion, offer, moment, least_days=least_days, type=type)
        promoted += [(who, each.decision) for each in happened if isinstance(each, Decided)]
        now, taken = places.carried_out(now, promotion, promoted=True), taken + 1
    return Foreseen(tuple(promoted))


def _first(waiting: Sequence[Waitlisted]) -> First | None:
    decision = waiting[0].file.decision if waiting else None
    return None if decision is None else First(waiting[0].id, decision.entered.id)


def _faults(ids: Sequence[str] | None, count: int | None, holding: Sequence[str], taken: int) -> Iterator[FieldError]:
    if ids is not None and count is not None:
        yield FieldError("count", "either-count-or-files")
    if ids is not None and len(set(ids)) < len(ids):
        yield FieldError("ids", "repeated")
    if ids is not None and not set(ids) <= set(holding):
        yield FieldError("ids", "holds-no-place")
    if count is not None and count > taken:
        yield FieldError("count", "too-big", {"max": taken})
