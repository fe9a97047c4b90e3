"""What staff keep beside the file of an offer goes over to the file of its person: notes, tags, whose it is, fees, a code.

Acceptance 44, 46, ADR 88.
"""

from __future__ import annotations

from contextlib import suppress

from services.applications.domain import pre_enrolment, sheets
from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.sheets import Sheet
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import DuplicateKey


async def take_beside(app: App, offer: str, own: Versioned[Application], command: CommandContext) -> None:
    """Have it beside the person's file, as far as staff have not said it there themselves; done again, it changes nothing.

    Raises BUSY.
    """
    there = await app.sheets.get(offer)
    if there is not None:
        of = there.state
        begun = Sheet(own.state.account)
        await app.sheets.change_or_add(own.id, begun, lambda sheet: Decision(*sheets.take_over(sheet, of)), command)
    await _take_code(app, offer, own, command)


async def _take_code(app: App, offer: str, own: Versioned[Application], command: CommandContext) -> None:
    """It stands on both files before the offer's gives it up, and on one of them whatever stops in between."""
    there = await app.pre_enrolments.get(offer)
    if there is None or not (code := there.state.own_code):
        return
    file = own.state
    begun = PreEnrolment(file.account, file.programme.code, file.campaign)
    taken = await app.pre_enrolments.change_or_add(
        own.id, begun, lambda record: Decision(*pre_enrolment.take_code(record, code)), command
    )
    await app.pre_enrolments.change(offer, lambda record: Decision(*pre_enrolment.give_code_up(record, code)), command)
    if taken.saved.state.own_code == code:
        with suppress(DuplicateKey):  # another file of this person's keeps it
            await app.pre_enrolments.change(own.id, lambda record: Decision(*pre_enrolment.keep_code(record)), command)
