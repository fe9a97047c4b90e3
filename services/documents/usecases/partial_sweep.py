"""What goes of uploads that could go on: by the clock, with their owner, or because the file will never be taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.chassis.context import CommandContext
from services.chassis.failpoints import failpoint
from services.chassis.ports import Document as Row
from services.chassis.store.rows import each_of
from services.documents.domain import partial as partials
from services.documents.repository.partials import OpenUpload
from services.documents.usecases.app import App


def due(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Uploads that have been open for long enough, and answers that were kept for long enough."""
    return app.partials.due(command.now)


async def sweep(app: App, row: Row, command: CommandContext) -> bool:
    """Let one go; answer whether a step was taken."""
    return await drop(app, app.partials.loaded(row))


async def forget(app: App, account: str) -> None:
    """Let all of an account go that was erased; who goes on with one meanwhile finds that, and lets it go."""

    async def let_go(row: Row) -> None:
        await drop(app, app.partials.loaded(row))

    await each_of(app.partials.of_account(account), let_go)


async def drop(app: App, saved: OpenUpload) -> bool:
    """To nobody there first, then no bytes, then no row: what a crash leaves is found by the sweep.

    False if somebody has gone on with it since it was read.
    """
    ending = saved
    if not saved.partial.ending:
        marked = await app.partials.put(saved, partials.end(saved.partial))
        if marked is None:
            return False
        ending = marked
    failpoint("documents.partial-ending")
    for piece in ending.partial.pieces:
        await app.objects.delete(piece.object)
    return await app.partials.remove(ending)
