"""Ids and secrets from the system's source of randomness."""

from __future__ import annotations

import secrets
import time

from ulid import ULID


class RandomIds:
    """Ids are ULIDs in lower case: 48 bits of time, 80 of chance."""

    def new(self) -> str:
        """A fresh id of 26 characters; its chance is fresh too, as the library's own counts up within a millisecond."""
        milliseconds = time.time_ns() // 1_000_000
        return str(ULID.from_bytes(milliseconds.to_bytes(6) + secrets.token_bytes(10))).lower()

    def token(self) -> str:
        """A fresh secret of 256 bits."""
        return secrets.token_urlsafe(32)

    def code(self, length: int, alphabet: str) -> str:
        """A fresh random word over `alphabet`."""
        return "".join(secrets.choice(alphabet) for _ in range(length))
