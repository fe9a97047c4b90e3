"""What somebody of the university may do, and where; who has given it, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from services.contracts.actors import Role
from services.contracts.refusals import FieldError

MOST_BYTES: Final = 1600
"""Of all rights of somebody, as their token says them: with it a session fits into one cookie of a browser."""


@dataclass(frozen=True, slots=True)
class Giving:
    """Who gave a right, by kind and opaque id as events name them, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, for some centres and some commissions, by their codes in order; None is all of them.

    `since` and `until` are the first and the last day on which it is in force, inclusive. `giving` is None where a
    release gave it that kept nothing of this.
    """

    role: Role
    centres: tuple[str, ...] | None = None
    commissions: tuple[str, ...] | None = None
    until: date | None = None
    since: date | None = None
    giving: Giving | None = None

    def is_in_force(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def claim(self) -> dict[str, Any]:
        """What a token says of it: the days are looked at when it is signed."""
        said = {"role": self.role.value, "centres": self.centres, "commissions": self.commissions}
        return {name: value for name, value in said.items() if value is not None}

    def covers(self, other: Grant, day: date) -> bool:
        """Whether it is for the same, and runs on every day from `day` on which the other does."""
        return (
            (self.role, self.centres, self.commissions) == (other.role, other.centres, other.commissions)
            and (self.since or day) <= max(other.since or day, day)
            and (self.until is None or (other.until is not None and other.until <= self.until))
        )

    @property
    def administers(self) -> bool:
        """Whether one may give rights to others by it: an admin of everything."""
        return self.role is Role.ADMIN and self.centres is None and self.commissions is None

    def says(self, other: Grant) -> bool:
        """Whether both give the same, whoever gave them."""
        return replace(self, giving=None) == replace(other, giving=None)


def in_force(grants: Sequence[Grant], day: date) -> tuple[Grant, ...]:
    """Those that are in force on a day."""
    return tuple(grant for grant in grants if grant.is_in_force(day))


def with_grant(grants: Sequence[Grant], given: Grant) -> tuple[Grant, ...]:
    """The grants with one more; of two that say the same but for their days the later given stays."""
    if any(given.says(there) for there in grants):
        return tuple(grants)
    others = (g for g in grants if (g.role, g.centres, g.commissions) != (given.role, given.centres, given.commissions))
    return (*others, given)


def beside(grants: Sequence[Grant], given: Grant, today: date) -> tuple[Grant, ...]:
    """The grants with one more, and none fewer; as they are where one of them covers all its days."""
    return tuple(grants) if any(there.covers(given, today) for there in grants) else (*grants, given)


def replaced(grants: Sequence[Grant], wanted: Sequence[Grant]) -> tuple[Grant, ...]:
    """Those that are wanted in place of all others; one that is there already stays as it was given."""
    return tuple(next((there for there in grants if there.says(each)), each) for each in wanted)


def administers(grants: Sequence[Grant], day: date) -> bool:
    """Whether one may give rights to others on a day: an admin of everything."""
    return any(grant.administers for grant in in_force(grants, day))


def will_administer(grants: Sequence[Grant], day: date) -> bool:
    """Whether one may give rights to others on a day or on one after it."""
    return any(grant.administers and (grant.until is None or day <= grant.until) for grant in grants)


def administration_lost(before: Sequence[Grant], kept: Sequence[Grant], today: date) -> bool:
    """Whether there are days, from today, on which somebody could give rights to others and nobody who is kept can."""
    return any(
        will_administer([grant], today) and not any(other.covers(grant, today) for other in kept) for grant in before
    )


def size_faults(grants: Sequence[Grant], wanted: Sequence[Grant]) -> list[FieldError]:
    """What is wrong with grants that are more than a session can bear, unless those whose place they take are as many."""
    if _size(wanted) <= max(MOST_BYTES, _size(grants)):
        return []
    most = max(number for number in range(len(wanted)) if _size(wanted[:number]) <= MOST_BYTES)
    return [FieldError("grants", "too-many", {"max": most})]


def _size(grants: Sequence[Grant]) -> int:
    return len(json.dumps([grant.claim for grant in grants], separators=(",", ":")))


def grant_faults(grants: Sequence[Grant], wanted: Sequence[Grant], today: date) -> list[FieldError]:
    """What is wrong with grants that are to take the place of others: too many, days in disorder or past, one given twice.

    Days that stand there already may be past by now.
    """
    if faults := size_faults(grants, wanted):
        return faults
    for number, each in enumerate(wanted):
        if any(each.says(before) for before in wanted[:number]):
            faults.append(FieldError(f"grants.{number}.role", "given-twice"))
        elif not any(each.says(there) for there in grants):
            began = {there.since for there in grants}
            faults += [FieldError(f"grants.{number}.{name}", rule) for name, rule in _day_faults(each, began, today)]
    return faults


def _day_faults(grant: Grant, began: set[date | None], today: date) -> Iterator[tuple[str, str]]:
    if grant.since is not None and grant.since < today and grant.since not in began:
        yield "valid_from", "day-is-past"
    if grant.until is not None and grant.until < today:
        yield "valid_until", "day-is-past"
    elif grant.until is not None and grant.since is not None and grant.until < grant.since:
        yield "valid_until", "before-its-beginning"
