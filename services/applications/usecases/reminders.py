"""Reminding candidates of drafts whose last day is near, by day and each once (acceptance 76)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.applications.domain.model import Application
from services.applications.domain.reminding import due, remind
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document as Row
from services.chassis.store.rows import PAGE
from services.contracts.instants import calendar_day

FROM_HOUR: Final = 8
"""Nobody is reminded in the night."""


async def look_for_drafts(app: App, command: CommandContext) -> int:
    """Find, a page of each last day at a time, whose reminder is due; answer whether there may be more."""
    if command.now.astimezone(app.zone).hour < FROM_HOUR:
        return 0
    today, days, more = app.moment(command).day, _days(app), 0
    await app.reminding.forget(today)
    for left in range(max(days) + 1):
        deadline = today + timedelta(days=left)
        number = due(deadline, today, days)
        if number is None:
            continue
        row = await app.reminding.of(deadline, number)
        if row["done"]:
            continue
        drafts = await app.applications.drafts_until(deadline, row["after"])
        for draft in drafts:
            await app.reminding.remind(draft["_id"], deadline, number)
        await app.reminding.go_on(row, drafts[-1]["_id"] if len(drafts) == PAGE else "")
        more += len(drafts) == PAGE
    return more


async def remind_one(app: App, row: Row, command: CommandContext) -> int:
    """Remind one candidate; once, however often it is tried."""
    day, moment = calendar_day(row["deadline"]), app.moment(command)
    if moment.day <= day:  # else it is of no use to anybody any more

        def decide(application: Application) -> Decision[Application]:
            return Decision(*remind(application, day, row["days"], moment))

        await app.applications.change(row["application"], decide, command)
    await app.reminding.reminded(row)
    return 1


def _days(app: App) -> Sequence[int]:
    rules = app.parameters.in_force.applications
    return rules.first_reminder_days, rules.last_reminder_days
