"""The institution's fee regimes and exemptions from fees, as it calls them: two lists of the same form.

One is written in one line, `CODE | FRENCH LABEL | ENGLISH LABEL | WORDS`, of which the last two may be left out: the only
word is `inactive`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.contracts.decision_types import CODE, LONGEST_LABEL, LONGEST_LINE
from services.contracts.text import is_printable

MOST_FEE_ITEMS: Final = 100
LARGEST_AMOUNT: Final = 99_999_99
"""Cents that can be said of one file, inclusive."""

_CODE: Final = re.compile(CODE)
_AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,4})\.([0-9]{2})")
_PARTS: Final = range(2, 5)
_INACTIVE: Final = "inactive"

REGIMES: Final = (
    "FI | Formation initiale | Initial education",
    "FC | Formation continue | Continuing education",
    "APP | Apprentissage | Apprenticeship",
)
"""The regimes of an institution that has none of its own yet."""


@dataclass(frozen=True, slots=True)
class FeeItem:
    """A regime or an exemption; `en` is empty where the French label serves. One not `active` is chosen no more."""

    code: str
    fr: str
    en: str = ""
    active: bool = True


def fee_item(line: str) -> FeeItem:
    """What a line says; raises ValueError where it says nothing."""
    parts = [part.strip() for part in line.split("|")]
    if len(line) > LONGEST_LINE or not is_printable(line) or len(parts) not in _PARTS:
        raise ValueError(line)
    code, fr, en, words = (*parts, "", "")[: _PARTS.stop - 1]
    if not _CODE.match(code) or not fr or max(len(fr), len(en)) > LONGEST_LABEL or words not in ("", _INACTIVE):
        raise ValueError(line)
    return FeeItem(code, fr, en, words != _INACTIVE)


def line_of(item: FeeItem) -> str:
    """The line that says it, as it is kept."""
    return f"{item.code} | {item.fr} | {item.en} | {'' if item.active else _INACTIVE}".rstrip(" |")


def active_items(lines: Iterable[str]) -> tuple[FeeItem, ...]:
    """Those that can be chosen, in the institution's order; what only another release understands is left out."""
    return tuple(each for each in known_items(lines) if each.active)


def known_items(lines: Iterable[str]) -> tuple[FeeItem, ...]:
    """The same with those that are chosen no more, which files may still bear."""
    found = []
    for line in lines:
        try:
            found.append(fee_item(line))
        except ValueError:
            continue
    return tuple(found)


def cents_of(amount: str) -> int:
    """The cents of an amount in euros such as `150.00`; raises ValueError for what is none, or more than may be."""
    if (parts := _AMOUNT.fullmatch(amount)) is None:
        raise ValueError(f"{amount!r} is no amount")
    return int(parts[1]) * 100 + int(parts[2])


def amount_of(cents: int) -> str:
    """The amount in euros with exactly two decimals."""
    return f"{cents // 100}.{cents % 100:02}"
