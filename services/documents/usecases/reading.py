"""What staff are given of a candidate's is noted before the first byte of it is sent (acceptance 94)."""

from __future__ import annotations

from services.chassis.context import CommandContext
from services.contracts.actors import ActorKind
from services.documents.usecases.app import App


async def note(app: App, account: str, what: str, command: CommandContext) -> None:
    """Note who of staff is given `what` of an account's, also in the person's place; one's own is nobody's business."""
    if command.actor.kind is not ActorKind.STAFF:
        return
    await app.reads.note(app.ids.new(), command.actor, account, what, command.now)
    if await app.gone.is_erased(account):
        await app.reads.erase(account)
