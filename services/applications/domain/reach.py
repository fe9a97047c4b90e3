"""How far somebody of staff reaches: to which files, and as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.applications.domain.states import FileState
from services.contracts.actors import Role
from services.contracts.refusals.applications import RECUSED


@dataclass(frozen=True, slots=True)
class Reach:
    """The files of some `programmes`, by code, or of all; in some `states` alone (acceptance 77), or in any.

    `centres` are those of which all programmes are among them. In the files that are `recused` one has no part.
    """

    role: Role
    programmes: frozenset[str] | None
    states: frozenset[FileState] | None = None
    centres: frozenset[str] = frozenset()
    recused: frozenset[str] = frozenset()

    def holds(self, programme: str) -> bool:
        """Whether the programme of that code is one of them."""
        return self.programmes is None or programme in self.programmes

    def holds_all(self, programmes: Iterable[str]) -> bool:
        """Whether all the programmes of these codes are among them."""
        return all(map(self.holds, programmes))

    def check_part(self, file: str) -> None:
        """Raise RECUSED where one has no part in the file of that id."""
        if file in self.recused:
            raise RECUSED()

    def is_seen(self, state: str) -> bool:
        """Whether a file of theirs is seen in that state, by its name."""
        return self.states is None or state in self.states


def is_reached(reaches: Iterable[Reach], programme: str, state: FileState) -> bool:
    """Whether one of these lets somebody to a file of that programme while it is in that state."""
    return any(reach.holds(programme) and reach.is_seen(state) for reach in reaches)


def recused_from(reaches: Iterable[Reach]) -> frozenset[str]:
    """The files in which who has these has no part."""
    return frozenset().union(*(reach.recused for reach in reaches))
