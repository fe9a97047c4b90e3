"""How a language sets its texts, for mails, pages and refusals alike; catalogues and templates hold plain spaces."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
NARROW: Final = "\N{NARROW NO-BREAK SPACE}"

_MONTHS: Final = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_UNITS: Final = (
    "h|min|Mo|ko|octets?|secondes?|minutes?|heures?|jours?|mois|ans?"
    "|lignes?|places?|pages?|éléments?|caractères?|chiffres?|lettres?"
)
_FIGURE: Final = r"(?:\d(?:er)?|\{(?:min|max|limit|count|days|found|expected|max_length)\})"
"""A number, or the name of one in a text of a catalogue."""

_RULES: Final[Mapping[str, Sequence[tuple[re.Pattern[str], str]]]] = {
    # No line begins with the sign that belongs to the word before it, or ends with the one of the word after it.
    # It is narrow before the signs that the Imprimerie nationale sets so.
    "fr": (
        (re.compile(r"[ \xa0](?=[;?!])"), NARROW),
        (re.compile(r" (?=[:»%])"), NO_BREAK),
        (re.compile(r"(?<=«) "), NO_BREAK),
        # A figure stays with what it counts, and an hour and a date stay whole.
        (re.compile(rf"({_FIGURE}) (?=(?:{_UNITS}|{_MONTHS})\b)"), rf"\1{NO_BREAK}"),
        (re.compile(rf"(\b(?:h|{_MONTHS})) (?=\d)"), rf"\1{NO_BREAK}"),
        (re.compile(r"(?<=n°) "), NO_BREAK),
    ),
}


def typeset(text: str, language: str) -> str:
    """The text with the spaces that its language keeps together; twice is once."""
    for pattern, put in _RULES.get(language, ()):
        text = pattern.sub(put, text)
    return text
