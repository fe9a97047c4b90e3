"""Who has accepted a place is told how to enrol, once that is set (acceptance 86)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.applications.domain.enrolment import instruct
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document as Row


async def uninstructed(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Files of those who are to be told; none as long as nobody is to enrol."""
    enrolment = app.parameters.in_force.enrolment
    if enrolment.link_fr:
        async for row in app.uninstructed.all():
            yield row


async def tell(app: App, row: Row, command: CommandContext) -> bool:
    """Tell the candidate of one; answer whether a step was taken.

    Who cannot log in, their account being closed, is told once it is open again.
    """
    saved = app.applications.loaded(row)
    after, happened = instruct(saved.state, app.parameters.in_force.enrolment)
    if not happened or await app.closed_accounts.of(saved.state.account) is not None:
        return False
    return await app.applications.save(saved, Decision(after, happened, silent=True), command) is not None
