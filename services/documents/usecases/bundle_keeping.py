"""Bundles go: with their day, with whose they are, and with whoever is in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Document as Row
from services.chassis.store.rows import each_of
from services.documents.domain import bundles
from services.documents.domain.bundles import KEPT, Bundle
from services.documents.usecases.app import App
from services.documents.usecases.bundle_parts import FOLDER, clear

STRAYING: Final = timedelta(hours=1)
"""Beyond which, once nobody can have a bundle any more, its bytes are not on their way either."""


async def sweep(app: App, row: Row, command: CommandContext) -> int:
    """Take a bundle away with its bytes; answer whether that was done, and not overtaken."""
    if not await app.bundles.remove(row["_id"], row["version"]):
        return 0
    # A worker that is at it finds that it is gone, and takes away what it has written since.
    await clear(app, row["_id"])
    return 1


async def forget(app: App, account: str, command: CommandContext) -> None:
    """Let nothing be left of one who is gone: their own bundles, and those of others that they are in.

    Raises NotYet where one has changed meanwhile.
    """

    async def remove(row: Row) -> None:
        if not await sweep(app, row, command) and await app.bundles.document(row["_id"]) is not None:
            raise NotYet("bundle")

    async def leave(row: Row) -> None:
        if account not in row.get("people", ()):
            return
        # Before it is said, so that what stops in between is done again; and behind it what a worker wrote meanwhile.
        await clear(app, row["_id"], row["attempts"])
        saved = await change(app, row["_id"], command, lambda there: bundles.without(there, account, command.now))
        if saved is not None:
            await clear(app, row["_id"], saved.state.attempts)
            app.bundles_asked.set()

    await each_of(app.bundles.rows_of(account), remove)
    await each_of(app.bundles.rows(), leave)


async def sweep_strays(app: App, command: CommandContext) -> int:
    """Take away bytes of which no bundle tells any more, as a stop may leave them; answer how many there were."""
    before, after, done = command.now - KEPT - STRAYING, "", 0
    while page := await app.objects.list(FOLDER, after=after):
        for info in page:
            if info.modified < before and await app.bundles.document(info.key.split("/")[1]) is None:
                done += await app.objects.delete(info.key)
        after = page[-1].key
    return done


async def change(
    app: App, id: str, command: CommandContext, decide: Callable[[Bundle], Bundle]
) -> Versioned[Bundle] | None:
    """Change a bundle, whatever it was that caused it; None if there is none such."""
    plain = replace(command, key=None, digest=None, expected=None, event=None, personal=False, written="")
    outcome = await app.bundles.change(id, lambda bundle: Decision(decide(bundle)), plain)
    return None if outcome is None else outcome.saved
