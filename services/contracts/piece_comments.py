"""The institution's own comments on pieces: what they say, and for which pieces they serve.

A comment is written in one line, `CODE | FRENCH TEXT | ENGLISH TEXT | WORDS`, of which the last two may be left out: the
words, parted by blanks, are the kinds of pieces that it is for, all of them where none is named, and `inactive`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from services.contracts.decision_types import CODE
from services.contracts.text import is_printable
from services.contracts.text_folding import fold

PieceKind = Literal["mandatory", "conditional", "optional"]
MOST_COMMENTS: Final = 50
LONGEST_COMMENT: Final = 200
"""Characters of a text, so that words of one's own have room beside it."""
LONGEST_LINE: Final = 500

_CODE: Final = re.compile(CODE)
_PARTS: Final = range(2, 5)
_KINDS: Final[tuple[PieceKind, ...]] = get_args(PieceKind)
_INACTIVE: Final = "inactive"
_WORDS: Final = frozenset({*_KINDS, _INACTIVE})


@dataclass(frozen=True, slots=True)
class PieceComment:
    """What is said of a piece; `en` is empty where the French text serves, `kinds` where it serves for all of them.

    One that is not `active` is chosen no more.
    """

    code: str
    fr: str
    en: str = ""
    kinds: tuple[PieceKind, ...] = ()
    active: bool = True

    def serves(self, kind: PieceKind) -> bool:
        """Whether it can be said of a piece of a kind."""
        return self.active and (not self.kinds or kind in self.kinds)

    def text(self, language: str) -> str:
        """What it says to who reads a language, in French where it says nothing else."""
        return self.en if language == "en" and self.en else self.fr

    @property
    def labels(self) -> Iterator[str]:
        """What it says in each language, as texts are compared."""
        yield from (f"{name} {fold(text) or text}" for name, text in (("fr", self.fr), ("en", self.en)) if text)


def piece_comment(line: str) -> PieceComment:
    """The comment that a line says; raises ValueError for one that says none."""
    parts = [part.strip() for part in line.split("|")]
    if len(line) > LONGEST_LINE or not is_printable(line) or len(parts) not in _PARTS:
        raise ValueError(line)
    code, fr, en, words = (*parts, "", "")[: _PARTS.stop - 1]
    said = words.split()
    if not _CODE.match(code) or not fr or max(len(fr), len(en)) > LONGEST_COMMENT or not _WORDS.issuperset(said):
        raise ValueError(line)
    return PieceComment(code, fr, en, tuple(kind for kind in _KINDS if kind in said), _INACTIVE not in said)


def comment_line(given: PieceComment) -> str:
    """The line that says a comment, as it is kept."""
    words = " ".join((*given.kinds, *(() if given.active else (_INACTIVE,))))
    return f"{given.code} | {given.fr} | {given.en} | {words}".rstrip(" |")


def comments_for(lines: Iterable[str], kind: PieceKind) -> tuple[PieceComment, ...]:
    """Those that can be said of a piece of a kind, in the institution's order.

    What only another release understands is left out.
    """
    found = []
    for line in lines:
        try:
            found.append(piece_comment(line))
        except ValueError:
            continue
    return tuple(each for each in found if each.serves(kind))
