"""Good answers to public questions, given again while what they depend on is the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Final, NamedTuple

from services.contracts.languages import Language

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ANSWERS: Final = 4096


class CachedResponse(NamedTuple):
    """A finished answer of status 200; `stamp` is what it depends on beside the question."""

    stamp: Hashable
    body: bytes
    etag: str
    headers: Mapping[str, str]


class ResponseCache:
    """The answers asked for last, bounded in number and in bytes; those asked for longest ago go first.

    A question is a raw path with its query, and a language. Two spellings of one question are two questions.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, max_answers: int = MAX_ANSWERS) -> None:
        self._max_bytes = max_bytes
        self._max_answers = max_answers
        self._kept: OrderedDict[tuple[str, Language], CachedResponse] = OrderedDict()
        self._bytes = 0

    @property
    def size(self) -> int:
        """How many bytes are kept, questions included."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, path: str, language: Language, stamp: Hashable) -> CachedResponse | None:
        """The answer to the question, unless it depended on something else."""
        kept = self._kept.get((path, language))
        if kept is None or kept.stamp != stamp:
            return None
        self._kept.move_to_end((path, language))
        return kept

    def last(self, path: str, language: Language) -> CachedResponse | None:
        """The last answer to the question, right or not any more."""
        return self._kept.get((path, language))

    def put(self, path: str, language: Language, kept: CachedResponse) -> None:
        """Keep an answer in place of the earlier one to the same question."""
        earlier = self._kept.pop((path, language), None)
        if earlier is not None:
            self._bytes -= _size(path, earlier)
        self._kept[path, language] = kept
        self._bytes += _size(path, kept)
        while self._bytes > self._max_bytes or len(self._kept) > self._max_answers:
            (gone_path, _), gone = self._kept.popitem(last=False)
            self._bytes -= _size(gone_path, gone)


def _size(path: str, kept: CachedResponse) -> int:
    return len(path) + len(kept.body)
