"""The refusals of documents; their texts stand in `refusals.toml`."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import Kind, Slug

TOO_LARGE: Final = Slug("too-large", Kind.TOO_LARGE)
TYPE_NOT_ALLOWED: Final = Slug("type-not-allowed", Kind.UNSUPPORTED)
FILENAME_INVALID: Final = Slug("filename-invalid", Kind.INVALID)
EMPTY: Final = Slug("empty", Kind.INVALID)
CONTENT_MISMATCH: Final = Slug("content-mismatch", Kind.INVALID)
ENCRYPTED: Final = Slug("encrypted", Kind.INVALID)
DAMAGED: Final = Slug("damaged", Kind.INVALID)
ACTIVE_CONTENT: Final = Slug("active-content", Kind.INVALID)
IMAGE_TOO_LARGE: Final = Slug("image-too-large", Kind.INVALID)
TOO_COMPLEX: Final = Slug("too-complex", Kind.INVALID)
HEIC_NOT_YET: Final = Slug("heic-not-yet", Kind.UNSUPPORTED)
INFECTED: Final = Slug("infected", Kind.INVALID)
TOO_MANY_UPLOADS: Final = Slug("too-many-uploads", Kind.CONFLICT)
DOCUMENT_ERASED: Final = Slug("document-erased", Kind.GONE)
SCANNER_UNAVAILABLE: Final = Slug("scanner-unavailable", Kind.UNAVAILABLE)
INSPECTION_UNAVAILABLE: Final = Slug("inspection-unavailable", Kind.UNAVAILABLE)

DECLARED: Final = (
    TOO_LARGE,
    TYPE_NOT_ALLOWED,
    FILENAME_INVALID,
    EMPTY,
    CONTENT_MISMATCH,
    ENCRYPTED,
    DAMAGED,
    ACTIVE_CONTENT,
    IMAGE_TOO_LARGE,
    TOO_COMPLEX,
    HEIC_NOT_YET,
    INFECTED,
    TOO_MANY_UPLOADS,
    DOCUMENT_ERASED,
    SCANNER_UNAVAILABLE,
    INSPECTION_UNAVAILABLE,
)
