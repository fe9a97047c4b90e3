"""Papers that a candidate takes home: what they say, in the person's language, made where files are looked into."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from services.chassis.clients import Client
from services.chassis.context import Actor
from services.chassis.http.places import asker, network
from services.chassis.objects.whole import DamagedObject, whole
from services.chassis.telemetry import metrics
from services.contracts.events.applications import FileChanged, ProfilePart, SlotPart
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import NOT_SUBMITTED
from services.documents.domain.document import Document
from services.documents.usecases.app import App
from services.documents.usecases.paper_words import Item, Words
from services.documents.usecases.storing import staged

log = structlog.get_logger()

CHUNK: Final = 65536
_IN_HAND: Final = frozenset({"draft", "incomplete", "cancelled"})
"""States in which the profile that counts is the one that stands."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF of so many bytes, and these in chunks, to be read to their end or closed; what it is called, and whose it is."""

    size: int
    chunks: AsyncGenerator[bytes, None]
    filename: str
    account: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A local copy of a document."""

    path: Path
    document: Document


async def receipt(app: App, actor: Actor, id: str, language: Language, client: Client | None) -> Paper:
    """The receipt of what was submitted last with an application that this person may read, as PDF.

    Raises NOT_FOUND, NOT_SUBMITTED; BUSY, TOO_MANY_AT_ONCE beyond the places for papers; and as the inspection does.
    """
    async with _placed(app, actor, client) as held:
        file = await app.papers.file(actor, id)
        if file is None:
            raise NOT_FOUND()
        if file.submission is None:
            raise NOT_SUBMITTED()
        words = Words(app, language)
        data = words.receipt(file, file.submission)
        async with staged(app, json.dumps(data).encode()) as (stage, _):
            made = await app.inspectors.paper("receipt", stage.path, app.rules, actor.asker)
        return await _sent(made, held, words.filename("receipt", file), file.account)


@asynccontextmanager
async def _placed(app: App, actor: Actor, client: Client | None) -> AsyncIterator[ExitStack]:
    """A place to make a paper, which whoever sends it takes over with what holds it."""
    with ExitStack() as held:
        held.enter_context(app.paper_places.take(network(client), asker(actor)))
        yield held


async def _sent(made: bytes, held: ExitStack, filename: str, account: str) -> Paper:
    """The paper, whose place is held until it is read or closed: what is made stands in memory so long."""
    chunks = _chunks(made, held.pop_all())
    await anext(chunks)
    return Paper(len(made), chunks, filename, account)


async def _chunks(made: bytes, held: ExitStack) -> AsyncGenerator[bytes, None]:
    with held:
        yield b""  # begun: what is begun lets go of its place however it ends
        for at in range(0, len(made), CHUNK):
            yield made[at : at + CHUNK]


async def dossier(app: App, actor: Actor, id: str, language: Language, client: Client | None) -> Paper:
    """One PDF of a whole application as it stands, in whatever state: a cover with the profile, then all pieces.

    Pieces that are gone, damaged, or beyond the bound of bytes are left out, and named on the cover (acceptance 61). Raises
    NOT_FOUND; BUSY, TOO_MANY_AT_ONCE beyond the places for papers; ObjectsUnavailable; and as the inspection does.
    """
    async with _placed(app, actor, client) as held:
        file = await app.papers.file(actor, id)
        if file is None:
            raise NOT_FOUND()
        made, _ = await dossier_of(app, file, language, actor.asker)
        return await _sent(made, held, Words(app, language).filename("dossier", file), file.account)


async def dossier_of(
    app: App, file: FileChanged, language: Language, person: str
) -> tuple[bytes, list[tuple[SlotPart, str]]]:
    """The PDF of a whole application, made in the turn of this person, and what it lacks of what was given, and why.

    What only the inspection finds not to be readable is named on the cover alone. Raises ObjectsUnavailable, and as
    inspection does.
    """
    async with AsyncExitStack() as stages:
        items: list[Item] = []
        pieces: list[tuple[int, Path, str]] = []
        left = app.settings.dossier_bytes
        as_of = _as_of(file)
        for slot in file.pieces:
            found = await piece_of(app, Actor(file.account), slot, left, stages)
            if isinstance(found, Copied):
                pieces.append((len(items), found.path, found.document.media_type))
                left -= found.document.size
                as_of = max(as_of, found.document.stored_at)
            items.append(Item(slot, found if isinstance(found, str) else ""))
        data = Words(app, language).cover(file, await profile_of(app, file), items, as_of)
        stage, _ = await stages.enter_async_context(staged(app, json.dumps(data).encode()))
        made = await app.inspectors.dossier(stage.path, pieces, app.rules, person)
        return made, [(item.slot, item.note) for item in items if item.note]


def _as_of(file: FileChanged) -> datetime:
    """When the last of what a file says came, as far as it tells: the same file is always made with the same date."""
    told = [file.opened_at, *(form.received_at for form in file.forms if form.received_at is not None)]
    if file.submission is not None:
        told.append(file.submission.submitted_at)
    return max(instant(each) for each in told)


async def profile_of(app: App, file: FileChanged) -> ProfilePart | None:
    """The profile that goes with the file: as it was submitted, or as it stands while the file is in the person's hands."""
    if file.submission is not None and file.state not in _IN_HAND:
        return file.submission.profile
    return await app.papers.profile(file.account) or (file.submission.profile if file.submission else None)


async def piece_of(app: App, owner: Actor, slot: SlotPart, left: int, stages: AsyncExitStack) -> Copied | str | None:
    """A local copy of what is in a piece; or why there is none; None of an empty one."""
    if slot.document is None:
        return None
    document = await app.documents.readable(owner, slot.document.id)
    if document is None or document.object is None:
        return "gone"
    if document.size > left:
        return "too_large"
    stage = await stages.enter_async_context(app.objects.stage(document.size))
    try:
        async for chunk in whole(app.objects.read(document.object), size=document.size, sha256=document.sha256):
            await stage.write(chunk)
    except (KeyError, DamagedObject):
        log.critical("documents.bytes-damaged", document=slot.document.id)
        metrics.OBJECTS_DAMAGED.labels("documents").inc()
        return "damaged"
    await stage.finish()
    return Copied(stage.path, document)
