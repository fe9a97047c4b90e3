"""The refusals that any service gives before or beside its own; their texts stand in `refusals.toml` beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from services.contracts.refusals import (
    BUSY,
    INVALID_FIELDS,
    KEY_REUSED,
    NOT_FOUND,
    STALE_VERSION,
    TOO_MANY_CHANGES,
    Kind,
    Slug,
)

TEXTS: Final = Path(__file__).with_suffix(".toml")

MALFORMED_REQUEST: Final = Slug("malformed-request", Kind.MALFORMED)
INVALID_HEADER: Final = Slug("invalid-header", Kind.MALFORMED)
MALFORMED_JSON: Final = Slug("malformed-json", Kind.MALFORMED)
DUPLICATE_MEMBER: Final = Slug("duplicate-member", Kind.MALFORMED)
NOT_UTF8: Final = Slug("not-utf8", Kind.MALFORMED)
UNSUPPORTED_MEDIA_TYPE: Final = Slug("unsupported-media-type", Kind.UNSUPPORTED)
UNSUPPORTED_ENCODING: Final = Slug("unsupported-encoding", Kind.UNSUPPORTED)
BODY_TOO_LARGE: Final = Slug("body-too-large", Kind.TOO_LARGE)
TOO_SLOW: Final = Slug("too-slow", Kind.TIMEOUT)
TOO_MANY_AT_ONCE: Final = Slug("too-many-at-once", Kind.THROTTLED)
METHOD_NOT_ALLOWED: Final = Slug("method-not-allowed", Kind.METHOD)
TOKEN_MISSING: Final = Slug("token-missing", Kind.UNAUTHENTICATED)
TOKEN_EXPIRED: Final = Slug("token-expired", Kind.UNAUTHENTICATED)
TOKEN_INVALID: Final = Slug("token-invalid", Kind.UNAUTHENTICATED)
CATCHING_UP: Final = Slug("catching-up", Kind.UNAVAILABLE)
UNAVAILABLE: Final = Slug("unavailable", Kind.UNAVAILABLE)
INTERNAL_ERROR: Final = Slug("internal-error", Kind.INTERNAL)

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
    CATCHING_UP,
    UNAVAILABLE,
    INTERNAL_ERROR,
    NOT_FOUND,
    INVALID_FIELDS,
    STALE_VERSION,
    KEY_REUSED,
    TOO_MANY_CHANGES,
    BUSY,
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
