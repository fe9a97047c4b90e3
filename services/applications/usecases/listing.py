"""Keeping the rows of lists as the files are: after each change, and all of them anew where somebody wishes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.listing import (
    Row,
    assignee_of,
    decided_of,
    entered_of,
    marks_of,
    name_key,
    pile_of,
    waiting_of,
)
from services.applications.domain.model import Application
from services.applications.domain.sheets import Sheet
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.ports import Document
from services.chassis.store.rows import UnreadableRow, tell
from services.contracts.events.applications import FileChanged

BATCH: Final = 200
"""Rows that are made anew at a time."""
CLAIMED: Final = timedelta(minutes=5)
"""For so long a batch, or what one file is owed, is one process's, which may have died with it."""


async def keep_file(app: App, event: FileChanged, command: CommandContext) -> None:
    """Have lists show a file as it stands now; raises UnreadableRow."""
    await keep_row(app, event.application)


async def keep_person(app: App, account: str) -> None:
    """Have lists show a candidate's name and address as their card has it now, with each of their files."""
    async for row in app.applications.rows_of(account):
        await keep_readable(app, row["_id"])


async def rebuild(app: App, command: CommandContext) -> tuple[int, int]:
    """Make all rows anew, each as its file stands when its turn comes, while others go on changing.

    Answers how many files have their row, and how many cannot be read.
    """
    made, unreadable = 0, 0
    async with aclosing(app.applications.ids()) as ids:
        async for id in ids:
            try:
                await keep_row(app, id)
                made += 1
            except UnreadableRow as error:
                tell("applications", error)
                unreadable += 1
    async with aclosing(app.listing.ids()) as ids:
        async for id in ids:
            if not await app.applications.is_there(id):
                await keep_row(app, id)
    return made, unreadable


async def renew(app: App, command: CommandContext) -> int:
    """Make some rows anew that an older release may have made, each batch by one process; answers how many."""
    claim = await app.listing.renewal(command.now, command.now + CLAIMED)
    if claim is None:
        return 0
    made, last = 0, claim["after"]
    async with aclosing(app.applications.ids(last)) as ids:
        async for last in ids:
            await keep_readable(app, last)
            if (made := made + 1) == BATCH:
                break
    await app.listing.renewed(claim, last, done=made < BATCH)
    return made


@asynccontextmanager
async def listed_behind(app: App, id: str, command: CommandContext) -> AsyncIterator[None]:
    """Have lists show what is changed within beside a file; where that stops in between, `pay` has them show it."""
    note = app.ids.new()
    await app.listing.owe(note, id, command.now + CLAIMED)
    yield
    await keep_readable(app, id)
    await app.listing.paid(note)


async def pay(app: App, owed: Document, command: CommandContext) -> int:
    """Have lists show a file beside which something changed while its row was owed; answer whether it still was."""
    await keep_readable(app, owed["file"])
    return int(await app.listing.paid(owed["_id"]))


async def keep_readable(app: App, id: str) -> None:
    """The same as `keep_row`; a file that cannot be read is told of, and keeps nobody else waiting."""
    try:
        await keep_row(app, id)
    except UnreadableRow as error:
        tell("applications", error)


async def keep_row(app: App, id: str) -> None:
    """Have lists show a file as it stands now, or not at all where it is gone; raises UnreadableRow."""

    async def look() -> Row | None:
        saved, (entry, sheet) = await app.applications.beside(id, app.decisions.asked(id), app.sheets.asked(id))
        if saved is None:
            return None
        programme = saved.state.programme
        whose = saved.state.account
        (named, written), kept = await app.programmes.beside(
            [app.cards.asked(whose), app.languages.asked(whose)], programme.code, saved.state.campaign
        )
        card = app.cards.card_in(named)
        identity = {} if card is None else card.steps.get("identity", {})
        centre = (programme if kept is None else kept[0].programme).centre["code"]
        entered, mail = app.decisions.entered_in(entry), app.languages.email_in(written)
        return row_of(saved.state, centre, identity, entered, _sheet(app, sheet), mail=mail)

    await app.listing.keep(id, look)


def _sheet(app: App, row: Document | None) -> Sheet | None:
    """What is beside a file; one that cannot be read is told of, and lists show the file without it."""
    try:
        return None if row is None else app.sheets.loaded(row).state
    except UnreadableRow as error:
        tell("applications", error)
        return None


def row_of(
    application: Application,
    centre: str,
    identity: Mapping[str, Any],
    entered: EnteredDecision | None = None,
    sheet: Sheet | None = None,
    *,
    mail: str = "",
) -> Row:
    """The row of a file, under the names and the address of its candidate and the centre that its programme belongs to."""
    family_name, given_name = identity.get("family_name"), identity.get("given_name")
    waiting, decision = waiting_of(application), application.decision
    of = None if decision is None else decision.entered.type
    submissions = application.submissions
    submitted_at = submissions[-1].submitted_at if submissions else None
    return Row(
        pile=pile_of(application, waiting),
        account=application.account,
        centre=centre,
        programme=application.programme.code,
        campaign=application.campaign,
        title=application.programme.title,
        number=application.file_number.lower(),
        name=name_key(family_name, given_name),
        given=name_key(given_name, family_name) if given_name else "",
        since=submitted_at or application.opened_at,
        opened_at=application.opened_at,
        submitted_at=submitted_at,
        deadline=application.submission_deadline,
        waiting=waiting,
        decided=decided_of(application).value,
        entered=entered_of(application, entered),
        called=None if of is None else dict(of.label),
        assignee=assignee_of(sheet),
        marks=marks_of(application, sheet),
        mail=name_key(mail),
    )
