"""What the development ENT has given out: each thing is for one person and one asker, and good once."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Final, Generic, TypeVar

MOST: Final = 1000
"""Things given out and not yet brought back; the oldest is forgotten."""

T = TypeVar("T")


class GivenOut(Generic[T]):
    """Secrets with what they stand for, in memory: after a restart one logs in again."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._there: OrderedDict[str, T] = OrderedDict()

    def give(self, what: T) -> str:
        """A fresh secret for it."""
        secret = f"{self._prefix}{secrets.token_urlsafe(24)}"
        self._there[secret] = what
        if len(self._there) > MOST:
            self._there.popitem(last=False)
        return secret

    def take(self, secret: str) -> T | None:
        """What it stands for, once."""
        return self._there.pop(secret, None)
