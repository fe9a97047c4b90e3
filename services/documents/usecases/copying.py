"""What others tell is copied for the papers: how files stand, and profiles."""

from __future__ import annotations

from services.chassis.context import CommandContext
from services.contracts.events.accounts import CardChanged, ClosingChanged, StaffChanged
from services.contracts.events.applications import FileChanged
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.documents.usecases import handing_over, registrar_files
from services.documents.usecases.app import App


async def keep_file(app: App, event: FileChanged, command: CommandContext) -> None:
    """Keep how a file stands; nothing of one whose owner is gone, which may have been told before this."""
    await app.papers.keep_file(event, command.sequence)
    if await app.gone.is_erased(event.account):
        await app.papers.erase(event.account)
        return
    await registrar_files.ask_for(app, event, command)
    await handing_over.follow(app, event, command)


async def keep_programme(app: App, event: ProgrammePublished | ProgrammeChanged, command: CommandContext) -> None:
    """Keep to which centre and commission a programme belongs: who may read and whose words count is said by it."""
    await app.programmes.keep(event.programme)


async def keep_card(app: App, event: CardChanged, command: CommandContext) -> None:
    """Keep a profile as it stands, rows and all; who is gone stays gone."""
    rows = {} if event.rows is None else event.rows.model_dump(mode="json", exclude_none=True)
    steps = event.steps.model_dump(mode="json", exclude_none=True)
    await app.papers.keep_card(event.account, event.version, steps | rows)


async def keep_staff(app: App, event: StaffChanged, command: CommandContext) -> None:
    """Keep what a member of staff may do; nothing of one who is gone, which may have been told before this."""
    await app.staff.keep(event.account, command.sequence, event.grants)
    if await app.gone.is_erased(event.account):
        await app.staff.erase(event.account)


async def keep_closing(app: App, event: ClosingChanged, command: CommandContext) -> None:
    """Keep whether an account is closed: staff take nothing in for it while it is."""
    await app.closed_accounts.keep(event, command.sequence)
