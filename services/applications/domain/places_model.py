"""What is known of the places of a programme, and how it stands at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from services.applications.domain.waiting import Passed
from services.contracts.actors import Acting


@dataclass(frozen=True, slots=True)
class First:
    """Who waits at the lowest rank: the application, and the id of the decision by which it waits."""

    application: str
    decision: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """That an application is to be offered a place, by a decision of that `id`.

    `waits_by` is the id of the decision by which it waits now: by another one it is not meant. It is given a place that has
    become free, one that was `taken_away`, or what staff want (`by_hand`); of the `group` of that code, if of any.
    """

    id: str
    application: str
    waits_by: str
    by: Acting
    by_hand: bool = False
    taken_away: bool = False
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Freed:
    """How many places of a group, or of none, have become free and were taken away, as `Places` counts them."""

    group: str | None
    freed: int = 0
    taken_away: int = 0


@dataclass(frozen=True, slots=True)
class Places:
    """What is known of the places of a programme in a campaign beside what its applications say themselves.

    `freed` counts places that have become free and nobody has looked at, `taken_away` those that staff have taken from
    people by putting them on the list: they are for others. `until` is the last day on which anybody is promoted.
    `leaving` are applications of people who are being forgotten, whose places are free once they are gone. `capacity` is
    what was told last, by the publisher's version `told`. Of groups the same is counted apart (`of_groups`), where there is
    something to count; `leaving_of` are the groups of whose places one is `leaving`.
    """

    campaign: str
    programme: str
    freed: int = 0
    promotion: Promotion | None = None
    until: date | None = None
    leaving: tuple[str, ...] = ()
    capacity: int | None = None
    told: int = 0
    taken_away: int = 0
    of_groups: tuple[Freed, ...] = ()
    leaving_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def pools(self) -> Sequence[Freed]:
        """Where places are free that nobody has looked at, that of no group last: whoever shares those out goes by what
        the groups have by then.
        """
        own = Freed(None, self.freed, self.taken_away)
        return tuple(each for each in (*self.of_groups, own) if each.freed or each.taken_away)

    def counted(self, group: str | None, *, freed: int = 0, taken_away: int = 0) -> Places:
        """With so many more of a group, or of none; never fewer than none."""
        there = next(
            (each for each in (Freed(None, self.freed, self.taken_away), *self.of_groups) if each.group == group),
            Freed(group),
        )
        after = Freed(group, max(0, there.freed + freed), max(0, there.taken_away + taken_away))
        if group is None:
            return replace(self, freed=after.freed, taken_away=after.taken_away)
        others = [each for each in self.of_groups if each.group != group]
        kept = (
            sorted((*others, after), key=lambda each: each.group or "") if after.freed or after.taken_away else others
        )
        return replace(self, of_groups=tuple(kept))

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be done."""
        return not self.pools and self.promotion is None and not self.leaving


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How a programme stands at a moment: how many places it has (None: any number) and are taken, and who is next.

    Those are `passed` over whose account is closed, as far as that was not said of them. Where it is not `is_open` nobody is
    brought to a place: its capacity is not known, it is offered no more, or its campaign is closed.

    Where the programme has groups it is how the places of a `group` stand beside those of the programme, or of none: how
    many there are of it (`group_places`) and are taken.
    """

    capacity: int | None
    taken: int
    first: First | None
    is_open: bool = True
    passed: tuple[Passed, ...] = ()
    group: str | None = None
    group_places: int | None = None
    group_taken: int = 0

    @property
    def has_room(self) -> bool:
        """Whether a place is free, of the programme and of the group."""
        full = self.capacity is not None and self.taken >= self.capacity
        return self.is_open and not full and not self.is_group_full

    @property
    def is_group_full(self) -> bool:
        """Whether all the places of the group are taken."""
        return self.group_places is not None and self.group_taken >= self.group_places


class Hindrance(StrEnum):
    """Why nobody is offered a place."""

    CLOSED = "closed"
    OVER = "over"
    FULL = "full"
    NOBODY = "nobody"
