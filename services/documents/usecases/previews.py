"""Pages of documents as pictures, drawn where files are looked into."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from services.chassis.clients import Client
from services.chassis.context import Actor
from services.chassis.http.places import asker, network
from services.chassis.objects.whole import DamagedObject, whole
from services.chassis.ports import ObjectsUnavailable
from services.chassis.telemetry import metrics
from services.contracts.refusals import NOT_FOUND, RefusedError
from services.contracts.refusals.documents import DAMAGED, NO_PREVIEW
from services.documents.domain.document import Document
from services.documents.usecases.app import App
from services.documents.usecases.inspection.pool import Made

log = structlog.get_logger()

COUNT: Final = 0
"""In place of the number of a page: only say how many there are."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks to see a document that they may read."""

    actor: Actor
    client: Client | None


async def preview(app: App, reader: Reader, id: str, document: Document, page: int) -> Made:
    """A JPEG of a page, from 1, and how many pages the document has; `COUNT` draws none.

    Raises NO_PREVIEW where there is no such page or nothing can be drawn, NOT_FOUND for bytes that are gone; BUSY,
    TOO_MANY_AT_ONCE beyond the places for it; ObjectsUnavailable, TOO_COMPLEX, INSPECTION_UNAVAILABLE.
    """
    actor = reader.actor
    with app.preview_places.take(network(reader.client), asker(actor)):
        async with _copied(app, id, document) as path:
            try:
                made = await app.inspectors.preview(path, document.media_type, page, app.rules, actor.asker)
            except RefusedError as refusal:
                if refusal.slug == DAMAGED:
                    raise NO_PREVIEW() from None
                raise
    if page and not made.content:
        raise NO_PREVIEW()
    return made


@asynccontextmanager
async def _copied(app: App, id: str, document: Document) -> AsyncIterator[Path]:
    """A local copy, for as long as it is looked at."""
    if document.object is None:
        raise NOT_FOUND()
    async with app.objects.stage(document.size) as stage:
        try:
            async for chunk in whole(app.objects.read(document.object), size=document.size, sha256=document.sha256):
                await stage.write(chunk)
        except (KeyError, DamagedObject):
            log.critical("documents.bytes-damaged", document=id)
            metrics.OBJECTS_DAMAGED.labels("documents").inc()
            raise ObjectsUnavailable("the bytes of a stored document are missing or damaged") from None
        await stage.finish()
        yield stage.path
