"""What applications do with documents, heard by events; and what goes when nobody holds it any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.events.inbox import NotYet
from services.chassis.failpoints import failpoint
from services.chassis.ports import Document as Row
from services.chassis.store.rows import each_of
from services.contracts.events.accounts import AccountErased
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationSubmitted,
    PieceDeposited,
    PieceRemoved,
)
from services.contracts.events.held import PieceHeld
from services.documents.domain import document as documents
from services.documents.domain.document import Attachment, Document, Reason
from services.documents.domain.states import State
from services.documents.publications import without_person
from services.documents.usecases import bundle_keeping, handing_over, partial_sweep
from services.documents.usecases.app import App

log = structlog.get_logger()

HOLDING: Final = (PieceDeposited, PieceHeld, PieceRemoved, ApplicationSubmitted, ApplicationCancelled)
"""By these it is told which documents applications hold."""


# --- heard from applications and accounts -----------------------------------------------------------------------


async def attach(app: App, event: PieceDeposited, command: CommandContext) -> None:
    """A document was put into a piece."""
    await put_in(app, event.document, event.application, event.piece, command)


async def put_in(app: App, id: str, application: str, piece: str, command: CommandContext) -> None:
    """A document stands in a piece."""
    place = Attachment(application, piece)
    await _hold(app, id, lambda document: documents.attach(document, place), replace(command, part=piece))
    if await app.gone.is_erased(application):  # it was cancelled, which was told before this
        await _let_go(app, id, application, replace(command, event=None))


async def detach(app: App, event: PieceRemoved, command: CommandContext) -> None:
    """A document was taken out of a piece."""
    await take_out(app, event.document, event.application, event.piece, command)


async def take_out(app: App, id: str, application: str, piece: str, command: CommandContext) -> None:
    """A document stands in a piece no more; what comes late about one piece is not overtaken by what was said of another."""
    place, keep = Attachment(application, piece), app.keep_loose

    def decide(document: Document) -> Decision[Document]:
        return Decision(documents.detach(document, place, command.now, keep))

    await app.documents.change(id, decide, replace(command, part=piece))


async def submit(app: App, event: ApplicationSubmitted, command: CommandContext) -> None:
    """An application was submitted with these documents: one sync makes all of them durable."""
    held = {piece.document for piece in event.pieces}
    holds = (_hold(app, id, lambda document: documents.submit(document, event.application), command) for id in held)
    for outcome in await asyncio.gather(*holds, return_exceptions=True):  # none goes on when this has failed
        if isinstance(outcome, BaseException):
            raise outcome


async def cancel(app: App, event: ApplicationCancelled, command: CommandContext) -> None:
    """A draft was cancelled (acceptance 45); the mark is there first, for what comes late."""
    await app.gone.erase(event.application)

    async def let_go(row: Row) -> None:
        if any(place.application == event.application for place in app.documents.loaded(row).state.attachments):
            await _let_go(app, row["_id"], event.application, command)

    await each_of(app.documents.of_account(event.account), let_go)


async def _let_go(app: App, id: str, application: str, command: CommandContext) -> None:
    keep = app.keep_loose

    def decide(document: Document) -> Decision[Document]:
        return Decision(documents.cancel(document, application, command.now, keep))

    await app.documents.change(id, decide, command)


async def erase_account(app: App, event: AccountErased, command: CommandContext) -> None:
    """A person's documents go at once, also submitted ones; the mark is there first, for uploads that are under way."""
    await app.gone.erase(event.account)
    await app.papers.erase(event.account)
    await app.reads.erase(event.account)
    await app.registrar_files.erase(event.account)
    await handing_over.erase(app, event.account, command)
    await app.staff.erase(event.account)
    await app.closed_accounts.erase(event.account)
    await partial_sweep.forget(app, event.account)
    await each_of(
        app.documents.of_account(event.account), lambda row: erase_with_owner(app, app.documents.loaded(row), command)
    )
    # Behind all else: a bundle that is begun since tells of them no more.
    await bundle_keeping.forget(app, event.account, command)
    await app.erasures.confirm(event.account, command)


async def erase_with_owner(app: App, saved: Versioned[Document], command: CommandContext) -> bool:
    """Erase a document whose owner is gone; answer whether a step was taken.

    Raises NotYet while something of one that the registrar gave is still to be told: it names them.
    """
    if saved.state.registrar:
        if saved.outbox:
            raise NotYet("document")
        await app.told.rewrite(app.documents.order_key(saved.id), without_person)
    return await _erase(app, saved, Reason.ACCOUNT_ERASED, command.now, command)


async def _hold(app: App, id: str, decide: Callable[[Document], Document], command: CommandContext) -> None:
    outcome = await app.documents.change(id, lambda document: Decision(decide(document)), command)
    if outcome is None or outcome.saved.state.state is not State.STORED:
        log.error("documents.held-but-gone", document=id, event_id=command.event)


# --- when a PDF was assembled -----------------------------------------------------------------------------------


async def let_part_go(app: App, id: str, command: CommandContext) -> None:
    """Make a part unreadable whose pages are in a PDF now; the sweep takes its bytes away."""

    def decide(document: Document) -> Decision[Document]:
        return Decision(documents.begin_erasure(document, Reason.ASSEMBLED, command.now) if document.part else document)

    await app.documents.change(id, decide, command)


# --- by the clock -----------------------------------------------------------------------------------------------


def unfinished(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Erasures that were cut short, and traces of malware."""
    return app.documents.over(command.now)


async def finish(app: App, row: Row, command: CommandContext) -> bool:
    """Finish what was begun with one document; answer whether a step was taken."""
    saved = app.documents.loaded(row)
    if saved.state.state is State.REJECTED:
        return await _forget(app, saved)
    return await _erase(app, saved, Reason.UNATTACHED, command.now, command)


async def loose(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """What nothing has held for long enough; nothing, as long as it is not known that everything was heard."""
    if (before := await _heard(app, command)) is not None:
        async for row in app.documents.loose(before):
            yield row


async def erase_loose(app: App, row: Row, command: CommandContext) -> bool:
    """Erase one document that nothing holds; answer whether a step was taken."""
    before = await _heard(app, command)
    saved = app.documents.loaded(row)
    return before is not None and await _erase(app, saved, Reason.UNATTACHED, before, command)


async def _heard(app: App, command: CommandContext) -> datetime | None:
    """Up to when all has been heard that applications had to say of documents, which is later than a receipt could be used.

    That nobody was heard to hold a document means that nobody does only up to then.
    """
    heard = await app.heard.until(*HOLDING)
    return None if heard is None else min(heard, command.now)


def unended(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Notes of uploads that were begun long ago and have not come to their end."""
    return app.begun.before(command.now - timedelta(hours=app.settings.orphan_hours))


async def give_up(app: App, note: Row, command: CommandContext) -> bool:
    """Take away the bytes of one if they have no row, or one whose owner is gone; bytes without a note stay, whosever.

    A store that was restored to an earlier state has lost rows, whose documents applications may hold.
    """
    if not await app.begun.give_up(note):
        return False
    key = note["_id"]
    if (saved := await app.documents.of_object(key)) is None:
        if await app.objects.delete(key):
            log.info("documents.orphan-removed")
    elif await app.gone.is_erased(saved.state.account):
        await erase_with_owner(app, saved, command)
    await app.begun.forget(key)
    return True


async def _forget(app: App, saved: Versioned[Document]) -> bool:
    """Ids of rejected uploads are never derived from a key, so that the row can go without a trace."""
    return not saved.outbox and await app.documents.remove(saved.id, saved.version)


async def _erase(
    app: App, saved: Versioned[Document], reason: Reason, before: datetime, command: CommandContext
) -> bool:
    """Unreadable first, then no bytes, then said: a crash in between is made good by the next sweep."""

    def begin(document: Document) -> Decision[Document]:
        wanted = reason is Reason.ACCOUNT_ERASED or documents.is_due(document, before)
        return Decision(documents.begin_erasure(document, reason, command.now) if wanted else document)

    def finish(document: Document) -> Decision[Document]:
        erased, domain_event = documents.finish_erasure(document)
        return Decision(erased, [domain_event] if domain_event else [])

    begun = await app.documents.change(saved.id, begin, command)
    if begun is None or begun.saved.state.state is not State.ERASING or begun.saved.state.object is None:
        return False
    failpoint("documents.erasing")
    await app.objects.delete(begun.saved.state.object)
    failpoint("documents.bytes-erased")
    await app.documents.change(saved.id, finish, replace(command, event=None))  # `begin` carries the event's mark
    return True
