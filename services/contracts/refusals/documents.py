"""The refusals of documents; their texts stand in `services/locale`."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import ErrorCode, ErrorKind

TOO_LARGE: Final = ErrorCode("too-large", ErrorKind.TOO_LARGE)
TYPE_NOT_ALLOWED: Final = ErrorCode("type-not-allowed", ErrorKind.UNSUPPORTED)
FILENAME_INVALID: Final = ErrorCode("filename-invalid", ErrorKind.INVALID)
EMPTY: Final = ErrorCode("empty", ErrorKind.INVALID)
CONTENT_MISMATCH: Final = ErrorCode("content-mismatch", ErrorKind.INVALID)
ENCRYPTED: Final = ErrorCode("encrypted", ErrorKind.INVALID)
DAMAGED: Final = ErrorCode("damaged", ErrorKind.INVALID)
ACTIVE_CONTENT: Final = ErrorCode("active-content", ErrorKind.INVALID)
IMAGE_TOO_LARGE: Final = ErrorCode("image-too-large", ErrorKind.INVALID)
TOO_COMPLEX: Final = ErrorCode("too-complex", ErrorKind.INVALID)
TOO_MANY_PARTS: Final = ErrorCode("too-many-parts", ErrorKind.INVALID)
PARTS_TOO_LARGE: Final = ErrorCode("parts-too-large", ErrorKind.INVALID)
PAGES_DO_NOT_FIT: Final = ErrorCode("pages-do-not-fit", ErrorKind.INVALID)
HEIC_NOT_YET: Final = ErrorCode("heic-not-yet", ErrorKind.UNSUPPORTED)
INFECTED: Final = ErrorCode("infected", ErrorKind.INVALID)
TOO_MANY_UPLOADS: Final = ErrorCode("too-many-uploads", ErrorKind.CONFLICT)
TOO_MANY_MODELS: Final = ErrorCode("too-many-models", ErrorKind.CONFLICT)
TOO_MANY_SIGNATURES: Final = ErrorCode("too-many-signatures", ErrorKind.CONFLICT)
TOO_MANY_LETTER_TEXTS: Final = ErrorCode("too-many-letter-texts", ErrorKind.CONFLICT)
TOO_MANY_OPEN: Final = ErrorCode("too-many-open-uploads", ErrorKind.CONFLICT)
WRONG_OFFSET: Final = ErrorCode("wrong-offset", ErrorKind.CONFLICT)
INCONSISTENT_LENGTH: Final = ErrorCode("inconsistent-length", ErrorKind.INVALID)
PIECE_TYPE_WRONG: Final = ErrorCode("piece-type-wrong", ErrorKind.UNSUPPORTED)
PIECE_TOO_SMALL: Final = ErrorCode("piece-too-small", ErrorKind.INVALID)
NO_PREVIEW: Final = ErrorCode("no-preview", ErrorKind.CONFLICT)
FILE_FROZEN: Final = ErrorCode("file-frozen", ErrorKind.CONFLICT)
CANDIDATE_ACCOUNT_CLOSED: Final = ErrorCode("candidate-account-closed", ErrorKind.CONFLICT)
NOT_SUBMITTED: Final = ErrorCode("not-submitted", ErrorKind.CONFLICT)
NO_LETTER: Final = ErrorCode("no-letter", ErrorKind.CONFLICT)
RECUSED: Final = ErrorCode("recused", ErrorKind.FORBIDDEN)
DOCUMENT_ERASED: Final = ErrorCode("document-erased", ErrorKind.GONE)
PIECE_NOT_NAMED: Final = ErrorCode("piece-not-named", ErrorKind.INVALID)
TOO_MANY_BUNDLES: Final = ErrorCode("too-many-bundles", ErrorKind.CONFLICT)
BUNDLES_FULL: Final = ErrorCode("bundles-full", ErrorKind.THROTTLED)
TOO_MANY_NAMES: Final = ErrorCode("too-many-names", ErrorKind.THROTTLED)
BUNDLE_RIGHTS_CHANGED: Final = ErrorCode("bundle-rights-changed", ErrorKind.CONFLICT)
SCANNER_UNAVAILABLE: Final = ErrorCode("scanner-unavailable", ErrorKind.UNAVAILABLE)
INSPECTION_UNAVAILABLE: Final = ErrorCode("inspection-unavailable", ErrorKind.UNAVAILABLE)

OF_ASSEMBLY: Final = (TOO_MANY_PARTS, PARTS_TOO_LARGE, PAGES_DO_NOT_FIT)

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
