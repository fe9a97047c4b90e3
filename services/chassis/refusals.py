"""The refusals that any service gives before or beside its own; their texts stand in `services/locale`, under `chassis`."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import (
    BUSY,
    INVALID_FIELDS,
    KEY_REUSED,
    MAINTENANCE,
    NOT_FOUND,
    STALE_VERSION,
    TOO_MANY_CHANGES,
    ErrorCode,
    ErrorKind,
)

MALFORMED_REQUEST: Final = ErrorCode("malformed-request", ErrorKind.MALFORMED)
INVALID_HEADER: Final = ErrorCode("invalid-header", ErrorKind.MALFORMED)
MALFORMED_JSON: Final = ErrorCode("malformed-json", ErrorKind.MALFORMED)
DUPLICATE_MEMBER: Final = ErrorCode("duplicate-member", ErrorKind.MALFORMED)
NOT_UTF8: Final = ErrorCode("not-utf8", ErrorKind.MALFORMED)
UNSUPPORTED_MEDIA_TYPE: Final = ErrorCode("unsupported-media-type", ErrorKind.UNSUPPORTED)
UNSUPPORTED_ENCODING: Final = ErrorCode("unsupported-encoding", ErrorKind.UNSUPPORTED)
BODY_TOO_LARGE: Final = ErrorCode("body-too-large", ErrorKind.TOO_LARGE)
TOO_SLOW: Final = ErrorCode("too-slow", ErrorKind.TIMEOUT)
TOO_MANY_AT_ONCE: Final = ErrorCode("too-many-at-once", ErrorKind.THROTTLED)
METHOD_NOT_ALLOWED: Final = ErrorCode("method-not-allowed", ErrorKind.METHOD)
TOKEN_MISSING: Final = ErrorCode("token-missing", ErrorKind.UNAUTHENTICATED)
TOKEN_EXPIRED: Final = ErrorCode("token-expired", ErrorKind.UNAUTHENTICATED)
TOKEN_INVALID: Final = ErrorCode("token-invalid", ErrorKind.UNAUTHENTICATED)
RIGHT_MISSING: Final = ErrorCode("right-missing", ErrorKind.FORBIDDEN)
CATCHING_UP: Final = ErrorCode("catching-up", ErrorKind.UNAVAILABLE)
UNAVAILABLE: Final = ErrorCode("unavailable", ErrorKind.UNAVAILABLE)
INTERNAL_ERROR: Final = ErrorCode("internal-error", ErrorKind.INTERNAL)

GENERIC: Final = (
    MALFORMED_REQUEST,
    INVALID_HEADER,
    MALFORMED_JSON,
    DUPLICATE_MEMBER,
    NOT_UTF8,
    UNSUPPORTED_MEDIA_TYPE,
    UNSUPPORTED_ENCODING,
    BODY_TOO_LARGE,
    TOO_SLOW,
    TOO_MANY_AT_ONCE,
    METHOD_NOT_ALLOWED,
    TOKEN_MISSING,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    RIGHT_MISSING,
    CATCHING_UP,
    UNAVAILABLE,
    INTERNAL_ERROR,
    NOT_FOUND,
    INVALID_FIELDS,
    STALE_VERSION,
    KEY_REUSED,
    TOO_MANY_CHANGES,
    BUSY,
    MAINTENANCE,
)

FIELD_RULES: Final = (
    "required",
    "unknown-field",
    "repeated",
    "wrong-type",
    "too-long",
    "too-short",
    "too-big",
    "too-small",
    "too-many",
    "too-few",
    "not-a-choice",
    "not-a-date",
    "not-an-instant",
    "malformed",
)
"""Rules of single fields that bodies and queries break before any use case sees them."""
