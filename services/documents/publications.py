"""Facts of documents as events of the contract."""

from __future__ import annotations

from collections.abc import Sequence

from services.contracts.events.catalogue import Event
from services.contracts.events.documents import DocumentErased, DocumentRejected, DocumentStored
from services.documents.domain.document import Document
from services.documents.domain.events import Erased, Rejected, Stored


def publish(id: str, document: Document, domain_event: Stored | Rejected | Erased) -> Sequence[Event]:
    """The event that says a fact of the document `id`."""
    match domain_event:
        case Stored():
            return [
                DocumentStored(
                    document=id,
                    account=document.account,
                    sha256=document.sha256,
                    size=document.size,
                    media_type=document.media_type,
                )
            ]
        case Rejected(reason):
            return [DocumentRejected(document=id, account=document.account, reason=reason)]
        case Erased(reason):
            return [DocumentErased(document=id, account=document.account, reason=reason)]
