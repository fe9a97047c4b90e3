"""An upload that goes on where it was cut off: its pieces are kept one by one, then taken in together (ADR 82)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.failpoints import failpoint
from services.chassis.http.places import asker, network
from services.chassis.objects.whole import whole
from services.chassis.ports import ObjectsUnavailable, Stage
from services.contracts.refusals import BUSY, KEY_REUSED, NOT_FOUND, ErrorKind, RefusedError
from services.contracts.refusals.documents import (
    DOCUMENT_ERASED,
    EMPTY,
    INCONSISTENT_LENGTH,
    TOO_LARGE,
    TOO_MANY_OPEN,
    TOO_MANY_UPLOADS,
    WRONG_OFFSET,
)
from services.documents.domain import partial as partials
from services.documents.domain.document import Document
from services.documents.domain.partial import Partial, Piece
from services.documents.domain.uploads import DeclaredUpload, Rules, check_offer, media_type_of
from services.documents.repository.partials import OpenUpload
from services.documents.usecases.app import App
from services.documents.usecases.partial_sweep import drop
from services.documents.usecases.receiving import Body, Received, receive, recognise
from services.documents.usecases.storing import again, id_of, new_key, take_back
from services.documents.usecases.uploads import counted, pace, upload

_FINAL: Final = (ErrorKind.INVALID, ErrorKind.UNSUPPORTED, ErrorKind.TOO_LARGE)
"""What a file is refused for that will never be taken, however often it is asked for."""
_BYTES: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Sent:
    """A piece on its way: where it begins, how many bytes it is said to have, whether all has come with it."""

    offset: int
    announced: int | None
    last: bool
    body: Body
    client: Client | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, and what came of it once it was taken in."""

    saved: OpenUpload
    outcome: Outcome[Document] | None = None


async def begin(app: App, actor: Actor, offer: DeclaredUpload, command: CommandContext, *, part: bool) -> OpenUpload:
    """Begin an upload, or tell how far the one is that was begun with the same key.

    Raises what `check_offer` does, TOO_MANY_UPLOADS, TOO_MANY_OPEN, DOCUMENT_ERASED where that one is over, KEY_REUSED
    where something else was announced.
    """
    offer = replace(offer, filename=check_offer(offer, _rules(app, part)))
    id = app.ids.new() if command.key is None else id_of(actor, command.key, "partial")
    if command.key is not None and (known := await app.partials.own(actor, id)) is not None:
        return _same(known, offer, command, part=part)
    held = await app.partials.slots(actor)
    parameters, most = app.parameters.in_force.documents, app.settings.open_uploads
    if await app.documents.count_loose(actor) + len(held) >= parameters.loose_per_account:
        raise TOO_MANY_UPLOADS(max=parameters.loose_per_account)
    keep = timedelta(hours=app.settings.open_upload_hours)
    for slot in sorted(set(range(most)) - held):
        partial = partials.begin(actor.account, offer, slot=slot, now=command.now, keep=keep, part=part)
        if await app.partials.add(id, partial):
            saved = OpenUpload(id, 1, partial)
            if await app.gone.is_erased(actor.account):
                await drop(app, saved)
                raise DOCUMENT_ERASED()
            return saved
        if (known := await app.partials.own(actor, id)) is not None:  # the same request came twice at the same time
            return _same(known, offer, command, part=part)
    raise TOO_MANY_OPEN(max=most)


def _same(known: OpenUpload, offer: DeclaredUpload, command: CommandContext, *, part: bool) -> OpenUpload:
    if (known.partial.offer, known.partial.part) != (offer, part):
        raise KEY_REUSED()
    if not partials.is_open(known.partial, command.now):
        raise DOCUMENT_ERASED()
    return known


async def look(app: App, actor: Actor, id: str, command: CommandContext) -> OpenUpload:
    """One's own upload; raises NOT_FOUND, alike for others', for those that are over, and for none."""
    saved = await app.partials.own(actor, id)
    if saved is None or not partials.is_open(saved.partial, command.now):
        raise NOT_FOUND()
    return saved


async def append(app: App, actor: Actor, id: str, sent: Sent, command: CommandContext) -> Progress:
    """Keep a piece, or as much of it as has come when the line breaks; with the last one take the file in.

    Sent again, the last one is answered as before. Raises what `look`, `check_piece`, `receive` and `upload` do.
    """
    saved = await look(app, actor, id, command)
    partials.check_piece(saved.partial, sent.offset, sent.announced, last=sent.last)
    if saved.partial.rest:
        saved = await _receive(app, actor, saved, sent, command)
    elif sent.announced is None and await sent.body.readany():
        raise INCONSISTENT_LENGTH(length=saved.partial.length)
    return await _take(app, actor, saved, command, sent.client) if sent.last else Progress(saved)


async def give_up(app: App, actor: Actor, id: str, command: CommandContext) -> None:
    """Let an upload of one's own go, at once; raises NOT_FOUND, BUSY."""
    if not await drop(app, await look(app, actor, id, command)):
        raise BUSY(retry_after=1)  # a piece has come meanwhile


async def _receive(app: App, actor: Actor, saved: OpenUpload, sent: Sent, command: CommandContext) -> OpenUpload:
    """Take one piece in, held to the pace of uploads, and to their number."""
    partial = saved.partial
    with app.places.take(network(sent.client), asker(actor)):
        async with app.objects.stage(partial.rest) as stage:
            rules = replace(_rules(app, partial.part), max_bytes=partial.rest)
            try:
                received = await receive(sent.body, stage, pace(app), rules)
                partials.check_size(partial, received.size, last=sent.last)
            except RefusedError as refusal:
                if refusal.slug == EMPTY and not sent.last:
                    return saved  # nothing was sent, and nothing is lost
                if refusal.slug in (EMPTY, TOO_LARGE):
                    raise INCONSISTENT_LENGTH(length=partial.length) from None
                if refusal.slug.kind in (ErrorKind.MALFORMED, ErrorKind.TIMEOUT):
                    await _keep_cut(app, actor, saved, stage, command)
                raise
            if not partial.offset:
                await _check_type(app, saved, received)
            return await _keep(app, actor, saved, stage, command)


async def _check_type(app: App, saved: OpenUpload, received: Received) -> None:
    """What will not be taken for its type is refused by its first bytes, before all others are sent."""
    rules = _rules(app, saved.partial.part)
    try:
        media_type_of(recognise(received.head), saved.partial.media_type, rules)
    except RefusedError:
        await drop(app, saved)
        raise


async def _keep_cut(app: App, actor: Actor, saved: OpenUpload, stage: Stage, command: CommandContext) -> None:
    """The line broke: what has come is kept, for whoever asks how far it is."""
    if partials.is_worth_keeping(saved.partial, stage.size):
        await stage.finish()
        await _keep(app, actor, saved, stage, command)


async def _keep(app: App, actor: Actor, saved: OpenUpload, stage: Stage, command: CommandContext) -> OpenUpload:
    """First a note, then the bytes, then the row, as for documents; of two pieces for one place the first is kept."""
    key = new_key(app)
    await app.begun.note(key, command.now)
    await stage.commit(key, _BYTES)
    failpoint("documents.piece-kept")
    after = await app.partials.put(saved, partials.append(saved.partial, Piece(key, stage.size, stage.sha256)))
    if after is None:
        await take_back(app, key)
        raise WRONG_OFFSET(offset=(await look(app, actor, saved.id, command)).partial.offset)
    failpoint("documents.piece-noted")
    given_up = not await app.begun.end(key)  # held up for so long that its bytes may be gone
    if given_up or await app.gone.is_erased(actor.account):
        await drop(app, after)
        raise NOT_FOUND()
    return after


async def _take(app: App, actor: Actor, saved: OpenUpload, command: CommandContext, client: Client | None) -> Progress:
    """Have the whole file taken in, by the way of all uploads; what is refused for good is not kept either."""
    partial = saved.partial
    key = hashlib.sha256(f"partial\n{saved.id}".encode()).hexdigest()
    command = replace(command, key=key)
    if partial.taken is not None:
        id = id_of(actor, key, "part" if partial.part else "upload")
        return Progress(saved, await again(app, actor, id, replace(command, digest=partial.taken)))
    body = _Pieces(app, partial)
    try:
        outcome = await counted(upload(app, actor, partial.offer, body, command, client=client, part=partial.part))
    except RefusedError as refusal:
        if refusal.slug.kind in _FINAL:
            await drop(app, saved)
        raise
    finally:
        await body.close()
    after = await app.partials.put(saved, partials.take(partial, body.sha256))
    if after is None:  # the same came twice at the same time
        return Progress(replace(saved, partial=partials.take(partial, body.sha256)), outcome)
    for piece in partial.pieces:
        await app.objects.delete(piece.object)
    return Progress(after, outcome)


class _Pieces:
    """The whole file, read as the body of a request is; raises ObjectsUnavailable."""

    def __init__(self, app: App, partial: Partial) -> None:
        self._digest = hashlib.sha256()
        self._chunks = _chunks(app, partial)

    @property
    def sha256(self) -> str:
        """Of what was read."""
        return self._digest.hexdigest()

    async def readany(self) -> bytes:
        """Some bytes, none at the end."""
        chunk = await anext(self._chunks, b"")
        self._digest.update(chunk)
        return chunk

    async def close(self) -> None:
        """Read no further."""
        await self._chunks.aclose()


async def _chunks(app: App, partial: Partial) -> AsyncGenerator[bytes]:
    for piece in partial.pieces:
        try:
            async for chunk in whole(app.objects.read(piece.object), size=piece.size, sha256=piece.sha256):
                yield chunk
        except KeyError:
            raise ObjectsUnavailable("the bytes of a piece are missing") from None


def _rules(app: App, part: bool) -> Rules:
    return app.part_rules if part else app.rules
