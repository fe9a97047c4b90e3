"""Uploads and documents: what is answered, what a receipt says, and how a file's name travels in a header."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from urllib.parse import quote, unquote_to_bytes

from pydantic import BaseModel, ConfigDict, Field

UPLOAD_RECEIPT: Final = "parvis-upload+jwt"
"""The `typ` of an upload's receipt; it is signed by documents (`iss` is `parvis/documents`)."""

FILENAME_HEADER: Final = "X-Filename"

MediaType = Literal["application/pdf", "image/jpeg", "image/png"]
PartType = Literal["image/heic", "image/heif"]
"""What is taken as a part besides."""
WarningName = Literal[
    "blank-page", "picture-cut-short", "low-resolution", "page-sideways", "page-upside-down", "page-unclear"
]
MOST_RECEIPT_WARNINGS: Final = 10
"""Warnings that a receipt carries on; the answer to the upload has all of them."""
DocumentId = Annotated[str, Field(pattern="^[0-9a-z]{26}$", description="Id of the document.")]

MAX_PARTS: Final = 40
"""Documents of one assembly that can be named at all; how many are taken is the institution's to say."""

_EXT_VALUE: Final = re.compile(r"(?i:utf-8)'[A-Za-z0-9-]*'((?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-Fa-f]{2})*)")
_PLAIN: Final = re.compile(r"[\x20-\x7e]+")
_ATTR_CHARS: Final = "!#$&+^`|"
_NOT_QUOTABLE: Final = re.compile(r'[^\x20-\x7e]|["\\%;]')  # clients split at semicolons, also within quotes


def is_none(value: object) -> bool:
    """Whether a member is left out of an answer."""
    return value is None


def _is_empty(value: object) -> bool:
    return not value


class UploadWarning(BaseModel):
    """What its owner had better look at in a file that was taken all the same."""

    model_config = ConfigDict(frozen=True)

    slug: Annotated[
        WarningName,
        Field(
            description="`blank-page`: a page shows nothing; `picture-cut-short`: the last rows of a picture are missing; "
            "`low-resolution`: too few pixels to read small print; `page-sideways`, `page-upside-down`: a page does not "
            "stand upright, by its letters, by the lines of a scan, or by what its photo says of how it was held; "
            "`page-unclear`: nothing stands out on a scan, which is blank, blurred or too pale."
        ),
    ]
    page: Annotated[int | None, Field(ge=1, exclude_if=is_none, description="The page, in a file that has pages.")] = (
        None
    )
    dpi: Annotated[
        int | None,
        Field(
            ge=0,
            exclude_if=is_none,
            description="Of `low-resolution`: pixels to the inch on its page, or on A4 where there is none or a larger one.",
        ),
    ] = None
    text: Annotated[str, Field(description="What to look at, and what to do about it, in the language asked for.")] = ""


UploadWarnings = Annotated[
    tuple[UploadWarning, ...] | None,
    Field(
        exclude_if=is_none,
        description="What had better be looked at in it, the first ten; absent when there is nothing. None of it stands in "
        "the way of anything.",
    ),
]


class UploadQuery(BaseModel):
    """What an upload is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use: Annotated[
        Literal["part"] | None,
        Field(
            description="`part`: a photo or PDF that is only to become pages of one PDF (`POST /uploads/assemble`). It may "
            "be larger and HEIC, and gets no receipt. What is kept of a photo is a JPEG: upright, without metadata, no "
            "larger than print needs."
        ),
    ] = None


class Assembly(BaseModel):
    """The parts of a PDF."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    documents: Annotated[
        tuple[DocumentId, ...],
        Field(min_length=1, max_length=MAX_PARTS, description="Own documents, in the order of their pages."),
    ]
    max_bytes: Annotated[
        int | None,
        Field(ge=1024, description="The most that the PDF may have, in bytes; never more than an upload may."),
    ] = None


class Upload(BaseModel):
    """A stored document. The receipt is what applications takes to attach it."""

    model_config = ConfigDict(frozen=True)

    document: Annotated[str, Field(description="Id of the document.")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Digest of the bytes that were received.")]
    size: Annotated[int, Field(ge=1, description="In bytes.")]
    media_type: Annotated[MediaType | PartType, Field(description="What the content is, whatever was announced.")]
    receipt: Annotated[
        str,
        Field(
            exclude_if=_is_empty,
            description=f"Signed proof of the upload (JWS, EdDSA, typ `{UPLOAD_RECEIPT}`), to be attached before its `exp`; "
            "absent for a part.",
        ),
    ] = ""
    warnings: Annotated[
        tuple[UploadWarning, ...] | None,
        Field(min_length=1, exclude_if=is_none, description="Absent when there is nothing to look at."),
    ] = None


class WarningClaim(BaseModel):
    """A warning in a receipt, of whatever release; what it says in words is not in it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    slug: Annotated[str, Field(pattern="^[a-z][a-z-]{0,39}$")]
    page: Annotated[int | None, Field(ge=1)] = None
    dpi: Annotated[int | None, Field(ge=0)] = None


class UploadReceiptClaims(BaseModel):
    """What a receipt says; `sub` is the owner's account, `iat` and `exp` are seconds since 1970 in UTC."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    iss: str
    sub: Annotated[str, Field(min_length=1, max_length=64)]
    document: Annotated[str, Field(min_length=1, max_length=64)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1)]
    media_type: MediaType
    filename: Annotated[str, Field(min_length=1, max_length=255)]
    iat: int
    exp: int
    warnings: Annotated[list[WarningClaim], Field(max_length=MOST_RECEIPT_WARNINGS)] = Field(default_factory=list)


class DocumentPath(BaseModel):
    """Which document."""

    model_config = ConfigDict(frozen=True)

    id: DocumentId


class PreviewQuery(BaseModel):
    """Which page is to be drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: Annotated[int, Field(ge=1, le=100_000, description="Its number, from 1.")] = 1


class DocumentPages(BaseModel):
    """What can be drawn of a document."""

    model_config = ConfigDict(frozen=True)

    pages: Annotated[int, Field(ge=0, description="How many pages there are; a picture is one.")]


class PaperPath(BaseModel):
    """Of which application."""

    model_config = ConfigDict(frozen=True)

    application: Annotated[str, Field(pattern="^[0-9a-z]{26}$", description="Id of the application.")]


class DocumentQuery(BaseModel):
    """Which page of one's documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: DocumentId | None = None


class DocumentItem(BaseModel):
    """One document; `GET /documents/{id}` has its bytes."""

    model_config = ConfigDict(frozen=True)

    document: Annotated[str, Field(description="Id of the document.")]
    filename: str
    media_type: MediaType | PartType
    size: Annotated[int, Field(description="In bytes.")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    stored_at: Annotated[str, Field(description="RFC 3339 instant, UTC.")]


class DocumentList(BaseModel):
    """A page of one's documents; where many are being erased it may hold fewer than asked for, and yet not be the last."""

    model_config = ConfigDict(frozen=True)

    items: list[DocumentItem]
    next: Annotated[str | None, Field(description="Give it as `after` for the next page.")] = None


def encode_filename(filename: str) -> str:
    """A name as RFC 8187 writes it, for `X-Filename` and for `filename*`."""
    return "UTF-8''" + quote(filename.encode(), safe=_ATTR_CHARS)


def decode_filename(header: str) -> str:
    """The name in an `X-Filename`: `UTF-8''...` (RFC 8187), else printable ASCII as it stands; raises ValueError."""
    if header[:6].lower() == "utf-8'":
        matched = _EXT_VALUE.fullmatch(header)
        if matched is None:
            raise ValueError("not an extended value")
        return unquote_to_bytes(matched[1]).decode()
    if _PLAIN.fullmatch(header) is None:
        raise ValueError("neither an extended value nor printable ASCII")
    return header


def attachment(filename: str) -> str:
    """A `Content-Disposition` that has the name unchanged (RFC 6266), and in ASCII for those who cannot read it."""
    return f'attachment; filename="{_NOT_QUOTABLE.sub("_", filename)}"; filename*={encode_filename(filename)}'
