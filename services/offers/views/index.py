"""An index of programmes in memory: which of them hold these words, at this centre, of this diploma, open on this day.

Sets of programmes are whole numbers whose bit `n` stands for the `n`-th code, so that joining two sets of ten thousand
costs less than a microsecond, whatever was asked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Final, cast

from services.contracts.text_folding import fold, folded_words
from services.offers.domain.calendar import Availability
from services.offers.domain.programmes import Programme, Unit
from services.offers.domain.text import Language

_SLICE: Final = 200
"""Entries or words that are worked on without a pause."""


class IndexedProgramme:
    """A programme with its words, and what was made of it before (a cache that lives as long as it)."""

    __slots__ = ("any_words", "made", "programme", "title_words")

    def __init__(self, programme: Programme) -> None:
        content = programme.content
        units = (content.centre, content.diploma)
        titles = content.title.by_language().values()
        labels = [label for unit in units for label in (unit.code, *unit.label.by_language().values())]
        self.programme = programme
        self.title_words = folded_words(*titles)
        self.any_words = self.title_words | folded_words(programme.code, *content.keywords, *labels)
        self.made: dict[tuple[Language, Availability], bytes] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for; empty or None means: all."""

    words: tuple[str, ...] = ()
    centre: str | None = None
    diploma: str | None = None
    open: bool | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the set of those whose title holds all the words, and the set of the others."""

    titles: int
    others: int

    @property
    def all(self) -> int:
        """Both sets."""
        return self.titles | self.others


class SearchIndex:
    """The searchable state of the catalogue at one moment; it never changes. `assemble` makes it."""

    def __init__(self, entries: Sequence[IndexedProgramme], titles: _Vocabulary, texts: _Vocabulary) -> None:
        self.entries: Final = entries
        self._codes = [entry.programme.code for entry in entries]
        self._titles = titles
        self._words = texts
        contents = [entry.programme.content for entry in entries]
        self.centres: Final = _Units([content.centre for content in contents])
        self.diplomas: Final = _Units([content.diploma for content in contents])
        self._all = (1 << len(entries)) - 1
        self._open: tuple[date, int] | None = None

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def looks(self) -> int:
        """How many parts of words were looked for, of those that were asked for."""
        return self._titles.holding.cache_info().misses + self._words.holding.cache_info().misses

    def get(self, code: str) -> IndexedProgramme | None:
        """The programme of that code."""
        place = bisect_left(self._codes, code)
        return self.entries[place] if place < len(self._codes) and self._codes[place] == code else None

    def search(self, asked: Asked, today: date) -> Found:
        """The programmes that meet all that is asked."""
        bound = self._all
        if asked.centre is not None:
            bound &= self.centres.sets.get(asked.centre, 0)
        if asked.diploma is not None:
            bound &= self.diplomas.sets.get(asked.diploma, 0)
        if asked.open is not None:
            bound &= self.open_on(today) if asked.open else ~self.open_on(today)
        titles = found = bound
        for word in asked.words:
            titles &= self._titles.holding(word)
            found &= self._words.holding(word)
        return Found(titles, found & ~titles)

    def open_on(self, today: date) -> int:
        """The programmes to which one can apply on that day; reckoned once a day."""
        if self._open is None or self._open[0] != today:
            opened = [
                place
                for place, entry in enumerate(self.entries)
                if entry.programme.content.availability(today) is Availability.OPEN
            ]
            self._open = today, as_set(opened, len(self.entries))
        return self._open[1]

    def members(self, bits: int) -> list[IndexedProgramme]:
        """The programmes of a set, by code."""
        return [self.entries[place] for place in places(bits)]

    def page(
        self, found: Found, after: tuple[int, str] | None, limit: int
    ) -> tuple[list[IndexedProgramme], tuple[int, str] | None]:
        """Up to `limit` of what was found, titles first, then by code; and where the next page starts, if there is one.

        `after` and the answer's second part are (0 for titles or 1, code): a place that stays right when others come and go.
        """
        groups = [found.titles, found.others]
        if after is not None:
            group, code = after
            place = bisect_right(self._codes, code)
            groups = [0 if at < group else bits for at, bits in enumerate(groups)]
            groups[group] = groups[group] >> place << place
        taken: list[tuple[int, int]] = []
        for group, bits in enumerate(groups):
            for place in places(bits):
                if len(taken) == limit:
                    last_group, last_place = taken[-1]
                    return [self.entries[at] for _, at in taken], (last_group, self._codes[last_place])
                taken.append((group, place))
        return [self.entries[at] for _, at in taken], None


def assemble(entries: Iterable[IndexedProgramme]) -> Generator[None, None, SearchIndex]:
    """Make the index of these programmes, pausing after every few milliseconds of work so that others have their turn."""
    ordered = sorted(entries, key=lambda entry: entry.programme.code)
    titles = yield from _vocabulary([entry.title_words for entry in ordered])
    texts = yield from _vocabulary([entry.any_words for entry in ordered])
    return SearchIndex(ordered, titles, texts)


def index_of(entries: Iterable[IndexedProgramme]) -> SearchIndex:
    """Make the index of these programmes in one go."""
    work = assemble(entries)
    while True:
        try:
            next(work)
        except StopIteration as done:
            return cast("SearchIndex", done.value)


def _vocabulary(texts: Sequence[Iterable[str]]) -> Generator[None, None, _Vocabulary]:
    holders: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        for word in text:
            holders.setdefault(word, []).append(place)
        if place % _SLICE == 0:
            yield
    vocabulary = sorted(holders)
    sets = []
    for number, word in enumerate(vocabulary):
        sets.append(as_set(holders[word], len(texts)))
        if number % _SLICE == 0:
            yield
    return _Vocabulary(vocabulary, sets)


PARTS_KEPT: Final = 2048
"""Parts of words for which it is remembered where they stand; of two letters there are not many more."""


class _Vocabulary:
    """Which entries hold a word, or a word of which it is a part."""

    def __init__(self, vocabulary: Sequence[str], sets: Sequence[int]) -> None:
        self._sets = sets
        self._text = " ".join(vocabulary)
        self._starts = [0, *accumulate(len(word) + 1 for word in vocabulary)][: len(vocabulary)]
        self.holding: Final = lru_cache(PARTS_KEPT)(self._look)
        """The set of those entries. What is short stands in many words, and takes long, but there is little of it."""

    def _look(self, part: str) -> int:
        """One look through a text of all words, which grows with the language and not the list."""
        found = 0
        at = self._text.find(part)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            found |= self._sets[number]
            if number + 1 == len(self._starts):
                break
            at = self._text.find(part, self._starts[number + 1])
        return found


class _Units:
    """The centres, or the diploma types, and the set of programmes that each has."""

    def __init__(self, units: Sequence[Unit]) -> None:
        holders: dict[str, list[int]] = {}
        self.units: dict[str, Unit] = {}
        for place, unit in enumerate(units):
            holders.setdefault(unit.code, []).append(place)
            self.units.setdefault(unit.code, unit)
        self.sets: Mapping[str, int] = {code: as_set(held, len(units)) for code, held in holders.items()}

    def by_label(self) -> list[Unit]:
        """The units in the order of their French names."""
        return sorted(self.units.values(), key=lambda unit: (fold(unit.label.fr), unit.code))


def as_set(members: Iterable[int], size: int) -> int:
    """The set of these numbers, all below `size`."""
    bits = bytearray(size // 8 + 1)
    for member in members:
        bits[member >> 3] |= 1 << (member & 7)
    return int.from_bytes(bits, "little")


def places(bits: int) -> Iterator[int]:
    """The members of a set, in order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
