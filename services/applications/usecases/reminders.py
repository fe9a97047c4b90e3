"""Reminding candidates of drafts whose last day is near, by day and each once (acceptance 76)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.applications.domain.model import Application
from services.applications.domain.reminding import due, is_reminded, remind
from services.applications.repository import parts
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document as Row
from services.chassis.store.rows import PAGE
from services.contracts.events.accounts import ClosingChanged
from services.contracts.instants import calendar_day

FROM_HOUR: Final = 8
"""Nobody is reminded in the night."""


async def look_for_drafts(app: App, command: CommandContext) -> int:
    """Find, a page of each last day at a time, whose reminder is due; answer whether there may be more.

    Each morning anew, for a draft may have come to a last day that was looked at before.
    """
    if is_night(app, command):
        return 0
    today, days, more = app.moment(command).day, _days(app), 0
    await app.reminding.forget(today)
    for left in range(max(days) + 1):
        deadline = today + timedelta(days=left)
        number = due(deadline, today, days)
        if number is None:
            continue
        row = await app.reminding.of(deadline, number, today)
        if row["done"]:
            continue
        drafts = await app.applications.drafts_until(deadline, row["after"])
        for draft in drafts:
            if is_reminded(parts.reminder_in(draft.get("reminded")), deadline, number):
                continue
            await app.reminding.remind(draft["_id"], deadline, number)
        await app.reminding.go_on(row, drafts[-1]["_id"] if len(drafts) == PAGE else "")
        more += len(drafts) == PAGE
    return more


async def keep_closing(app: App, event: ClosingChanged, command: CommandContext) -> None:
    """Keep whether an account is closed; drafts of one that is open again are found by the next look."""
    await app.closed_accounts.keep(event, command.sequence)


async def remind_one(app: App, row: Row, command: CommandContext) -> int:
    """Remind one candidate; once, however often it is tried, by day, and not of what belongs to a closed account."""
    if is_night(app, command):
        return 0
    day, moment = calendar_day(row["deadline"]), app.moment(command)
    saved = await app.applications.get(row["application"])
    is_closed = saved is not None and await app.closed_accounts.of(saved.state.account) is not None
    if moment.day <= day and not is_closed:  # else it is of no use to anybody any more

        def decide(application: Application) -> Decision[Application]:
            return Decision(*remind(application, day, row["days"], moment), silent=True)

        await app.applications.change(row["application"], decide, command)
    await app.reminding.reminded(row)
    return 1


def is_night(app: App, command: CommandContext) -> bool:
    """Whether it is too early for a mail that only reminds."""
    return command.now.astimezone(app.zone).hour < FROM_HOUR


def _days(app: App) -> Sequence[int]:
    rules = app.parameters.in_force.applications
    return rules.first_reminder_days, rules.last_reminder_days
