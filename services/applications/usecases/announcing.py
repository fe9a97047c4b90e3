"""Telling others anew how files stand, when they have missed it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from services.applications.domain.events import ToldAgain
from services.applications.usecases.app import App
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision


def every_file(app: App) -> AsyncGenerator[str, None]:
    """All applications, by id, also those that cannot be read."""
    return app.applications.ids()


async def announce_file(app: App, id: str, command: CommandContext) -> None:
    """How a file stands, with what was submitted last; raises UnreadableRow, BUSY if it changes all the time."""
    saved = await app.applications.get(id)
    if saved is None:
        return
    refs = saved.state.submissions
    submission = await app.submissions.of(Actor(saved.state.account), refs[-1]) if refs else None
    await app.applications.change(
        id,
        # Who has submitted again meanwhile has told of that; with the submission of before nothing is told of it.
        lambda state: Decision(state, [ToldAgain(submission)] if state.submissions == refs else ()),
        command,
    )
