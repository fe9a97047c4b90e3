"""A document: immutable bytes, who owns them, which applications hold them, and until when they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from services.documents.domain.events import DomainEvent, Erased, Fetched, Rejected, Stored
from services.documents.domain.letter_proof import Proof
from services.documents.domain.states import TABLE, Action, State
from services.documents.domain.uploads import PDF

MEETING: Final = "meeting:"
"""What an account begins with that is none: minutes belong to their meeting, whose id stands behind it."""


class Reason(Enum):
    """Why bytes are erased."""

    UNATTACHED = "unattached"
    """In no application for as long as the setting says."""
    ACCOUNT_ERASED = "account-erased"
    ASSEMBLED = "assembled"
    """Its pages are in another document."""


@dataclass(frozen=True, slots=True, order=True)
class Attachment:
    """A place in which a document lies: the slot of one requirement in one application."""

    application: str
    piece: str


@dataclass(frozen=True, slots=True)
class Document:
    """The row of one document.

    `part` is one that only waits to become pages of another, and can be attached to nothing. `letter`: it was made here, for
    the application that is the one of `submitted`, and whether it is given out is not said by this row. `registrar`: where
    it came from, as the card of its person says it; empty if they have given it.

    `object` is the key of the bytes, absent when there are none. `submitted` names the applications whose frozen file
    holds it: it is kept for them whatever is removed or cancelled afterwards. `due_at` is the instant from which the
    sweep has something to do here; it is absent exactly while an application holds the document, or nothing is left.
    """

    account: str
    state: State
    sha256: str
    size: int
    media_type: str
    filename: str
    stored_at: datetime
    object: str | None = None
    attachments: tuple[Attachment, ...] = ()
    submitted: tuple[str, ...] = ()
    due_at: datetime | None = None
    reason: Reason | None = None
    part: bool = False
    letter: bool = False
    registrar: str = ""
    proof: Proof | None = None
    """What a letter with a code on it proves to whoever holds it."""

    @property
    def held(self) -> bool:
        """Whether an application needs the bytes."""
        return bool(self.attachments or self.submitted)


def store(
    *,
    account: str,
    sha256: str,
    size: int,
    media_type: str,
    filename: str,
    object: str,
    now: datetime,
    keep: timedelta,
    part: bool = False,
    registrar: str = "",
) -> tuple[Document, Sequence[DomainEvent]]:
    """A new document; it goes when nothing holds it for `keep`."""
    document = Document(
        account,
        State.STORED,
        sha256,
        size,
        media_type,
        filename,
        now,
        object=object,
        due_at=now + keep,
        part=part,
        registrar=registrar,
    )
    return document, (Stored(), fetched(document)) if registrar else (Stored(),)


def fetched(document: Document) -> Fetched:
    """That it came from the registrar, told again as often as somebody has not heard of it."""
    return Fetched(document.registrar)


def archive(
    *,
    account: str,
    application: str,
    sha256: str,
    size: int,
    filename: str,
    object: str,
    now: datetime,
    proof: Proof | None = None,
) -> Document:
    """A letter as it was first made: it is kept as long as its application, and nobody is told of it."""
    return Document(
        account,
        State.STORED,
        sha256,
        size,
        PDF,
        filename,
        now,
        object=object,
        submitted=(application,),
        letter=True,
        proof=proof,
    )


def reject(
    *,
    account: str,
    sha256: str,
    size: int,
    media_type: str,
    reason: str,
    now: datetime,
    keep: timedelta,
    registrar: str = "",
) -> tuple[Document, Rejected]:
    """The trace of an upload that held malware; the trace goes after `keep`."""
    document = Document(
        account, State.REJECTED, sha256, size, media_type, "", now, due_at=now + keep, registrar=registrar
    )
    return document, Rejected(reason)


def attach(document: Document, place: Attachment) -> Document:
    """An application took the document."""
    if document.state is not State.STORED:
        return document
    return replace(document, attachments=tuple(sorted({*document.attachments, place})), due_at=None)


def detach(document: Document, place: Attachment, now: datetime, keep: timedelta) -> Document:
    """An application let go of the document; it goes after `keep` unless something else holds it."""
    return _hold_less(document, tuple(held for held in document.attachments if held != place), now, keep)


def submit(document: Document, application: str) -> Document:
    """An application was submitted with the document: its bytes are evidence from now on."""
    if document.state is not State.STORED:
        return document
    return replace(document, submitted=tuple(sorted({*document.submitted, application})), due_at=None)


def cancel(document: Document, application: str, now: datetime, keep: timedelta) -> Document:
    """An application was cancelled: what is its own goes after `keep`, what is shared stays (acceptance 45)."""
    left = tuple(held for held in document.attachments if held.application != application)
    return _hold_less(document, left, now, keep)


def begin_erasure(document: Document, reason: Reason, now: datetime) -> Document:
    """Nobody may read it any more. Held ones go only for the person's right to erasure; gone is gone."""
    spared = document.held and reason is not Reason.ACCOUNT_ERASED
    after = TABLE.get((document.state, Action.ERASE))
    if spared or after is None:
        return document
    return replace(document, state=after, reason=reason, due_at=now)


def finish_erasure(document: Document) -> tuple[Document, Erased | None]:
    """The bytes are gone: what is left says only that there was a document."""
    after = TABLE.get((document.state, Action.FINISH_ERASURE))
    if after is None or document.reason is None:
        return document, None
    erased = replace(
        document,
        state=after,
        filename="",
        object=None,
        attachments=(),
        submitted=(),
        due_at=None,
        registrar="",
        proof=None,
    )
    return erased, None if document.letter else Erased(document.reason.value)


def is_due(document: Document, now: datetime) -> bool:
    """Whether the sweep has something to do here."""
    return document.due_at is not None and document.due_at <= now


def _hold_less(document: Document, left: tuple[Attachment, ...], now: datetime, keep: timedelta) -> Document:
    if document.state is not State.STORED or left == document.attachments:
        return document
    fewer = replace(document, attachments=left)
    return fewer if fewer.held else replace(fewer, due_at=now + keep)
