"""What would come of withdrawals: who would be offered the places, until when and under what (acceptance 89-91; ADR 103).

No rule is here: who is next, and on what terms, is asked of what promotes them. Nothing is noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.applications.domain import passing_on, places
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
class Listed:
    """A list of a programme: how its places stand before, and who wait on it and would not be passed over, by rank.

    As many as might be promoted, if there are. A programme without groups has one.
    """

    stands: Occupancy
    waiting: Sequence[Waitlisted]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Who would be offered a place, in order, and by which decision; how many places would stay, and why the first of these.

    Of the groups in `ends` there would be places for which nobody waits any more.
    """

    promoted: tuple[tuple[Waitlisted, ValidatedDecision], ...]
    left: int = 0
    because: Hindrance | None = None
    ends: frozenset[str | None] = frozenset()


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


def check_group(count: int | None, group: str | None, groups: Sequence[str]) -> None:
    """Whether it is said of whose places so many are given up, where a programme has groups; raises INVALID_FIELDS."""
    if group is not None and group not in groups:
        raise INVALID_FIELDS(fields=[FieldError("group", "unknown-group" if groups else "no-groups")])
    if count is not None and groups and group is None:
        raise INVALID_FIELDS(fields=[FieldError("group", "required")])


def foresee(
    known: Places,
    lists: Sequence[Listed],
    offer: ProgrammeCopy,
    moment: Moment,
    *,
    withdrawals: Sequence[str | None],
    automatic: bool,
    by: Acting,
    least_days: int,
    type: TypeAsDecided | None = None,
) -> Foreseen:
    """What would come of these withdrawals now, each from a place of a group or of none, by itself or where it is not
    `automatic` by hand.

    `lists` are those of the programme, in order, last that of who waits in no group.
    """
    now, gone = replace(known, freed=0, taken_away=0, promotion=None, leaving=(), of_groups=()), Counter(withdrawals)
    standing = _Standing(
        {each.stands.group: [*each.waiting] for each in lists},
        {each.stands.group: each.stands.group_taken - gone[each.stands.group] for each in lists},
    )
    taken = lists[-1].stands.taken - len(withdrawals)
    promoted, left = list[tuple[Waitlisted, ValidatedDecision]](), list[Hindrance | None]()
    ends = set[str | None]()
    for group in withdrawals:
        now = places.place_freed(now, group)
        pool, then = now.pools[0], [standing.of(each.stands, taken) for each in lists]
        while (assigned := passing_on.assigned(now, pool, then)) is not None:
            now, pool = assigned, assigned.pools[0]
        stands = passing_on.place_of(pool.group, then, passes_on=offer.passes_on)
        because, first = places.hindrance(now, stands, moment), stands.first
        if because is None and first is not None and automatic:
            now = places.offer_next(now, stands, moment, id=first.application, by=by, automatic=True)
        elif because is None and first is not None:
            id = first.application
            now = places.offer_by_hand(now, stands, moment, id=id, by=by, application=id)
        if (promotion := now.promotion) is None:
            left.append(because)
            ends |= {pool.group} if because is Hindrance.NOBODY else set()
            now = now.counted(pool.group, freed=-1)
            continue
        who = standing.leaves(promotion.application)
        _, happened = places.promote(who.file, promotion, offer, moment, least_days=least_days, type=type)
        promoted += [(who, each.decision) for each in happened if isinstance(each, Decided)]
        now, taken = places.carried_out(now, promotion, promoted=True), taken + 1
        standing.taken[promotion.group] += 1
        if promotion.by_hand:
            now = now.counted(pool.group, freed=-1)
    return Foreseen(tuple(promoted), len(left), left[0] if left else None, frozenset(ends))


@dataclass(slots=True)
class _Standing:
    """Who still waits, by list, and how many places of each group are taken."""

    waiting: Mapping[str | None, list[Waitlisted]]
    taken: dict[str | None, int]

    def of(self, stands: Occupancy, taken: int) -> Occupancy:
        """How a list stands now."""
        first = _first(self.waiting[stands.group])
        return replace(stands, taken=taken, group_taken=self.taken[stands.group], first=first)

    def leaves(self, application: str) -> Waitlisted:
        """Who was first on a list is on it no more."""
        found = next(each for each in self.waiting.values() if each and each[0].id == application)
        return found.pop(0)


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
