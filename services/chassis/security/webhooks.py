"""Signed messages of other servers, in the form of Standard Webhooks (standardwebhooks.com), by a secret that both hold."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE: Final = timedelta(minutes=5)
"""How far, inclusive, the sender's clock and the way here may be off."""
LONGEST_SIGNATURES: Final = 1024
"""Characters: a sender that changes its secret signs with both."""

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_OF_HOST: Final = re.compile(r"https://([A-Za-z0-9.-]+(?::[0-9]{1,5})?)=(.+)")
_VERSION: Final = "v1,"


class Unsigned(ValueError):
    """Nobody who holds the secret has said this just now."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a message is known by, and when it was sent, to the second; sent again it has the same id."""

    id: str
    sent_at: datetime


def host_and_secret(entry: str) -> tuple[str, str]:
    """Of which host alone a secret is believed, empty for any, and the secret: of `https://HOST=SECRET`, or of `SECRET`."""
    found = _OF_HOST.fullmatch(entry)
    return (found[1].lower(), found[2]) if found else ("", entry)


def signed(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> Signed:
    """By what the message is known, if it is signed with one of the secrets, within `TOLERANCE`; raises Unsigned."""
    id, stamp, signatures = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not _ID.fullmatch(id) or not _SECONDS.fullmatch(stamp) or len(signatures) > LONGEST_SIGNATURES:
        raise Unsigned
    if abs(int(now.timestamp()) - int(stamp)) > TOLERANCE.total_seconds():
        raise Unsigned
    made = [_made(id, stamp, body, secret) for secret in secrets]
    given = [
        each.removeprefix(_VERSION).encode(errors="replace")
        for each in signatures.split(" ")
        if each.startswith(_VERSION)
    ]
    if not any([hmac.compare_digest(each, own) for each in given for own in made]):  # noqa: C419 - looks at all of them
        raise Unsigned
    return Signed(id, datetime.fromtimestamp(int(stamp), UTC))


def signing(id: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers by which `signed` believes a message."""
    stamp = str(int(now.timestamp()))
    return {ID: id, TIMESTAMP: stamp, SIGNATURE: _VERSION + _made(id, stamp, body, secret).decode()}


def _made(id: str, stamp: str, body: bytes, secret: str) -> bytes:
    content = f"{id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret.encode(), content, "sha256"))
