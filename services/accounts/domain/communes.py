"""French communes by their postcodes, and whether the name that somebody typed is that of one of them (acceptance 31)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae"})
_CEDEX: Final = re.compile(r"\bcedex\b.*")
_ON: Final = re.compile(r"\bs/")
"""As `sur` is shortened on envelopes: `Ivry s/ Seine`."""
_DISTRICT: Final = re.compile(r"\b\d+\s*(?:er|e|eme|ieme)?\s*(?:arr(?:ondissement)?)?$")
_WORD: Final = re.compile(r"[a-z0-9]+")
_WHOLE: Final = {"st": "saint", "ste": "sainte"}
_ARTICLES: Final = frozenset({"le", "la", "les", "l"})
_FORCES: Final = "armees"
"""The town of the forces' post, which goes by sectors."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, or a municipal arrondissement, by its official code (INSEE) and name."""

    code: str
    name: str


class Communes:
    """All communes. One text per postcode keeps them small: some 2 MB for the whole of France."""

    def __init__(self, rows: Iterable[tuple[str, Commune]]) -> None:
        """Take postcodes and communes in whatever order."""
        gathered: dict[str, list[str]] = {}
        for postcode, commune in rows:
            gathered.setdefault(postcode, []).append(f"{commune.name}\t{commune.code}")
        self._at: Final = {postcode: "\n".join(sorted(lines)) for postcode, lines in gathered.items()}

    def at(self, postcode: str) -> tuple[Commune, ...]:
        """The communes of a postcode in the order of their names; none where the list does not know it."""
        lines = (line.partition("\t") for line in self._at.get(postcode, "").split("\n") if line)
        return tuple(Commune(code, name) for name, _, code in lines)

    def fit(self, postcode: str, city: str) -> bool:
        """Whether a town may have a postcode: every one may where the list does not know it (CEDEX, forces).

        Case, accents, hyphens, articles, `St`, `s/`, an arrondissement and `CEDEX 2` make no difference.
        """
        there, typed = self.at(postcode), _folded(city)
        return not there or typed == _FORCES or typed in {_folded(commune.name) for commune in there}


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_LIGATURES))
    text = "".join(character for character in decomposed if not unicodedata.combining(character))
    text = _DISTRICT.sub("", _CEDEX.sub("", _ON.sub("sur ", text)).rstrip(" -,()"))
    words = [_WHOLE.get(word, word) for word in _WORD.findall(text)]
    return " ".join(words[1:] if len(words) > 1 and words[0] in _ARTICLES else words)
