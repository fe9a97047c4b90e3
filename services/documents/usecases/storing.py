"""Keeping bytes that have come: nothing is readable before it is known to be clean, acknowledged before it is safe."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog

from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.failpoints import failpoint
from services.chassis.ports import ScannerUnavailable, Stage
from services.contracts.api.documents import MOST_RECEIPT_WARNINGS, UPLOAD_RECEIPT
from services.contracts.refusals import BUSY, RefusedError
from services.contracts.refusals.documents import DOCUMENT_ERASED, INFECTED, SCANNER_UNAVAILABLE
from services.documents.domain import document as documents
from services.documents.domain.document import Document, Reason
from services.documents.domain.states import State
from services.documents.usecases.app import App
from services.documents.usecases.inspection.findings import Noticed
from services.documents.usecases.receiving import Received
from services.documents.usecases.retention import erase_with_owner

log = structlog.get_logger()

RETRY_SECONDS: Final = 5
OBJECTS: Final = "documents/"
"""Keys of documents begin with it."""
_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document whose bytes have come. `answer` is what a part is answered with, which has no receipt.

    `registrar` is where it came from, if the registrar has given it.
    """

    actor: Actor
    id: str
    media_type: str
    filename: str
    received: Received
    command: CommandContext
    answer: dict[str, Any] | None = None
    registrar: str = ""


@asynccontextmanager
async def staged(app: App, content: bytes) -> AsyncIterator[tuple[Stage, Received]]:
    """A stage with bytes that were made here, which are looked into as if they had come."""
    async with app.objects.stage(len(content)) as stage:
        await stage.write(content)
        await stage.finish()
        yield stage, Received(stage.sha256, stage.size, b"")


async def again(app: App, actor: Actor, id: str, command: CommandContext) -> Outcome[Document]:
    """What this command came to when it was given before; raises DOCUMENT_ERASED, KEY_REUSED.

    Of a part whose pages are in a PDF that is told as long as it is known: who sends it twice assembles it twice.
    """
    outcome = await app.documents.repeat(actor, id, command)
    if outcome is None:
        raise DOCUMENT_ERASED()
    document = outcome.saved.state
    if document.state is not State.STORED and (document.reason is not Reason.ASSEMBLED or outcome.answer is None):
        raise DOCUMENT_ERASED()
    return outcome


async def examine(app: App, incoming: Incoming, stage: Stage) -> tuple[Noticed, ...]:
    """Everything that can be wrong with the bytes, and what their owner had better look at."""
    warnings = await app.inspectors.inspect(stage.path, incoming.media_type, app.rules, incoming.actor.account)
    failpoint("documents.inspected")
    if await scan(app, stage) is not None:
        await _reject(app, incoming)
        raise INFECTED()
    failpoint("documents.scanned")
    return warnings


async def scan(app: App, stage: Stage) -> str | None:
    """What malware is in the bytes, told to who looks after the suite, if any is; raises SCANNER_UNAVAILABLE."""
    try:
        found = await app.scanner.scan(stage.path)
    except ScannerUnavailable as error:
        log.warning("documents.not-scanned", why=str(error))
        raise SCANNER_UNAVAILABLE(retry_after=RETRY_SECONDS) from error
    if found is not None:
        log.warning("documents.infected", signature=found)
    return found


async def _reject(app: App, incoming: Incoming) -> None:
    """Malware is a fact that others want to know, which a slip of the candidate's is not."""
    document, domain_event = documents.reject(
        account=incoming.actor.account,
        sha256=incoming.received.sha256,
        size=incoming.received.size,
        media_type=incoming.media_type,
        reason=INFECTED.name,
        now=incoming.command.now,
        keep=app.keep_loose,
        registrar=incoming.registrar,
    )
    await app.documents.add(app.ids.new(), Decision(document, [domain_event]), replace(incoming.command, key=None))


async def keep(app: App, incoming: Incoming, stage: Stage, warnings: tuple[Noticed, ...]) -> Outcome[Document]:
    """First a note, then the bytes, then the row; of bytes whose row never comes the note tells the sweep."""
    key = new_key(app)
    await app.begun.note(key, incoming.command.now)
    await stage.commit(key, incoming.media_type)
    failpoint("documents.committed-object")
    document, happened = documents.store(
        account=incoming.actor.account,
        sha256=incoming.received.sha256,
        size=incoming.received.size,
        media_type=incoming.media_type,
        filename=incoming.filename,
        object=key,
        now=incoming.command.now,
        keep=app.keep_loose,
        part=incoming.answer is not None,
        registrar=incoming.registrar,
    )
    told = [_told(warning) for warning in warnings]
    answer = incoming.answer or _answer(app, incoming.id, document, incoming.command.now, told)
    if told:
        answer = {**answer, "warnings": told}
    try:
        outcome = await app.documents.add(incoming.id, Decision(document, happened, answer), incoming.command)
    except RefusedError:
        await take_back(app, key)
        raise
    failpoint("documents.stored-row")
    if outcome.saved.state.object != key:
        # The same key came twice at the same time, and the other request was first.
        await take_back(app, key)
    elif await app.gone.is_erased(incoming.actor.account):  # while the bytes came; the note stays until all is gone
        await erase_with_owner(app, outcome.saved, replace(incoming.command, key=None, personal=False))
        await app.begun.end(key)
        raise DOCUMENT_ERASED()
    elif not await app.begun.end(key):
        await _give_up(app, incoming)
    return outcome


def new_key(app: App) -> str:
    """A key under which bytes are kept: 160 bits of chance, and never anybody's words."""
    return f"{OBJECTS}{app.ids.new()}{app.ids.new()}"


async def take_back(app: App, key: str) -> None:
    """Take away bytes that came to nothing, and then the note of them."""
    await app.objects.delete(key)
    await app.begun.end(key)


async def _give_up(app: App, incoming: Incoming) -> None:
    """The sweep has given the upload up, so that its bytes may be gone: it was held up for a day. Raises BUSY."""
    now = incoming.command.now

    def decide(document: Document) -> Decision[Document]:
        return Decision(documents.begin_erasure(document, Reason.UNATTACHED, now))

    await app.documents.change(incoming.id, decide, replace(incoming.command, key=None, personal=False))
    raise BUSY(retry_after=RETRY_SECONDS)


def _answer(
    app: App, id: str, document: Document, now: datetime, warnings: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    said = {
        "document": id,
        "sha256": document.sha256,
        "size": document.size,
        "media_type": document.media_type,
    }
    claims = {
        **said,
        "sub": document.account,
        "filename": document.filename,
        "iat": int(now.timestamp()),
        "exp": int((now + app.receipt_life).timestamp()),
    }
    if warnings:
        claims["warnings"] = list(warnings[:MOST_RECEIPT_WARNINGS])
    return {**said, "receipt": app.signer.sign(claims, typ=UPLOAD_RECEIPT)}


def _told(warning: Noticed) -> dict[str, Any]:
    figures = {"page": warning.page, "dpi": warning.dpi}
    return {"slug": warning.notice.value} | {name: each for name, each in figures.items() if each is not None}


def id_of(actor: Actor, key: str, kind: str) -> str:
    """The id of the document that comes of what this person does under this key, 26 characters as any other."""
    number = int.from_bytes(hashlib.sha256(f"{kind}\n{actor.account}\n{key}".encode()).digest()) >> 126
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
