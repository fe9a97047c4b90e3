"""Ids and secrets from the system's source of randomness."""

from __future__ import annotations

import secrets
import time
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
_SHIFTS: Final = range(120, -1, -10)


class RandomIds:
    """Ids of 48 bits of time and 80 bits of chance in Crockford's base 32 (as ULID, lower case)."""

    def new(self) -> str:
        """A fresh id of 26 characters."""
        number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])

    def token(self) -> str:
        """A fresh secret of 256 bits."""
        return secrets.token_urlsafe(32)

    def code(self, length: int, alphabet: str) -> str:
        """A fresh random word over `alphabet`."""
        return "".join(secrets.choice(alphabet) for _ in range(length))
