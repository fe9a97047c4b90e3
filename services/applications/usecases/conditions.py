"""Staff follow the conditions of admissions, and candidates are told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

from services.applications.domain import conditions
from services.applications.domain.condition_states import ConditionState
from services.applications.domain.events import Change
from services.applications.domain.model import Application
from services.applications.usecases.app import App
from services.applications.usecases.review import Examined, change_examined
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.ports import Document as Row
from services.contracts.instants import instant_text


async def mark(
    app: App,
    actor: Actor,
    id: str,
    number: int,
    command: CommandContext,
    *,
    decision: str,
    state: ConditionState,
    on: date | None,
    reason: str | None,
    seen: str | None = None,
) -> Outcome[Application]:
    """Say what is found of a condition; raises NOT_FOUND, BUSY, STALE_VERSION and whatever the domain's does."""
    moment = app.moment(command)

    def decide(file: Examined) -> Change:
        return conditions.mark(
            file.application,
            decision,
            number,
            state,
            moment,
            role=file.reach.role,
            by=command.acting,
            on=on,
            reason=reason,
            seen=None if seen is None else lambda at: seen == ("" if at is None else instant_text(at)),
        )

    return await change_examined(app, actor, id, command, decide, afterwards=True)


async def untold(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Files whose candidates have waited long enough for what staff have found of conditions."""
    minutes = timedelta(minutes=app.parameters.in_force.applications.conditions_minutes)
    async for row in app.applications.conditions_untold(command.now - minutes):
        yield row


async def gather(app: App, row: Row, command: CommandContext) -> bool:
    """Tell one candidate in one what staff have found of conditions; answer whether a step was taken."""
    before = command.now - timedelta(minutes=app.parameters.in_force.applications.conditions_minutes)
    outcome = await app.applications.change(
        row["_id"], lambda file: Decision(*conditions.gather(file, before), silent=True), command
    )
    return outcome is not None and bool(outcome.events)


async def due(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Files with a condition whose day is near, or over, and of which nobody was reminded."""
    days = timedelta(days=app.parameters.in_force.applications.condition_reminder_days)
    async for row in app.applications.conditions_due(app.moment(command).day + days):
        yield row


async def remind(app: App, row: Row, command: CommandContext) -> bool:
    """Remind one candidate of conditions whose day is near; answer whether a step was taken.

    Nobody is reminded who cannot log in, their account being closed: they are if it is opened again in time.
    """
    if await app.closed_accounts.of(row["account"]) is not None:
        return False
    moment, days = app.moment(command), app.parameters.in_force.applications.condition_reminder_days
    outcome = await app.applications.change(
        row["_id"], lambda file: Decision(*conditions.remind(file, moment, days), silent=True), command
    )
    return outcome is not None and bool(outcome.events)
