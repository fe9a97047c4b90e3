"""Reminding candidates of drafts whose last day is near, by day and each once (acceptance 76)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.applications.domain.model import Application
from services.applications.domain.reminding import due, remind
from services.applications.domain.states import FileState
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import Document as Row
from services.chassis.store.rows import PAGE, each_of
from services.contracts.events.accounts import ClosingChanged
from services.contracts.instants import calendar_day

FROM_HOUR: Final = 8
"""Nobody is reminded in the night."""


async def look_for_drafts(app: App, command: CommandContext) -> int:
    """Find, a page of each last day at a time, whose reminder is due; answer whether there may be more."""
    if _is_night(app, command):
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


async def keep_closing(app: App, event: ClosingChanged, command: CommandContext) -> None:
    """Keep whether an account is closed; drafts of one that is open again are reminded of what they have missed."""
    await app.closed_accounts.keep(event, command.sequence)
    if await app.closed_accounts.of(event.account) is None:

        async def look(row: Row) -> None:
            await _remind_if_due(app, app.applications.loaded(row), command)

        await each_of(app.applications.rows_of(event.account), look)


async def _remind_if_due(app: App, saved: Versioned[Application], command: CommandContext) -> None:
    """Have the candidate of a draft reminded whose last day is near, whether or not that day was looked at before."""
    application = saved.state
    number = due(application.submission_deadline, app.moment(command).day, _days(app))
    if application.state is FileState.DRAFT and number is not None:
        await app.reminding.remind(saved.id, application.submission_deadline, number)


async def remind_one(app: App, row: Row, command: CommandContext) -> int:
    """Remind one candidate; once, however often it is tried, by day, and not of what belongs to a closed account."""
    if _is_night(app, command):
        return 0
    day, moment = calendar_day(row["deadline"]), app.moment(command)
    saved = await app.applications.get(row["application"])
    is_closed = saved is not None and await app.closed_accounts.of(saved.state.account) is not None
    if moment.day <= day and not is_closed:  # else it is of no use to anybody any more

        def decide(application: Application) -> Decision[Application]:
            return Decision(*remind(application, day, row["days"], moment))

        await app.applications.change(row["application"], decide, command)
    await app.reminding.reminded(row)
    return 1


def _is_night(app: App, command: CommandContext) -> bool:
    return command.now.astimezone(app.zone).hour < FROM_HOUR


def _days(app: App) -> Sequence[int]:
    rules = app.parameters.in_force.applications
    return rules.first_reminder_days, rules.last_reminder_days
