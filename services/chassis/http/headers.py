"""The request headers that the suite reads, each bounded and checked, and those that it sets on every answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from random import Random
from typing import Final

from services.chassis.refusals import INVALID_HEADER

REQUEST_ID: Final = "X-Request-Id"
SEEN: Final = "Parvis-Seen"
LAST_EVENT: Final = "Last-Event-ID"

MAX_TAGS: Final = 8
"""Entity tags that one If-Match or If-None-Match may name."""

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_TAG: Final = r'(W/)?"([\x21\x23-\x7e\x80-\xff]{0,128})"'
_TAGS: Final = re.compile(rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG}){{0,{MAX_TAGS - 1}}}")
_ONE_TAG: Final = re.compile(_TAG)
TAG_PATTERN: Final = r'^"[!#-~]{1,64}"$'
"""What one of our own entity tags looks like, for documents."""
_POSITION: Final = re.compile(r"0|[1-9][0-9]{0,9}")
_VERSION: Final = re.compile(r"(?:[a-z][a-z0-9_-]{0,31}-)?(0|[1-9][0-9]{0,9})")

_chance: Final = Random()  # noqa: S311 - it names requests, and keeps no secret


def correlation(value: str | None) -> str:
    """The client's `X-Request-Id` if it is a sound one (8 to 64 characters `[A-Za-z0-9._-]`), else a fresh one."""
    if value is not None and _REQUEST_ID.fullmatch(value):
        return value
    return f"{_chance.getrandbits(104):026x}"


def traceparent(value: str | None) -> str | None:
    """The trace context (W3C) if it is a sound one; a broken one is left out, as its standard says."""
    return value if value is not None and _TRACEPARENT.fullmatch(value) else None


def idempotency_key(value: str | None, *, scope: str) -> str | None:
    """What stands for the client's `Idempotency-Key` inside: a digest of key and `scope` (who asks for what).

    1 to 255 visible ASCII characters; the quotes of a structured header's string are no part of the key. Raises
    INVALID_HEADER.
    """
    if value is None:
        return None
    if len(value) > 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if not _KEY.fullmatch(value):
        raise INVALID_HEADER(header="Idempotency-Key")
    return hashlib.sha256(f"{scope}\n{value}".encode()).hexdigest()


def entity_tags(name: str, value: str | None) -> tuple[tuple[str, bool], ...] | None:
    """The tags of an If-Match or If-None-Match, each with whether it is weak; None if absent, `()` for `*`.

    Raises INVALID_HEADER for anything else than up to 8 quoted tags.
    """
    if value is None:
        return None
    if value.strip() == "*":
        return ()
    if not _TAGS.fullmatch(value.strip()):
        raise INVALID_HEADER(header=name)
    return tuple((tag[2], tag[1] is not None) for tag in _ONE_TAG.finditer(value))


def version_of(tag: str) -> int | None:
    """The version that a tag of ours names: `5`, or `identity-5`; None for a tag that cannot be ours."""
    matched = _VERSION.fullmatch(tag)
    return int(matched[1]) if matched else None


def last_event(value: str | None) -> int | None:
    """The version that a client was told of last (`Last-Event-ID`), None if of none; raises INVALID_HEADER."""
    if not value:
        return None
    if not _POSITION.fullmatch(value):
        raise INVALID_HEADER(header=LAST_EVENT)
    return int(value)


def security_headers(*, https: bool) -> Mapping[str, str]:
    """The headers of every answer, refusals and pages included; a page sets its own wider Content-Security-Policy."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers
