"""How far somebody of staff reaches: to which files, and so to what lies in them."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from services.contracts.actors import Role

EXAMINING: Final = (Role.MANAGER, Role.COMMISSION)
"""Who examines files, and reads what lies in them."""


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody may do for some centres and some commissions; None is all of them."""

    role: str
    centres: AbstractSet[str] | None = None
    commissions: AbstractSet[str] | None = None


@dataclass(frozen=True, slots=True)
class Belonging:
    """To which centre a programme belongs today, and which commission decides on it."""

    centre: str
    commission: str | None = None


def holds(right: Right, centre: str) -> bool:
    """Whether all of a centre is within the right, whatever boards it has."""
    return right.commissions is None and (right.centres is None or centre in right.centres)


def reaches(
    right: Right,
    programme: Belonging | None,
    state: str,
    seen: Collection[str],
    *,
    roles: Collection[Role] = EXAMINING,
) -> bool:
    """Whether a file in this state is within the right, if that is of one of these roles.

    Of a programme that is not known it is within a right for all alone.

    `seen` are the states in which a commission sees files, as applications names them (acceptance 77).
    """
    if right.role not in roles or (right.role == Role.COMMISSION and state not in seen):
        return False
    if programme is None:
        return right.centres is None and right.commissions is None
    return (right.centres is None or programme.centre in right.centres) and (
        right.commissions is None or programme.commission in right.commissions
    )
