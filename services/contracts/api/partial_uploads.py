"""Uploads that go on where they were cut off: what is announced, and how far they have come (ADR 82)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.documents import Upload
from services.contracts.parameters import LARGEST_UPLOAD

OFFSET_HEADER: Final = "Upload-Offset"
COMPLETE_HEADER: Final = "Upload-Complete"
LENGTH_HEADER: Final = "Upload-Length"
MEDIA_TYPE: Final = "application/partial-upload"
"""Of a piece of a file, as the draft names it."""


def _is_none(value: object) -> bool:
    return value is None


class NewPartial(BaseModel):
    """A file that is going to come in pieces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    length: Annotated[int, Field(ge=0, le=2**53 - 1, description="Bytes of the whole file.")]
    media_type: Annotated[
        str, Field(max_length=255, description="What it is said to be; what it is, its content decides.")
    ] = "application/octet-stream"
    filename: Annotated[str | None, Field(max_length=1000, description="The file's name.")] = None
    use: Annotated[Literal["part"] | None, Field(description="As for `PUT /uploads`.")] = None


class PartialPath(BaseModel):
    """Which of them."""

    model_config = ConfigDict(frozen=True)

    upload: Annotated[str, Field(pattern="^[0-9a-z]{26}$", description="Id of the upload.")]


class Partial(BaseModel):
    """How far an upload has come."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern="^[0-9a-z]{26}$", description="Id of the upload.")]
    length: Annotated[int, Field(ge=1, le=LARGEST_UPLOAD, description="Bytes of the whole file.")]
    offset: Annotated[
        int, Field(ge=0, description="Bytes that are safe; the next piece begins with the one behind them.")
    ]
    least_piece: Annotated[int, Field(description="Bytes that a piece has at least, but for the last one.")]
    expires_at: Annotated[str, Field(description="RFC 3339 instant, UTC, from which nothing of it is kept.")]
    upload: Annotated[
        Upload | None,
        Field(
            exclude_if=_is_none,
            description="What came of it, as `PUT /uploads` answers; absent until it was completed.",
        ),
    ] = None
