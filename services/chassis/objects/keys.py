"""What may be an object's key, for every object store."""

from __future__ import annotations

import re
from typing import Final

from services.chassis.ports import MAX_FIND

_KEY: Final = re.compile(r"[a-z0-9_.-]+(/[a-z0-9_.-]+)*")
_PREFIX: Final = re.compile(r"[a-z0-9/_.-]*")
_MAX_KEY: Final = 200

CHUNK: Final = 256 * 1024
"""Bytes moved at a time."""


def check_key(key: str) -> None:
    """Refuse, by ValueError, what is no key."""
    if len(key) > _MAX_KEY or not _KEY.fullmatch(key) or not {"", ".", ".."}.isdisjoint(key.split("/")):
        raise ValueError("not an object key")


def check_page(prefix: str, after: str, limit: int) -> None:
    """Refuse, by ValueError, what cannot be asked of a list of objects."""
    if not (_PREFIX.fullmatch(prefix) and _PREFIX.fullmatch(after)) or max(len(prefix), len(after)) > _MAX_KEY:
        raise ValueError("prefix and after are made of the characters of keys")
    if not 1 <= limit <= MAX_FIND:
        raise ValueError(f"limit must be 1..{MAX_FIND}")
