"""One PDF of many, written from its beginning to its end: no more of it is held than where its objects stand."""

from __future__ import annotations

import json
from array import array
from codecs import BOM_UTF16_BE
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.contracts.languages import Language
from services.documents.usecases.inspection.fragment import PAGES

_CATALOGUE: Final = 1
_BOOKMARKS: Final = 3
_NOWHERE: Final = 0
_LINES: Final = 4096
MAX_OBJECTS: Final = 4_000_000
"""Of all together; each takes eight bytes here."""


class WrongFragment(Exception):
    """What came is no fragment: its maker may have been taken over by what it looked into."""


@dataclass(frozen=True, slots=True)
class _Part:
    item: int
    title: str
    tree: int
    pages: int
    first: int
    bookmarks: tuple[int, ...]


class Joined:
    """A PDF that grows: `head`, then `add` for each fragment, then `tail`; their bytes one behind the other are it."""

    def __init__(self) -> None:
        self._at = 0
        self._offsets = array("Q", [_NOWHERE] * (_BOOKMARKS + 1))
        self._parts: list[_Part] = []

    @property
    def item(self) -> int:
        """The object that is the bookmark of the fragment which comes next."""
        return len(self._offsets)

    def head(self) -> bytes:
        """The first bytes."""
        return self._counted(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add(self, title: str, made: bytes) -> memoryview:
        """The bytes of a fragment that was made for `item`; raises WrongFragment, and then nothing of it is in here."""
        end, item = made.find(b"\n"), self.item
        try:
            told = json.loads(made[:end])
            offsets = array("Q", told["offsets"])
            last = item + len(offsets)
            numbers = [int(told[name]) for name in ("tree", "first")]
            below = tuple(map(int, told["bookmarks"]))
            pages = int(told["pages"])
        except (ValueError, LookupError, TypeError, OverflowError):
            raise WrongFragment from None
        body = memoryview(made)[end + 1 :]
        fits = len(below) in (0, 3) and all(item < each <= last for each in (*numbers, *below[:2]))
        grows = all(one < next for one, next in pairwise(offsets)) and (not offsets or offsets[-1] < len(body))
        if not (fits and grows and 0 < pages <= len(offsets) and last < MAX_OBJECTS):
            raise WrongFragment
        self._offsets.append(_NOWHERE)
        self._offsets.extend(self._at + each for each in offsets)
        self._parts.append(_Part(item, title, numbers[0], pages, numbers[1], below))
        self._at += len(body)
        return body

    def lead(self) -> None:
        """Have the fragment that was added last stand before all others."""
        self._parts.insert(0, self._parts.pop())

    def tail(self, title: str, language: Language) -> Iterator[bytes]:
        """The last bytes: bookmarks and the tree of pages, in the order of the fragments, and where everything stands."""
        parts = self._parts
        for at, part in enumerate(parts):
            said = f"/Title {_text(part.title)} /Parent {_BOOKMARKS} 0 R /Dest [{part.first} 0 R /Fit]"
            said += "" if at == 0 else f" /Prev {parts[at - 1].item} 0 R"
            said += "" if at == len(parts) - 1 else f" /Next {parts[at + 1].item} 0 R"
            if part.bookmarks:
                first, last, count = part.bookmarks
                said += f" /First {first} 0 R /Last {last} 0 R /Count {-count}"
            yield self._object(part.item, said)
        kids, pages = " ".join(f"{part.tree} 0 R" for part in parts), sum(part.pages for part in parts)
        yield self._object(PAGES, f"/Type /Pages /Kids [{kids}] /Count {pages}")
        ends = f"/First {parts[0].item} 0 R /Last {parts[-1].item} 0 R" if parts else ""
        yield self._object(_BOOKMARKS, f"/Type /Outlines {ends} /Count {len(parts)}")
        shown = "/PageMode /UseOutlines /ViewerPreferences << /DisplayDocTitle true >>"
        yield self._object(
            _CATALOGUE,
            f"/Type /Catalog /Pages {PAGES} 0 R /Outlines {_BOOKMARKS} 0 R /Lang {_text(language)} {shown}",
        )
        info = len(self._offsets)
        self._offsets.append(_NOWHERE)
        yield self._object(info, f"/Title {_text(title)}")
        where, size = self._at, len(self._offsets)
        yield f"xref\n0 {size}\n0000000000 65535 f \n".encode()
        for start in range(1, size, _LINES):
            yield "".join(f"{each:010d} 00000 n \n" for each in self._offsets[start : start + _LINES]).encode()
        yield f"trailer\n<< /Size {size} /Root {_CATALOGUE} 0 R /Info {info} 0 R >>\nstartxref\n{where}\n%%EOF\n".encode()

    def _object(self, number: int, said: str) -> bytes:
        self._offsets[number] = self._at
        return self._counted(f"{number} 0 obj\n<< {said} >>\nendobj\n".encode())

    def _counted(self, chunk: bytes) -> bytes:
        self._at += len(chunk)
        return chunk


def _text(text: str) -> str:
    return f"<{(BOM_UTF16_BE + text.encode('utf-16-be', 'replace')).hex()}>"
