"""What staff keep beside many files at once, their fees or who looks after them: the files stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.applications.domain import sheets
from services.applications.domain.bulk import BulkAct, BulkItem, FileStatus, SheetAction, status_of
from services.applications.domain.fees import FeesSaid
from services.applications.domain.listing import assignee_of
from services.applications.domain.marks import NOBODY
from services.applications.domain.model import Application
from services.applications.domain.reach import Reach
from services.applications.domain.sheets import Sheet
from services.applications.repository.bulk import done_before, remembered
from services.applications.repository.taking_part import taking_part
from services.applications.usecases import review
from services.applications.usecases.app import App
from services.applications.usecases.listing import listed_behind
from services.applications.usecases.offers_joined import join_beside
from services.applications.usecases.pre_enrolments import fees_changed
from services.applications.usecases.review import Examined
from services.applications.usecases.sheets import fee_lists
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.contracts.refusals import INVALID_FIELDS, FieldError


async def look(
    app: App, act: BulkAct, command: CommandContext, reaches: Sequence[Reach], id: str
) -> tuple[BulkItem, bool]:
    """What comes of it for one file, and whether this very request has done it before.

    Raises NOT_FOUND, RECUSED, INVALID_FIELDS.
    """
    saved, reach = await review.reached_within(app, reaches, id)
    there = await app.sheets.get(saved.id)
    if there is not None and (known := app.sheets.earlier(there, command)) is not None:
        return replace(done_before(saved, known.answer), beside=there.version), True
    reach.check_part(id)
    file = await review.examined(app, saved.state, reach)
    if act.assignee not in (None, NOBODY) and not await app.staff.acts(act.assignee or ""):
        raise INVALID_FIELDS(fields=[FieldError("assignee", "not-staff")])
    sheet = Sheet(saved.state.account) if there is None else there.state
    item = _came_of(app, act, saved, file, sheet)
    return replace(item, beside=0 if there is None else there.version), False


async def carry_out(
    app: App, act: BulkAct, command: CommandContext, reaches: Sequence[Reach], item: BulkItem
) -> BulkItem:
    """Say it of one file, over the sheet that was looked at; raises NOT_FOUND, RECUSED, STALE_VERSION, BUSY."""
    saved, reach = await review.reached_within(app, reaches, item.id)
    own = replace(taking_part(command, item.id, reach), personal=False, expected=None)
    file = await review.examined(app, saved.state, reach)

    def decide(sheet: Sheet) -> Decision[Sheet]:
        after, happened = _decide(app, act, sheet)
        return Decision(after, happened, remembered(_came_of(app, act, saved, file, sheet)))

    begun = Sheet(saved.state.account)
    async with listed_behind(app, item.id, command):
        outcome = await app.sheets.change_or_add(item.id, begun, decide, replace(own, expected=item.beside))
        if item.changed and act.action is SheetAction.SET_FEES:
            await fees_changed(app, item.id, own)
        if await app.cards.is_erased(begun.account):  # since we looked; what is kept beside the file goes with the rest
            await app.cards.erase(begun.account, command.now)
        await join_beside(app, saved, command)
    return done_before(saved, outcome.answer)


def _decide(app: App, act: BulkAct, sheet: Sheet) -> sheets.Changed:
    if act.action is SheetAction.ASSIGN:
        return sheets.assign(sheet, None if act.assignee == NOBODY else act.assignee)
    return sheets.set_fees(sheet, _said(act), fee_lists(app))


def _came_of(app: App, act: BulkAct, saved: Versioned[Application], file: Examined, sheet: Sheet) -> BulkItem:
    after, happened = _decide(app, act, sheet)
    before = _status(act, file, sheet)
    said = after.assignee_version if act.action is SheetAction.ASSIGN else after.fees_version
    status = _status(act, file, after)
    return BulkItem(saved.id, saved.same_since, saved.state, before, status, changed=bool(happened), said=said)


def _status(act: BulkAct, file: Examined, sheet: Sheet) -> FileStatus:
    there = status_of(file.application, file.offer)
    if act.action is SheetAction.ASSIGN:
        return replace(there, assignee=assignee_of(sheet))
    return replace(there, fees=sheet.fees)


def _said(act: BulkAct) -> FeesSaid:
    return act.fees or FeesSaid(said=frozenset())
