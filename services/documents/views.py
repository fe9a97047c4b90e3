"""Reading documents back."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import structlog

from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.objects.whole import DamagedObject, whole
from services.chassis.ports import Objects, ObjectsUnavailable
from services.chassis.telemetry import metrics
from services.chassis.texts.catalogues import catalogues
from services.chassis.work.views import shown
from services.contracts.actors import ActorKind
from services.contracts.api import bundles
from services.contracts.api import documents as api
from services.contracts.api.endpoints import bundles as endpoints
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND
from services.documents.domain.bundles import Bundle
from services.documents.domain.document import Document
from services.documents.domain.states import State
from services.documents.repository.documents import DocumentRepository, PaperCopies

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Download:
    """A document and its bytes."""

    document: Document
    content: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Views:
    """What is read of documents."""

    documents: DocumentRepository
    papers: PaperCopies
    objects: Objects

    async def describe(self, actor: Actor, id: str) -> Document:
        """A document of one's own, or within one's reach; raises NOT_FOUND, alike for others and none (acceptance 62)."""
        if actor.kind is ActorKind.STAFF:
            document = await self.documents.stored(id)
            found = document is not None and await self.papers.reaches(actor, document)
        else:
            document = await self.documents.readable(actor, id)
            found = document is not None
        if document is None or not found:
            raise NOT_FOUND()
        return document

    async def own(self, actor: Actor, limit: int, after: str | None) -> api.DocumentList:
        """One's documents in the order of their ids; `after` is the `next` of the page before."""
        found = await self.documents.own(actor, limit + 1, after)
        items = [
            api.DocumentItem.model_validate(
                {
                    "document": saved.id,
                    "filename": saved.state.filename,
                    "media_type": saved.state.media_type,
                    "size": saved.state.size,
                    "sha256": saved.state.sha256,
                    "stored_at": instant_text(saved.state.stored_at),
                }
            )
            for saved in found[:limit]
            if saved.state.state is State.STORED and not saved.state.letter
        ]
        return api.DocumentList(items=items, next=found[limit - 1].id if len(found) > limit else None)

    async def download(self, actor: Actor, id: str) -> Download:
        """A document of one's own with its bytes; raises NOT_FOUND, ObjectsUnavailable before the first byte.

        Of bytes that are not those of the upload the last ones never come: `content` raises ObjectsUnavailable instead.
        """
        document = await self.describe(actor, id)
        return await self.content(id, document)

    async def content(self, id: str, document: Document) -> Download:
        """A document that is known to be given out; raises NOT_FOUND, ObjectsUnavailable before the first byte."""
        if document.object is None:
            raise NOT_FOUND()
        chunks = _told(id, whole(self.objects.read(document.object), size=document.size, sha256=document.sha256))
        return Download(document, _from(await anext(chunks, b""), chunks))


async def pieces(papers: PaperCopies, actor: Actor, applications: Sequence[str], language: str) -> bundles.PieceChoices:
    """What is in files that are within reach, by piece."""
    labels: dict[str, str] = {}
    files: Counter[str] = Counter()
    for application in dict.fromkeys(applications):
        file = await papers.file(actor, application)
        for slot in () if file is None else file.pieces:
            if slot.document is not None:
                labels.setdefault(slot.code, getattr(slot.label, language, None) or slot.label.fr)
                files[slot.code] += 1
    items = [bundles.PieceChoice(code=code, label=labels[code], files=number) for code, number in files.most_common()]
    return bundles.PieceChoices(items=items)


def bundle_view(saved: Versioned[Bundle], language: str) -> bundles.BundleView:
    """One bundle as its person sees it."""
    bundle = saved.state
    text = catalogues().text(f"documents.bundle.failed.{bundle.reason}", language) if bundle.reason else None
    return bundles.BundleView.model_validate(
        shown(saved.id, bundle, endpoints.FILE.at(id=saved.id))
        | {
            "kind": bundle.kind,
            "piece": bundle.piece or None,
            "state_label": catalogues().text(f"documents.bundle.state.{bundle.state.value}", language),
            "left_out": bundle.left_out,
            "reason_text": text,
        }
    )


async def _told(id: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks; what is missing or damaged is counted, and told to who looks after the suite."""
    try:
        async for chunk in chunks:
            yield chunk
    except (KeyError, DamagedObject) as error:
        missing = isinstance(error, KeyError)
        log.critical("documents.bytes-missing" if missing else "documents.bytes-damaged", document=id)
        metrics.OBJECTS_DAMAGED.labels("documents").inc()
        raise ObjectsUnavailable("the bytes of a stored document are missing or damaged") from None


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
