"""Which act of staff on many files undoes which: one table, for the rules, the pages and the documents of the API (ADR 112).

What candidates were told for good is not taken back: nobody unreads a mail, and a last day that was told is counted on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

WhyNot = Literal["in-hands", "day-told", "mail-sent", "decision-told", "undone-itself"]
"""Why nothing undoes an act: its files are in their candidates' hands, a last day, a mail or a decision was told, or it has
undone another one itself."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoes an act: `by` which one, or `why_not`; `condition` says of which of its files, where not of all."""

    by: str | None = None
    why_not: WhyNot | None = None
    condition: str = ""


UNDOES: Final[Mapping[str, Undoing]] = MappingProxyType(
    {
        "mark_submitted": Undoing("mark_complete", condition="of files that were complete before"),
        "mark_complete": Undoing("mark_submitted", condition="of files that were submitted before"),
        "mark_incomplete": Undoing(why_not="in-hands"),
        "reopen": Undoing(why_not="in-hands"),
        "extend": Undoing(why_not="day-told"),
        "enter_decision": Undoing("delete_decision", condition="one that was entered before is put back"),
        "validate_decision": Undoing(why_not="decision-told"),
        "set_fees": Undoing("set_fees"),
        "assign": Undoing("assign"),
        "judge": Undoing("judge"),
        "remind": Undoing(why_not="mail-sent"),
    }
)
"""By the name of the act."""


def in_words() -> str:
    """The table for documents of the API."""
    told = []
    for act, undoing in UNDOES.items():
        what = f"not, `{undoing.why_not}`" if undoing.by is None else f"by `{undoing.by}`"
        told.append(f"`{act}` {what}{f' ({undoing.condition})' if undoing.condition else ''}")
    return "; ".join(told) + "."
