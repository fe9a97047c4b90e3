"""Ids and secrets from the system's source of randomness."""

from __future__ import annotations

import secrets
import time
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"


class RandomIds:
    """Ids of 48 bits of time and 80 bits of chance in Crockford's base 32 (as ULID, lower case)."""

    def new(self) -> str:
        """A fresh id of 26 characters."""
        number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))

    def token(self) -> str:
        """A fresh secret of 256 bits."""
        return secrets.token_urlsafe(32)

    def code(self, length: int, alphabet: str) -> str:
        """A fresh random word over `alphabet`."""
        return "".join(secrets.choice(alphabet) for _ in range(length))
