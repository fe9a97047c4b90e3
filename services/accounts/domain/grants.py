"""What somebody of the university may do, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.contracts.actors import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, for some centres and some commissions, by their codes in order; None is all of them.

    `until` is the last day on which it is in force, inclusive.
    """

    role: Role
    centres: tuple[str, ...] | None = None
    commissions: tuple[str, ...] | None = None
    until: date | None = None


def in_force(grants: Sequence[Grant], day: date) -> tuple[Grant, ...]:
    """Those that are in force on a day."""
    return tuple(grant for grant in grants if grant.until is None or day <= grant.until)


def with_grant(grants: Sequence[Grant], given: Grant) -> tuple[Grant, ...]:
    """The grants with one more; of two that say the same but for their last day the later given stays."""
    others = (g for g in grants if (g.role, g.centres, g.commissions) != (given.role, given.centres, given.commissions))
    return (*others, given)
