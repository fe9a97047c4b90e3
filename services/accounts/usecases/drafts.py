"""Keeping what somebody types before they save it (acceptance 34)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from services.accounts.domain.profile_rows import RowsStep
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases.app import App
from services.chassis.context import Actor, CommandContext
from services.chassis.ports import Document
from services.contracts.api.profile import DraftStep
from services.contracts.api.rights import DraftExport
from services.contracts.refusals import NOT_FOUND, RefusedError

OF_ROWS: Mapping[RowsStep, DraftStep] = {
    "external_studies": "external-studies",
    "internships": "internships",
    "work_experience": "work-experience",
}


async def draft(app: App, actor: Actor, step: DraftStep, command: CommandContext) -> Document:
    """What was typed into a step and not saved; raises NOT_FOUND."""
    await require_live_session(app.accounts, app.sessions, actor, command.now)
    found = await app.drafts.of(actor.account, step)
    if found is None:
        raise NOT_FOUND()
    return found


async def keep_draft(
    app: App, actor: Actor, step: DraftStep, values: Mapping[str, str], command: CommandContext
) -> None:
    """Keep what is typed, whatever it is; raises SESSION_ENDED, also for who is erased while they type."""
    await require_live_session(app.accounts, app.sessions, actor, command.now)
    await app.drafts.keep(actor.account, step, values, command.now)
    try:
        await require_live_session(app.accounts, app.sessions, actor, command.now)
    except RefusedError:
        await app.drafts.forget_all(actor.account)
        raise


async def forget_draft(app: App, actor: Actor, step: DraftStep, command: CommandContext) -> None:
    """Forget what was typed; raises SESSION_ENDED."""
    await require_live_session(app.accounts, app.sessions, actor, command.now)
    await app.drafts.forget(actor.account, step)


async def all_drafts(app: App, actor: Actor) -> list[DraftExport]:
    """What was typed into every step and not saved, in the order of the steps."""
    found = [(step, await app.drafts.of(actor.account, step)) for step in get_args(DraftStep)]
    return [
        DraftExport(step=step, values=row["values"], saved_at=row["saved_at"]) for step, row in found if row is not None
    ]
