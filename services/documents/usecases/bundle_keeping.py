"""Bundles as work in the background, which goes with whoever is in it."""

from __future__ import annotations

from services.chassis.context import CommandContext
from services.chassis.ports import Document as Row
from services.chassis.store.rows import each_of
from services.chassis.work.background import Background
from services.documents.domain.bundles import Bundle, without
from services.documents.usecases.app import App


def background(app: App) -> Background[Bundle]:
    """All bundles as work in the background."""
    return Background(app.bundles, app.objects, app.clock, app.ids, app.bundles_asked)


async def forget(app: App, account: str, command: CommandContext) -> None:
    """Let nothing be left of one who is gone: their own bundles, and those of others that they are in.

    Raises NotYet where one has changed meanwhile.
    """
    work = background(app)

    async def leave(row: Row) -> None:
        if account not in row.get("people", ()):
            return
        # Before it is said, so that what stops in between is done again; and behind it what a worker wrote meanwhile.
        await work.clear(row["_id"], row["attempts"])
        saved = await work.change(row["_id"], command, lambda there: without(there, account, command.now))
        if saved is not None:
            await work.clear(row["_id"], saved.state.attempts)
            app.bundles_asked.set()

    async def leave_noted(noted: Row) -> None:
        # Where there is none the note was written ahead of it, and who is in it must be found as soon as it is there.
        if (row := await app.bundles.document(noted["bundle"])) is not None:
            await leave(row)
            await app.bundle_people.let_go(noted)

    await work.forget(app.bundles.rows_of(account), command)
    await each_of(app.bundle_people.of(account), leave_noted)
    await each_of(app.bundles.unnoted(), leave)


async def sweep_note(app: App, noted: Row, command: CommandContext) -> int:
    """Forget who was in a bundle that is gone; answer whether that was done."""
    return int(await app.bundles.document(noted["bundle"]) is None and await app.bundle_people.let_go(noted))
