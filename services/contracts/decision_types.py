"""The institution's own types of decision: what it calls decisions of a kind, and what goes with them (acceptance 123).

A type is written in one line, `CODE | KIND | FRENCH LABEL | ENGLISH LABEL | WORDS`, of which the last two may be left out:
the words, parted by blanks, are some of `reason`, `appeal` and `inactive`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from services.contracts.text import is_printable

DecisionName = Literal["favourable", "unfavourable", "ranked_waitlist", "waitlist", "shortlisted"]
KINDS: Final[Mapping[str, DecisionName]] = {name: name for name in get_args(DecisionName)}
MOST_TYPES: Final = 50
LONGEST_LABEL: Final = 100
LONGEST_LINE: Final = 300
CODE: Final = r"^[0-9A-Za-z._-]{1,20}$"

_CODE: Final = re.compile(CODE)
_PARTS: Final = range(3, 6)
_WORDS: Final = frozenset({"reason", "appeal", "inactive"})


@dataclass(frozen=True, slots=True)
class DecisionType:
    """What the institution calls decisions of a kind; `en` is empty where the French label serves.

    One that `reasoned` says why, whatever its kind; under one with `appeal` candidates read how to contest it; one that is
    not `active` is chosen no more.
    """

    code: str
    kind: DecisionName
    fr: str
    en: str = ""
    reasoned: bool = False
    appeal: bool = False
    active: bool = True


APPEAL_FR: Final = (
    "Vous pouvez contester cette décision dans un délai de deux mois à compter du jour où vous l’avez reçue : par un "
    "recours auprès de l’établissement, ou devant le tribunal administratif."
)
APPEAL_EN: Final = (
    "You may contest this decision within two months of the day on which you received it: by asking the institution to "
    "review it, or before the administrative court."
)
SHIPPED: Final = (
    "AVIS_FAVORABLE | favourable | Avis favorable | Favourable",
    "AVIS_DEFAVORABLE | unfavourable | Avis défavorable | Unfavourable | appeal",
    "AVIS_LISTE_COMP | ranked_waitlist | Liste complémentaire | Ranked waiting list",
    "AVIS_LISTE_ATT | waitlist | Liste d’attente | Waiting list",
    "AVIS_PRESELECTION | shortlisted | Présélection | Shortlisted",
)
"""Those of an institution that has none of its own yet, one for each kind, under the codes of eCandidat."""


def decision_type(line: str) -> DecisionType:
    """The type that a line says; raises ValueError for one that says none."""
    parts = [part.strip() for part in line.split("|")]
    if len(line) > LONGEST_LINE or not is_printable(line) or len(parts) not in _PARTS:
        raise ValueError(line)
    code, kind, fr, en, words = (*parts, "", "")[: _PARTS.stop - 1]
    said = words.split()
    if not _CODE.match(code) or kind not in KINDS or not fr or max(len(fr), len(en)) > LONGEST_LABEL:
        raise ValueError(line)
    if not _WORDS.issuperset(said):
        raise ValueError(line)
    return DecisionType(code, KINDS[kind], fr, en, "reason" in said, "appeal" in said, "inactive" not in said)


def line_of(given: DecisionType) -> str:
    """The line that says a type, as it is kept."""
    words = [("reason", given.reasoned), ("appeal", given.appeal), ("inactive", not given.active)]
    said = " ".join(word for word, holds in words if holds)
    return f"{given.code} | {given.kind} | {given.fr} | {given.en} | {said}".rstrip(" |")


def active_types(lines: Iterable[str]) -> tuple[DecisionType, ...]:
    """The types that can be chosen, in the institution's order; what only another release understands is left out."""
    found = []
    for line in lines:
        try:
            found.append(decision_type(line))
        except ValueError:
            continue
    return tuple(each for each in found if each.active)
