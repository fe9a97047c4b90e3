"""What is said of the fees of many files at once: it stands beside the files, which stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.applications.domain import sheets
from services.applications.domain.bulk import BulkAct, BulkItem, FileStatus, status_of
from services.applications.domain.fees import Fees, FeesSaid
from services.applications.domain.model import Application
from services.applications.domain.reach import Reach
from services.applications.domain.sheets import Sheet
from services.applications.repository.bulk import done_before, remembered
from services.applications.usecases import review
from services.applications.usecases.app import App
from services.applications.usecases.listing import listed_behind
from services.applications.usecases.offers_joined import join_beside
from services.applications.usecases.pre_enrolments import fees_changed
from services.applications.usecases.review import Examined
from services.applications.usecases.sheets import fee_lists
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned


async def look(
    app: App, act: BulkAct, command: CommandContext, reaches: Sequence[Reach], id: str
) -> tuple[BulkItem, bool]:
    """What comes of it for one file, and whether this very request has done it before; raises NOT_FOUND, INVALID_FIELDS."""
    saved, reach = await review.reached_within(app, reaches, id)
    file = await review.examined(app, saved.state, reach)
    there = await app.sheets.get(saved.id)
    if there is not None and (known := app.sheets.repeated(there, _of_sheets(command))) is not None:
        return replace(done_before(saved, known.answer), beside=there.version), True
    sheet = Sheet(saved.state.account) if there is None else there.state
    item = _came_of(app, act, saved, file, sheet)
    return replace(item, beside=0 if there is None else there.version), False


async def carry_out(
    app: App, act: BulkAct, command: CommandContext, reaches: Sequence[Reach], item: BulkItem
) -> BulkItem:
    """Say it of one file, over the sheet that was looked at; raises NOT_FOUND, STALE_VERSION, BUSY."""
    saved, reach = await review.reached_within(app, reaches, item.id)
    file = await review.examined(app, saved.state, reach)

    def decide(sheet: Sheet) -> Decision[Sheet]:
        after, happened = sheets.set_fees(sheet, _said(act), fee_lists(app))
        return Decision(after, happened, remembered(_came_of(app, act, saved, file, sheet)))

    begun = Sheet(saved.state.account)
    of_sheets = replace(_of_sheets(command), expected=item.beside)
    async with listed_behind(app, item.id, command):
        outcome = await app.sheets.change_or_add(item.id, begun, decide, of_sheets)
        if item.changed:
            await fees_changed(app, item.id, command)
        if await app.cards.is_erased(begun.account):  # since we looked; what is kept beside the file goes with the rest
            await app.cards.erase(begun.account, command.now)
        await join_beside(app, saved, command)
    return done_before(saved, outcome.answer)


def _came_of(app: App, act: BulkAct, saved: Versioned[Application], file: Examined, sheet: Sheet) -> BulkItem:
    after, happened = sheets.set_fees(sheet, _said(act), fee_lists(app))
    before = _status(file, sheet.fees)
    return BulkItem(saved.id, saved.same_since, saved.state, before, _status(file, after.fees), changed=bool(happened))


def _status(file: Examined, fees: Fees) -> FileStatus:
    return replace(status_of(file.application, file.offer), fees=fees)


def _said(act: BulkAct) -> FeesSaid:
    return act.fees or FeesSaid(said=frozenset())


def _of_sheets(command: CommandContext) -> CommandContext:
    return replace(command, personal=False, expected=None)
