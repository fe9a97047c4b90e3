"""Fetching what the registrar holds of somebody: looked into and kept as uploads are, while nobody waits (ADR 106)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import structlog

from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Document as Row
from services.chassis.ports import RecordsUnavailable, WrongRecord
from services.chassis.store.rows import reading
from services.contracts.backoff import Backoff
from services.contracts.events.applications import FileChanged
from services.contracts.events.held import PieceHeld
from services.contracts.instants import instant
from services.contracts.refusals import RefusedError
from services.contracts.refusals.documents import ACTIVE_CONTENT, DOCUMENT_ERASED, ENCRYPTED, INFECTED
from services.documents.domain import document as documents
from services.documents.domain.document import Document
from services.documents.domain.states import State
from services.documents.domain.uploads import media_type_of, registrar_filename
from services.documents.repository.registrar_files import REGISTRAR_FILES
from services.documents.usecases import retention
from services.documents.usecases.app import App
from services.documents.usecases.receiving import receive, recognise
from services.documents.usecases.storing import Incoming, examine, keep
from services.documents.usecases.uploads import pace

log = structlog.get_logger()

PAUSES: Final = Backoff(timedelta(minutes=1), timedelta(hours=12))
MAX_FAILURES: Final = 20
"""Of one document, over five days; then it is asked for anew when something happens to its file, a day later or more."""
LASTING: Final = frozenset({ACTIVE_CONTENT, ENCRYPTED, INFECTED})
"""What is so of the same bytes whenever they are asked for, and whatever the institution sets."""
CLAIMED: Final = timedelta(minutes=10)
"""How long who asks for one has: longer than bytes may take to come and to be looked into."""
ANEW: Final = timedelta(days=1)


async def ask_for(app: App, event: FileChanged, command: CommandContext) -> None:
    """Have that fetched which the registrar holds for a file and is not here; what has come is told again."""
    if not app.records_offered or event.state == "cancelled":
        return
    for piece in event.pieces:
        if piece.held is not None and piece.held.file is not None and piece.document is None:
            await _ask(app, event.account, piece.held.file, command)


async def _ask(app: App, account: str, file: str, command: CommandContext) -> None:
    row = await app.registrar_files.get(account, file)
    if row is not None:
        if "due_at" in row:
            return
        if "document" in row and await _told_again(app, row["document"], command):
            return
        if "given_up_at" in row and command.now < instant(row["given_up_at"]) + ANEW:
            return
    await app.registrar_files.ask(account, file, command.now, row)
    app.registrar_files_asked.set()


async def _told_again(app: App, id: str, command: CommandContext) -> bool:
    """Tell of a document that is kept here; False if it went, because nobody held it for long."""

    def decide(document: Document) -> Decision[Document]:
        return Decision(document, [documents.fetched(document)] if document.state is State.STORED else [])

    outcome = await app.documents.change(id, decide, command.by_itself())
    return outcome is not None and outcome.saved.state.state is State.STORED


async def hold(app: App, event: PieceHeld, command: CommandContext) -> None:
    """What the registrar holds stands in a piece, or stands there no more."""
    if event.let_go is not None:
        await retention.take_out(app, event.let_go, event.application, event.piece, command)
    if event.document is not None:
        await retention.put_in(app, event.document, event.application, event.piece, command)


# --- the timer --------------------------------------------------------------------------------------------------------


def due(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """What is to be asked for by now."""
    app.registrar_files_asked.clear()
    return app.registrar_files.due(command.now)


async def fetch(app: App, row: Row, command: CommandContext) -> int:
    """Ask the registrar for the bytes of one document; while they are away, or it cannot be kept, again later.

    Raises RecordsUnavailable, so that those behind it are not asked for in vain.
    """
    with reading(REGISTRAR_FILES.name, row):
        account, file, failures = row["account"], row["file"], row["failures"] + 1
    if await app.gone.is_erased(account):
        await app.registrar_files.forget(row)
        return 1
    claimed = await app.registrar_files.claim(row, command.now + CLAIMED)
    if claimed is None:
        return 0
    row = claimed
    try:
        kept = await _taken_in(app, account, file, command)
    except (RecordsUnavailable, WrongRecord, RefusedError, NotYet) as error:
        # NotYet: its person was forgotten at the very end, and the sweep takes away what was kept.
        why = error.slug.name if isinstance(error, RefusedError) else str(error)
        log.warning("registrar_files.not-kept", account=account, failures=failures, why=why)
        lasts = isinstance(error, RefusedError) and error.slug in LASTING
        if lasts or failures >= MAX_FAILURES:
            await app.registrar_files.give_up(row, command.now)
        else:
            await app.registrar_files.defer(row, command.now + PAUSES.after(failures))
        if isinstance(error, RecordsUnavailable):
            raise
        return 1
    await app.registrar_files.keep(row, kept)
    return 1


async def _taken_in(app: App, account: str, file: str, command: CommandContext) -> str:
    """The id of the document that comes of it; raises what uploads raise, RecordsUnavailable, WrongRecord."""
    number, _, name = file.partition("/")
    rules, owner, id = app.rules, Actor(account), app.ids.new()
    async with app.records.file(number, name) as source, app.objects.stage(rules.max_bytes) as stage:
        received = await receive(source, stage, pace(app), rules)
        media_type = media_type_of(recognise(received.head), "", rules)
        named = registrar_filename(name, media_type)
        incoming = Incoming(owner, id, media_type, named, received, command, registrar=file)
        await examine(app, incoming, stage)
        if await app.gone.is_erased(account):  # before anything is told: what is told cannot be taken back at once
            raise DOCUMENT_ERASED()
        await keep(app, incoming, stage, ())
    return id
