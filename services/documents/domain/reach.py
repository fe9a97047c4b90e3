"""How far somebody of staff reaches: to which files, and so to what lies in them."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.contracts.actors import Role


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


def reaches(right: Right, programme: Belonging | None, state: str, seen: Collection[str]) -> bool:
    """Whether a file in this state is within the right; of a programme that is not known, within one for all alone.

    `seen` are the states in which a commission sees files, as applications names them (acceptance 77).
    """
    if right.role != Role.MANAGER and (right.role != Role.COMMISSION or state not in seen):
        return False
    if programme is None:
        return right.centres is None and right.commissions is None
    return (right.centres is None or programme.centre in right.centres) and (
        right.commissions is None or programme.commission in right.commissions
    )
