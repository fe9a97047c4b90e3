"""A group of a programme's waiting list in one line, as people write it: `CODE ; FRENCH LABEL ; ENGLISH LABEL ; PLACES`.

The last two may be left out. What is in it is checked where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_GROUPS: Final = 10
"""Of one programme."""
LONGEST_GROUP: Final = 100
"""Characters of a label."""
PARTED_BY: Final = ";"
"""What parts the line, and so stands in none of its parts."""
_PARTS: Final = range(2, 5)


@dataclass(frozen=True, slots=True)
class GroupLine:
    """What a line says; `en` and `places` are empty where it does not say them."""

    code: str
    fr: str
    en: str = ""
    places: str = ""

    def __str__(self) -> str:
        return f"{self.code} ; {self.fr} ; {self.en} ; {self.places}".rstrip(" ;")


def group_line(text: str) -> GroupLine:
    """What is written; raises ValueError for what has too many or too few parts."""
    parts = [" ".join(part.split()) for part in text.split(PARTED_BY)]
    if len(parts) not in _PARTS:
        raise ValueError(text)
    return GroupLine(*parts)
