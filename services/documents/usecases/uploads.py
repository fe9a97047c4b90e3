"""Taking a document in: nothing is readable before it is known to be clean, nothing acknowledged before it is safe."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.failpoints import failpoint
from services.chassis.http.places import asker, network
from services.chassis.ports import ScannerUnavailable, Stage
from services.chassis.telemetry import metrics
from services.contracts.api.documents import UPLOAD_RECEIPT
from services.contracts.refusals import BUSY, RefusedError
from services.contracts.refusals.documents import (
    DOCUMENT_ERASED,
    INFECTED,
    SCANNER_UNAVAILABLE,
    TOO_MANY_UPLOADS,
)
from services.documents.domain import document as documents
from services.documents.domain.document import Document, Reason
from services.documents.domain.states import State
from services.documents.domain.uploads import DeclaredUpload, check_offer, default_filename, media_type_of
from services.documents.usecases.app import App
from services.documents.usecases.inspection.findings import Noticed
from services.documents.usecases.receiving import Body, Pace, Received, receive, recognise
from services.documents.usecases.retention import erase_with_owner

log = structlog.get_logger()

RETRY_SECONDS: Final = 5
OBJECTS: Final = "documents/"
"""Keys of documents begin with it."""
_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class _Incoming:
    """An upload whose bytes have come; `command.digest` is theirs."""

    actor: Actor
    id: str
    media_type: str
    filename: str
    received: Received
    command: CommandContext


async def counted(uploading: Awaitable[Outcome[Document]]) -> Outcome[Document]:
    """What comes of an upload, told in the metrics too."""
    came = "error"
    try:
        outcome = await uploading
        came = "repeated" if outcome.repeated else "stored"
    except RefusedError as refusal:
        came = refusal.slug.name
        raise
    finally:
        metrics.UPLOADS.labels(came).inc()
    return outcome


async def upload(
    app: App, actor: Actor, offer: DeclaredUpload, body: Body, command: CommandContext, *, client: Client | None = None
) -> Outcome[Document]:
    """Take a document in; the answer holds its id, digest, size, media type, receipt, and warnings if there are any.

    The same `command.key` with the same bytes gives the same answer again; with others it raises KEY_REUSED. Raises what
    `check_offer`, `receive` and the inspection raise, TOO_MANY_UPLOADS, INFECTED, SCANNER_UNAVAILABLE, BUSY,
    TOO_MANY_AT_ONCE.
    """
    rules = app.rules  # those of the moment at which it began
    filename = check_offer(offer, rules)
    with app.places.take(network(client), asker(actor)):
        id = app.ids.new() if command.key is None else _id_of(actor, command.key)
        known = None if command.key is None else await app.documents.known(actor, id)
        most = app.parameters.in_force.documents.loose_per_account
        if known is None and await app.documents.count_loose(actor) >= most:
            raise TOO_MANY_UPLOADS(max=most)
        async with app.objects.stage(rules.max_bytes) as stage:
            received = await receive(body, stage, _pace(app), rules)
            failpoint("documents.received")
            media_type = media_type_of(recognise(received.head), offer.media_type, rules)
            named = filename or default_filename(media_type)
            incoming = _Incoming(actor, id, media_type, named, received, replace(command, digest=received.sha256))
            if known is not None:
                return await _again(app, incoming)
            warnings = await _examine(app, incoming, stage)
            return await _keep(app, incoming, stage, warnings)


def _pace(app: App) -> Pace:
    settings = app.settings
    return Pace(settings.upload_seconds, settings.upload_grace_seconds, settings.upload_bytes_per_second)


async def _again(app: App, incoming: _Incoming) -> Outcome[Document]:
    outcome = await app.documents.repeat(incoming.actor, incoming.id, incoming.command)
    if outcome is None or outcome.saved.state.state is not State.STORED:
        raise DOCUMENT_ERASED()
    return outcome


async def _examine(app: App, incoming: _Incoming, stage: Stage) -> tuple[Noticed, ...]:
    """Everything that can be wrong with the bytes, and what their owner had better look at."""
    warnings = await app.inspectors.inspect(stage.path, incoming.media_type, app.rules, incoming.actor.account)
    failpoint("documents.inspected")
    try:
        found = await app.scanner.scan(stage.path)
    except ScannerUnavailable as error:
        log.warning("documents.not-scanned", why=str(error))
        raise SCANNER_UNAVAILABLE(retry_after=RETRY_SECONDS) from error
    if found is not None:
        log.warning("documents.infected", signature=found)
        await _reject(app, incoming)
        raise INFECTED()
    failpoint("documents.scanned")
    return warnings


async def _reject(app: App, incoming: _Incoming) -> None:
    """Malware is a fact that others want to know, which a slip of the candidate's is not."""
    document, domain_event = documents.reject(
        account=incoming.actor.account,
        sha256=incoming.received.sha256,
        size=incoming.received.size,
        media_type=incoming.media_type,
        reason=INFECTED.name,
        now=incoming.command.now,
        keep=app.keep_loose,
    )
    await app.documents.add(app.ids.new(), Decision(document, [domain_event]), replace(incoming.command, key=None))


async def _keep(app: App, incoming: _Incoming, stage: Stage, warnings: tuple[Noticed, ...]) -> Outcome[Document]:
    """First a note, then the bytes, then the row; of bytes whose row never comes the note tells the sweep."""
    key = f"{OBJECTS}{app.ids.new()}{app.ids.new()}"  # 160 bits of chance, and never the person's words
    await app.begun.note(key, incoming.command.now)
    await stage.commit(key, incoming.media_type)
    failpoint("documents.committed-object")
    document, domain_event = documents.store(
        account=incoming.actor.account,
        sha256=incoming.received.sha256,
        size=incoming.received.size,
        media_type=incoming.media_type,
        filename=incoming.filename,
        object=key,
        now=incoming.command.now,
        keep=app.keep_loose,
    )
    answer = _answer(app, incoming.id, document, incoming.command.now)
    if warnings:
        answer["warnings"] = [_told(warning) for warning in warnings]
    try:
        outcome = await app.documents.add(incoming.id, Decision(document, [domain_event], answer), incoming.command)
    except RefusedError:
        await _take_back(app, key)
        raise
    failpoint("documents.stored-row")
    if outcome.saved.state.object != key:
        # The same key came twice at the same time, and the other request was first.
        await _take_back(app, key)
    elif await app.gone.is_erased(incoming.actor.account):  # while the bytes came; the note stays until all is gone
        await erase_with_owner(app, outcome.saved, replace(incoming.command, key=None, personal=False))
        await app.begun.end(key)
        raise DOCUMENT_ERASED()
    elif not await app.begun.end(key):
        await _give_up(app, incoming)
    return outcome


async def _take_back(app: App, key: str) -> None:
    await app.objects.delete(key)
    await app.begun.end(key)


async def _give_up(app: App, incoming: _Incoming) -> None:
    """The sweep has given the upload up, so that its bytes may be gone: it was held up for a day. Raises BUSY."""
    now = incoming.command.now

    def decide(document: Document) -> Decision[Document]:
        return Decision(documents.begin_erasure(document, Reason.UNATTACHED, now))

    await app.documents.change(incoming.id, decide, replace(incoming.command, key=None, personal=False))
    raise BUSY(retry_after=RETRY_SECONDS)


def _answer(app: App, id: str, document: Document, now: datetime) -> dict[str, Any]:
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
    return {**said, "receipt": app.signer.sign(claims, typ=UPLOAD_RECEIPT)}


def _told(warning: Noticed) -> dict[str, Any]:
    page = {} if warning.page is None else {"page": warning.page}
    return {"slug": warning.notice.value, **page}


def _id_of(actor: Actor, key: str) -> str:
    """The id of the document that this person uploads under this key, 26 characters as any other."""
    number = int.from_bytes(hashlib.sha256(f"upload\n{actor.account}\n{key}".encode()).digest()) >> 126
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
