"""How far somebody of staff reaches: to which files, and as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.applications.domain.states import FileState
from services.contracts.actors import Role


@dataclass(frozen=True, slots=True)
class Reach:
    """The files of some `programmes`, by code, or of all; in one state alone, or in any.

    `centres` are those of which all programmes are among them.
    """

    role: Role
    programmes: frozenset[str] | None
    state: FileState | None = None
    centres: frozenset[str] = frozenset()

    def holds(self, programme: str) -> bool:
        """Whether the programme of that code is one of them."""
        return self.programmes is None or programme in self.programmes


def is_reached(reaches: Iterable[Reach], programme: str, state: FileState) -> bool:
    """Whether one of these lets somebody to a file of that programme while it is in that state."""
    return any(reach.holds(programme) and reach.state in (None, state) for reach in reaches)


def reach_of(role: Role, programmes: frozenset[str] | None, centres: frozenset[str] = frozenset()) -> Reach:
    """What a role sees of these programmes: a commission's member a file only once it was found complete (acceptance 77)."""
    return Reach(role, programmes, FileState.COMPLETE if role is Role.COMMISSION else None, centres)
