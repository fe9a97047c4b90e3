"""Giving the rows of the profile: studies elsewhere, internships, work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from services.accounts.domain.account import Account, Changed
from services.accounts.domain.changing_rows import add_row, change_row, remove_row
from services.accounts.domain.profile_rows import ProfileRow, RowsStep, row_faults, row_of
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases.app import App
from services.accounts.usecases.drafts import OF_ROWS
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.contracts.api import profile as api
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError


@dataclass(frozen=True, slots=True)
class RowAt:
    """A row that is there, and the version of it that the person saw, if they say so."""

    step: RowsStep
    id: str
    expected: int | None


def checked_row(
    app: App, step: RowsStep, body: api.RowBody, command: CommandContext
) -> tuple[ProfileRow, list[FieldError]]:
    """A row as it is kept, and what is wrong with it."""
    optional = {name for name, field in type(body).model_fields.items() if not field.is_required()}
    values = {name: (value or None) if name in optional else value for name, value in body.model_dump().items()}
    if country := values.get("country"):
        values["country"] = country.upper()
    row = row_of(step, values)
    return row, row_faults(row, today=app.today(command))


async def add(app: App, actor: Actor, step: RowsStep, body: api.RowBody, command: CommandContext) -> Outcome[Account]:
    """Add a row, whose id is the answer; raises INVALID_FIELDS, TOO_MANY_ROWS."""
    row, id = _checked(app, step, body, command), app.ids.new()
    from_year = app.rules.student_number_from
    outcome = await _change(
        app, actor, lambda account: add_row(account, step, id, row, from_year=from_year), command, answer=id
    )
    await app.drafts.forget(actor.account, OF_ROWS[step])
    return outcome


async def change(app: App, actor: Actor, at: RowAt, body: api.RowBody, command: CommandContext) -> Outcome[Account]:
    """Give a row anew; raises INVALID_FIELDS, NOT_FOUND, STALE_VERSION with what stands there now."""
    row, from_year = _checked(app, at.step, body, command), app.rules.student_number_from

    def decide(account: Account) -> Changed:
        return change_row(account, at.step, at.id, row, expected=at.expected, from_year=from_year)

    return await _change(app, actor, decide, command)


async def remove(app: App, actor: Actor, at: RowAt, command: CommandContext) -> Outcome[Account]:
    """Take a row away; one that is not there is away already. Raises STALE_VERSION."""
    from_year = app.rules.student_number_from

    def decide(account: Account) -> Changed:
        return remove_row(account, at.step, at.id, expected=at.expected, from_year=from_year)

    return await _change(app, actor, decide, command)


def _checked(app: App, step: RowsStep, body: api.RowBody, command: CommandContext) -> ProfileRow:
    row, faults = checked_row(app, step, body, command)
    if faults:
        raise INVALID_FIELDS(fields=faults)
    return row


async def _change(
    app: App, actor: Actor, decide: Callable[[Account], Changed], command: CommandContext, *, answer: Any = None
) -> Outcome[Account]:
    await require_live_session(app.accounts, app.sessions, actor, command.now)
    # What If-Match names is the version of the row, not of the account.
    outcome = await app.accounts.change(
        actor.account, lambda account: Decision(*decide(account), answer), replace(command, expected=None)
    )
    if outcome is None:
        raise NOT_FOUND()
    return outcome
