"""What a machine has by itself: its time, and chance."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, in UTC, to the millisecond."""

    by_hand: bool
    """Whether whoever sets it means it, as in a rehearsal; a machine's clock may be wrong."""

    def now(self) -> datetime:
        """The present instant."""


class Ids(Protocol):
    """Makes names that nobody can guess and that do not repeat."""

    def new(self) -> str:
        """A fresh id: 26 characters `[0-9a-z]`, ordered by time to the millisecond."""

    def token(self) -> str:
        """A fresh secret of 256 bits, 43 characters of URL-safe base64."""

    def code(self, length: int, alphabet: str) -> str:
        """A fresh random word over `alphabet`."""
        ...
