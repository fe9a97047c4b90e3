"""Finished answers, kept while they are right and asked for: the bytes and their tag."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, NamedTuple

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ANSWERS: Final = 4096


class Prepared(NamedTuple):
    """A finished answer; `tag` changes when the bytes do."""

    content: bytes
    tag: str


class Answers:
    """The answers asked for last, bounded in number and in bytes; those asked for longest ago go first."""

    def __init__(self, max_bytes: int = MAX_BYTES, max_answers: int = MAX_ANSWERS) -> None:
        self._max_bytes = max_bytes
        self._max_answers = max_answers
        self._kept: OrderedDict[Hashable, Prepared] = OrderedDict()
        self._bytes = 0

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], bytes]) -> Prepared:
        """The answer kept under `key`, or else the one made now."""
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        content = make()
        made = Prepared(content, hashlib.blake2b(content, digest_size=12).hexdigest())
        self._kept[key] = made
        self._bytes += len(content)
        while self._bytes > self._max_bytes or len(self._kept) > self._max_answers:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.content)
        return made

    def clear(self) -> None:
        """Forget them all, because what they tell of has changed."""
        self._kept.clear()
        self._bytes = 0
