"""Events of documents. Public ones name the document by id and digest only."""

from __future__ import annotations

from services.contracts.events.catalogue import Event


class DocumentStored(Event, type="documents.document.stored.v1", key="document"):
    """Clean bytes stand in the object store; `size` in bytes."""

    document: str
    account: str
    sha256: str
    size: int
    media_type: str


class DocumentRejected(Event, type="documents.document.rejected.v1", key="document"):
    """An upload was refused; `reason` is the slug of the refusal. `document` is the id it would have had."""

    document: str
    account: str
    reason: str


class DocumentErased(Event, type="documents.document.erased.v1", key="document"):
    """The bytes are gone: never attached, removed with its application, in a PDF of several now, or by right to erasure."""

    document: str
    account: str
    reason: str


class DocumentsErased(Event, type="documents.account.erased.v1", key="account"):
    """The answer to `accounts.account.erased.v1`: the bytes of all documents are gone here."""

    account: str
