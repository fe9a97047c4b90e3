"""How texts are made alike for search: case, accents, ligatures and punctuation make no difference."""

from __future__ import annotations

import unicodedata
from typing import Final

_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})


def fold(text: str) -> str:
    """Lower case without accents, `œ` as `oe`, everything but letters and digits as single blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    kept = (character for character in plain if not unicodedata.combining(character))
    return " ".join("".join(character if character.isalnum() else " " for character in kept).split())


def words(*texts: str) -> frozenset[str]:
    """The folded words of some texts."""
    return frozenset(word for text in texts for word in fold(text).split())
