"""The institution's own conditions of an admission: what they are called.

A condition is written in one line, `CODE | FRENCH LABEL | ENGLISH LABEL | inactive`, of which the last two may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from services.contracts.decision_types import CODE, LONGEST_LINE
from services.contracts.text import is_printable
from services.contracts.text_folding import fold

MOST_LISTED: Final = 100
"""In the institution's list."""
LONGEST_LISTED: Final = 120
"""Characters of a label."""
MOST_CONDITIONS: Final = 10
"""Of one decision."""
LONGEST_CONDITION: Final = 300
"""Characters of one that staff have written."""

_CODE: Final = re.compile(CODE)
_PARTS: Final = range(2, 5)
_INACTIVE: Final = "inactive"


@dataclass(frozen=True, slots=True)
class ListedCondition:
    """Under what one is admitted; `en` is empty where the French label serves.

    One that is not `active` is chosen no more.
    """

    code: str
    fr: str
    en: str = ""
    active: bool = True

    @property
    def label(self) -> dict[str, str]:
        """What it is called, by language."""
        return {"fr": self.fr, "en": self.en} if self.en else {"fr": self.fr}

    @property
    def labels(self) -> Iterator[str]:
        """What it is called in each language, as labels are compared."""
        yield from (f"{language} {fold(text) or text}" for language, text in self.label.items())


def listed_condition(line: str) -> ListedCondition:
    """The condition that a line says; raises ValueError for one that says none."""
    parts = [part.strip() for part in line.split("|")]
    if len(line) > LONGEST_LINE or not is_printable(line) or len(parts) not in _PARTS:
        raise ValueError(line)
    code, fr, en, word = (*parts, "", "")[: _PARTS.stop - 1]
    if not _CODE.match(code) or not fr or max(len(fr), len(en)) > LONGEST_LISTED or word not in ("", _INACTIVE):
        raise ValueError(line)
    return ListedCondition(code, fr, en, word != _INACTIVE)


def condition_line(given: ListedCondition) -> str:
    """The line that says a condition, as it is kept."""
    return f"{given.code} | {given.fr} | {given.en} | {'' if given.active else _INACTIVE}".rstrip(" |")


def active_conditions(lines: Iterable[str]) -> tuple[ListedCondition, ...]:
    """The conditions that can be chosen, in the institution's order; what only another release understands is left out."""
    found = []
    for line in lines:
        try:
            found.append(listed_condition(line))
        except ValueError:
            continue
    return tuple(each for each in found if each.active)
