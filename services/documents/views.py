"""Reading documents back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog

from services.chassis.commands import Actor
from services.chassis.ports import Objects, ObjectsUnavailable
from services.contracts.refusals import NOT_FOUND
from services.documents.domain.document import Document
from services.documents.repository import Documents

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Download:
    """A document and its bytes."""

    document: Document
    content: AsyncIterator[bytes]


async def describe(documents: Documents, actor: Actor, id: str) -> Document:
    """A document of one's own; raises NOT_FOUND, the same for a foreign one as for none (acceptance 62)."""
    document = await documents.readable(actor, id)
    if document is None:
        raise NOT_FOUND()
    return document


async def download(documents: Documents, objects: Objects, actor: Actor, id: str) -> Download:
    """A document of one's own with its bytes; raises NOT_FOUND, ObjectsUnavailable before the first byte."""
    document = await describe(documents, actor, id)
    if document.object is None:
        raise NOT_FOUND()
    chunks = objects.read(document.object)
    try:
        first = await anext(chunks)
    except (KeyError, StopAsyncIteration):
        log.critical("documents.bytes-missing", document=id)
        raise ObjectsUnavailable("the bytes of a stored document are missing") from None
    return Download(document, _from(first, chunks))


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
