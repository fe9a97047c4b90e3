"""The institution's own reasons for decisions: what they are called, and for which kinds they serve (acceptance 79, 123).

A reason is written in one line, `CODE | FRENCH LABEL | ENGLISH LABEL | WORDS`, of which the last two may be left out: the
words, parted by blanks, are the kinds of decision that it is for, all of them where none is named, and `inactive`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from services.contracts.decision_types import CODE, KINDS, LONGEST_LINE, DecisionName, active_types
from services.contracts.text import is_printable
from services.contracts.text_folding import fold

MOST_REASONS: Final = 100
LONGEST_REASON: Final = 100

_CODE: Final = re.compile(CODE)
_PARTS: Final = range(2, 5)
_INACTIVE: Final = "inactive"
_WORDS: Final = frozenset({*KINDS, _INACTIVE})


@dataclass(frozen=True, slots=True)
class DecisionReason:
    """Why it is decided as it is; `en` is empty where the French label serves, `kinds` where it serves for all of them.

    One that is not `active` is chosen no more.
    """

    code: str
    fr: str
    en: str = ""
    kinds: tuple[DecisionName, ...] = ()
    active: bool = True

    def serves(self, kind: str) -> bool:
        """Whether it can be given for a decision of a kind."""
        return self.active and (not self.kinds or kind in self.kinds)

    @property
    def labels(self) -> Iterator[str]:
        """What it is called in each language, as labels are compared: capitals, accents and points make no other word."""
        yield from (
            f"{language} {fold(label) or label}" for language, label in (("fr", self.fr), ("en", self.en)) if label
        )


def decision_reason(line: str) -> DecisionReason:
    """The reason that a line says; raises ValueError for one that says none."""
    parts = [part.strip() for part in line.split("|")]
    if len(line) > LONGEST_LINE or not is_printable(line) or len(parts) not in _PARTS:
        raise ValueError(line)
    code, fr, en, words = (*parts, "", "")[: _PARTS.stop - 1]
    said = words.split()
    if not _CODE.match(code) or not fr or max(len(fr), len(en)) > LONGEST_REASON or not _WORDS.issuperset(said):
        raise ValueError(line)
    kinds = tuple(name for word, name in KINDS.items() if word in said)
    return DecisionReason(code, fr, en, kinds, _INACTIVE not in said)


def line_of(given: DecisionReason) -> str:
    """The line that says a reason, as it is kept."""
    words = " ".join((*given.kinds, *(() if given.active else (_INACTIVE,))))
    return f"{given.code} | {given.fr} | {given.en} | {words}".rstrip(" |")


def active_reasons(lines: Iterable[str]) -> tuple[DecisionReason, ...]:
    """The reasons that can be given, in the institution's order; what only another release understands is left out."""
    found = []
    for line in lines:
        try:
            found.append(decision_reason(line))
        except ValueError:
            continue
    return tuple(each for each in found if each.active)


def without_reason(types: Iterable[str], reasons: Iterable[str]) -> DecisionName | None:
    """A kind of which a type that can be chosen must say why, and for which the list has no reason; None: there is none."""
    given = active_reasons(reasons)
    for each in active_types(types):
        asked = each.reasoned or each.kind == "unfavourable"
        if asked and not any(reason.serves(each.kind) for reason in given):
            return each.kind
    return None
