"""How texts are made alike for search: case, accents, ligatures and punctuation make no difference."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

_BETWEEN: Final = re.compile(r"[\W_]+")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})


def fold(text: str) -> str:
    """Lower case without accents, `œ` as `oe`, everything but letters and digits as single blanks."""
    # Taking apart gives capitals (a subscript A), folding case gives letters to take apart (İ): hence both twice.
    plain = _bare(_bare(text.casefold()).casefold()).translate(_LIGATURES)
    return _BETWEEN.sub(" ", plain).strip()


def _bare(text: str) -> str:
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(character for character in apart if not unicodedata.combining(character))


def fold_names(names: Iterable[str]) -> str:
    """What a person's names are found and sorted by: each as one word, for O’Neill, O Neill and ONeill are one."""
    return " ".join(word for name in names if (word := fold(name).replace(" ", "")))


def name_starts(words: Sequence[str]) -> tuple[str, ...]:
    """What `fold_names` may begin with where these folded words are typed: nobody types where one name ends.

    The last is how words stood beside each other before names were one word each, as older releases have kept them.
    """
    ends = (*range(1, len(words)), len(words))
    joined = [" ".join(part for part in ("".join(words[:end]), "".join(words[end:])) if part) for end in ends]
    return tuple(dict.fromkeys((*joined, " ".join(words))))


def folded_words(*texts: str) -> frozenset[str]:
    """The folded words of some texts."""
    return frozenset().union(*(_words(text) for text in texts))


@lru_cache(maxsize=16_384)
def _words(text: str) -> frozenset[str]:
    # Thousands of programmes share the names of their centres and diplomas, their keywords and often their titles.
    return frozenset(fold(text).split())
