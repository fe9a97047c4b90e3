"""Who has no part in a file changes nothing of it: a command of staff that did not ask is not written (ADR 102)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

from services.applications.domain.reach import Reach
from services.applications.repository.audit import AuditedRepository
from services.chassis.context import CommandContext
from services.contracts.actors import ActorKind
from services.contracts.refusals.applications import RECUSED

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TakingPart(CommandContext):
    """A command of staff on what is of one `file`, and whether they are `recused` from it."""

    file: str = ""
    recused: bool = False


def taking_part(command: CommandContext, file: str, reach: Reach | None = None) -> TakingPart:
    """The command as it may be written on what is of that file, which was found within the `reach` of who gives it.

    Without a reach: what has been asked before, and is now carried out in their name.
    """
    given = {each.name: getattr(command, each.name) for each in fields(CommandContext)}
    return TakingPart(**given, file=file, recused=reach is not None and file in reach.recused)


def check_part(command: CommandContext, file: str) -> None:
    """Raise RECUSED where who gives it has no part in the file; TypeError where nobody has asked."""
    if command.actor.kind is not ActorKind.STAFF:
        return
    if not isinstance(command, TakingPart) and command.on_behalf_of is not None:
        return  # by a token of the candidate's that names a deputy, whom it lets do what the candidate may
    if not isinstance(command, TakingPart) or command.file != file:
        raise TypeError(f"a command of staff on {file} that has not asked what part they have in it")
    if command.recused:
        raise RECUSED()


class OfFiles(AuditedRepository[T]):
    """What is of one file each: who has no part in that is refused, but for what they did before, which is answered anew."""

    def admit(self, id: str, command: CommandContext) -> None:
        """Raise RECUSED where who gives a command has no part in the file."""
        check_part(command, self.file_of(id))
