"""What student records (SIS) are told of the documents of who was handed over; docs/operations/pre-enrolment.md."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

DOCUMENT_HEADER: Final = "Parvis-Document"
"""Carries the entry as JSON in Base64: what is signed, since the body is too long to be held before it is believed."""


class DocumentEntry(BaseModel):
    """One document of one person: to be taken (`put`), or to be dropped (`drop`), which says nothing of what it was.

    Of one `reference` and `document` the highest `revision` counts; the same again asks for nothing new.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    reference: Annotated[str, Field(description="Of the application, as the person was handed over by it.")]
    document: Annotated[str, Field(description="Of these bytes, which never change.")]
    revision: Annotated[int, Field(ge=1, description="Grows with what is asked for this document.")]
    action: Literal["put", "drop"]
    campaign: str
    programme: str
    file_number: str | None = None
    piece: str | None = None
    piece_label: str | None = None
    filename: str | None = None
    media_type: str | None = None
    size: Annotated[int | None, Field(ge=0, description="In bytes.")] = None
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None

    @property
    def key(self) -> str:
        """The same for the same entry, and for no other."""
        of = hashlib.sha256(f"{self.reference}/{self.document}".encode()).hexdigest()[:32]
        return f"document.{of}.{self.revision}"


class HeldDocument(BaseModel):
    """One document that they hold, and the revision that counts there."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    reference: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,64}$")]
    document: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,64}$")]
    revision: Annotated[int, Field(ge=1, le=2**53 - 1)]


def held_document_line(reference: str, document: str, revision: int) -> bytes:
    """What of one of them goes into the digest, in order of reference and document."""
    return f"{reference}.{document}.{revision}\n".encode()
