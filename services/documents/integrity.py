"""What documents promises of its data: every document has its bytes, and no application lacks one that it holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from services.chassis.events.record import Record
from services.chassis.objects.whole import DamagedObject, whole
from services.chassis.ports import Clock
from services.chassis.service.service import Ports
from services.contracts.events.accounts import AccountRegistered
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationSubmitted,
    PieceDeposited,
    PieceRemoved,
)
from services.contracts.events.held import PieceHeld
from services.documents.domain.document import MEETING, Attachment, Document, Reason
from services.documents.domain.states import State
from services.documents.usecases import signing
from services.documents.usecases.app import App
from services.documents.usecases.models import key_of
from services.documents.usecases.storing import OBJECTS

PAGE: Final = 500
BY_REGISTRAR: Final = " (registrar)"
"""Behind the code of a piece: what the registrar has given for it, beside what was deposited there."""


async def violations(ports: Ports, app: App, record: Record) -> AsyncIterator[str]:
    """The promises that do not hold; reads all bytes, and takes memory for each piece, some hundred bytes."""
    async for line in _without_bytes(app):
        yield line
    async for line in _models_without_bytes(app):
        yield line
    async for line in _signatures_without_bytes(app):
        yield line
    async for line in _bytes_of_nobody(app, ports.clock):
        yield line
    async for line in _not_held(app, record):
        yield line
    async for line in _of_nobody(app, record):
        yield line


async def _without_bytes(app: App) -> AsyncIterator[str]:
    """Stored documents whose object is not there, or is not what the row says."""
    after: tuple[str, ...] | None = None
    while page := await app.documents.find({}, limit=PAGE, after=after):
        for saved in page:
            document = saved.state
            if document.state is State.STORED and (why := await _difference(app, document)) is not None:
                yield f"document {saved.id}: {why}"
        after = (page[-1].id,)


async def _models_without_bytes(app: App) -> AsyncIterator[str]:
    """Models whose object is not there, or is not what the row says."""
    after = ""
    while page := await app.models.page(after, PAGE):
        for model in page:
            if (why := await _not_as_stored(app, key_of(model.sha256), model.size, model.sha256)) is not None:
                yield f"model {model.name}: {why}"
        after = page[-1].name


async def _signatures_without_bytes(app: App) -> AsyncIterator[str]:
    """Pictures of signatures whose object is not there, or is not what the row says, and boards that name none of them."""
    after = ""
    while page := await app.signatures.page(after, PAGE):
        for signature in page:
            why = await _not_as_stored(app, signing.key_of(signature.sha256), signature.size, signature.sha256)
            if why is not None:
                yield f"signature {signature.name}: {why}"
        after = page[-1].name
    after = ""
    while boards := await app.boards.page(after, PAGE):
        for board in boards:
            if board.signature and await app.signatures.get(board.signature) is None:
                yield f"commission {board.code} signs with {board.signature}, which nobody has put: its letters are not made"
        after = boards[-1].code


async def _difference(app: App, document: Document) -> str | None:
    if document.object is None:
        return "it is stored and names no object"
    return await _not_as_stored(app, document.object, document.size, document.sha256)


async def _not_as_stored(app: App, key: str, size: int, sha256: str) -> str | None:
    chunks = whole(app.objects.read(key), size=size, sha256=sha256)
    try:
        async for _ in chunks:
            pass
    except KeyError:
        return "its bytes are not there"
    except DamagedObject:
        return "its bytes are not those that were uploaded"
    return None


async def _of_nobody(app: App, record: Record) -> AsyncIterator[str]:
    """Documents of accounts of which accounts tells nothing: theirs is the store that has lost something."""
    known = {event.account async for _, event in record.events(AccountRegistered)}
    after: tuple[str, ...] | None = None
    while page := await app.documents.find({}, limit=PAGE, after=after):
        for saved in page:
            if saved.state.state is State.STORED and await app.gone.is_erased(saved.state.account):
                yield f"document {saved.id} is of account {saved.state.account}, which was erased"
            if saved.state.account not in known and not saved.state.account.startswith(MEETING):
                yield f"document {saved.id} is of account {saved.state.account}, of which accounts tells nothing"
        after = (page[-1].id,)


async def _bytes_of_nobody(app: App, clock: Clock) -> AsyncIterator[str]:
    """Objects that no row names, twice as old as an unfinished upload may grow; without a note they are never swept."""
    before = clock.now() - 2 * timedelta(hours=app.settings.orphan_hours)
    after = ""
    while page := await app.objects.list(OBJECTS, after=after, limit=PAGE):
        after = page[-1].key
        old = [info.key for info in page if info.modified < before]
        for key in sorted(set(old) - await app.documents.owned(old)):
            yield f"object {key} belongs to no document"


async def _not_held(app: App, record: Record) -> AsyncIterator[str]:
    """Documents that applications hold, by what they have told, and that are not kept for them here."""
    drafts: dict[str, dict[str, tuple[str, str]]] = {}
    told = record.events(PieceDeposited, PieceHeld, PieceRemoved, ApplicationCancelled, ApplicationSubmitted)
    async for _, event in told:
        held = drafts.setdefault(event.application, {})
        match event:
            case PieceDeposited():
                held[event.piece] = (event.document, event.sha256)
            case PieceRemoved():
                held.pop(event.piece, None)
            case PieceHeld():
                _note_registrars(held, event)
            case ApplicationCancelled():
                held.clear()
            case ApplicationSubmitted():
                for piece in event.pieces:
                    document = await app.documents.get(piece.document)
                    kept = document is not None and event.application in document.state.submitted
                    if document is None or not _is_safe(document.state, piece.sha256, kept=kept):
                        yield f"document {piece.document} is not kept for {event.application}, submitted with it"
    for application, held in drafts.items():
        for code, (id, sha256) in held.items():
            document = await app.documents.get(id)
            # What is kept for the submitted file needs no place in its draft: news of that may have come too late to count.
            kept = document is not None and (
                Attachment(application, code.removesuffix(BY_REGISTRAR)) in document.state.attachments
                or application in document.state.submitted
            )
            if document is None or not _is_safe(document.state, sha256, kept=kept):
                yield f"document {id} is not kept for piece {code} of {application}"


def _note_registrars(held: dict[str, tuple[str, str]], event: PieceHeld) -> None:
    place = f"{event.piece}{BY_REGISTRAR}"
    if event.let_go is not None:
        held.pop(place, None)
    if event.document is not None and event.sha256 is not None:
        held[place] = (event.document, event.sha256)


def _is_safe(document: Document, sha256: str, *, kept: bool) -> bool:
    """Whether these very bytes are kept, or went because their owner wanted all erased."""
    if document.sha256 != sha256:
        return False
    return (document.state is State.STORED and kept) or document.reason is Reason.ACCOUNT_ERASED
