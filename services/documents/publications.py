"""What documents tells others: its facts as events of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.contracts.events.catalogue import Event
from services.contracts.events.documents import DocumentErased, DocumentRejected, DocumentStored
from services.contracts.events.registrar_files import RegistrarFileKept
from services.documents.domain.document import Document
from services.documents.domain.events import DomainEvent, Erased, Fetched, Rejected, Stored


def document_events(id: str, document: Document, domain_event: DomainEvent) -> Sequence[Event]:
    """The events that say what happened to a document."""
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
        case Fetched(file):
            return [
                RegistrarFileKept(
                    document=id,
                    account=document.account,
                    file=file,
                    sha256=document.sha256,
                    size=document.size,
                    media_type=document.media_type,
                    filename=document.filename,
                )
            ]
        case Rejected(reason):
            return [DocumentRejected(document=id, account=document.account, reason=reason)]
        case Erased(reason):
            return [DocumentErased(document=id, account=document.account, reason=reason)]
        case _:
            assert_never(domain_event)


def without_person(event: Event) -> Event:
    """What an event of a document says when the person is forgotten: that there was one."""
    if isinstance(event, RegistrarFileKept):
        return event.model_copy(update={"file": "", "filename": ""})
    return event
