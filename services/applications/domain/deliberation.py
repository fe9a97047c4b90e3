"""A deliberation as a table: what a row says, what comes of it, and what it is confirmed by (acceptance 93).

Nothing is decided here: what comes of a row is the answer of the same domain function that enters a single decision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.applications.domain import bulk
from services.applications.domain.bulk import DecisionInBrief
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import Said
from services.applications.domain.model import Application
from services.applications.domain.receipts import digest_of
from services.applications.domain.states import DecisionKind
from services.contracts.file_numbers import straightened
from services.contracts.premises import Premises, Result, result_of
from services.contracts.refusals import FieldError

STAMP: Final = 12
"""Hexadecimal digits of a stamp."""
WRITTEN: Final = ("decision", "reason", "group", "rank", "comment", "place", "day", "time")
"""The columns in which people write."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table that has come back: which file it names, as of which `stamp`, and what is written in its cells.

    `said` is what these say; None where they are empty, or something is wrong with them (`faults`, by their columns).
    """

    number: int
    file_number: str
    programme: str
    stamp: str
    cells: Mapping[str, str]
    said: Said | None = None
    faults: tuple[FieldError, ...] = ()

    @property
    def file(self) -> tuple[str, str]:
        """Which file is meant: its number, where letters that are misread for figures are forgiven, and its programme."""
        return straightened(self.file_number), self.programme


@dataclass(frozen=True, slots=True)
class TableItem:
    """What comes, or came, of a row; `application` is None where there is no such file among those of the table.

    `version` is the earliest that tells a reader the same. A fault of no column is one of the whole row. `entered` is the
    whole of what comes `after`, unless something else has been entered since.
    """

    row: TableRow
    id: str = ""
    version: int = 0
    application: Application | None = field(default=None, compare=False)
    before: DecisionInBrief | None = None
    after: DecisionInBrief | None = None
    changed: bool = False
    faults: tuple[FieldError, ...] = ()
    entered: EnteredDecision | None = field(default=None, compare=False)

    @property
    def result(self) -> Result:
        """In a word."""
        return result_of(refused=bool(self.faults), changed=self.changed)

    @property
    def mails(self) -> tuple[str, ...]:
        """The kinds of mail that go once what is entered is validated."""
        return (self.after.mail,) if self.changed and self.after is not None else ()


def written(decision: EnteredDecision | None) -> dict[str, str]:
    """What stands in the cells of a file with that decision; of a file without one, nothing."""
    if decision is None:
        return dict.fromkeys(WRITTEN, "")
    where = decision.appointment
    return {
        "decision": decision.type_code or decision.kind.value,
        "reason": decision.reason_said or "",
        "group": decision.group_code or "",
        "rank": "" if decision.rank is None else str(decision.rank),
        "comment": decision.comment or "",
        "place": "" if where is None else where.place,
        "day": "" if where is None else f"{where.day}",
        "time": "" if where is None else where.time,
    }


def stamp_of(id: str, version: int, entered: EnteredDecision | None) -> str:
    """By which a row that comes back tells whether its file, or what is entered on it, has changed since.

    `version` is the earliest that tells a reader the same: that a mail was told is no change.
    """
    return digest_of([id, version, "" if entered is None else entered.id])[:STAMP]


def in_brief(decision: EnteredDecision | None, *, counts: bool) -> DecisionInBrief | None:
    """A decision as previews tell it."""
    return None if decision is None else bulk.in_brief(decision, counts=counts)


def repeated(rows: Sequence[TableRow], untouched: Collection[int], waiting: Collection[int]) -> dict[int, FieldError]:
    """By their numbers, the rows of a file that one above them is of, or of a rank that another one of its list has.

    `untouched` rows say what is there anyway; their ranks are held as far as their files are `waiting`.
    """
    files, found = set[tuple[str, str]](), {}
    ranks = {(row.programme, row.said.group, row.said.rank) for row in rows if row.number in waiting and row.said}
    for row in rows:
        if row.file in files:
            found[row.number] = FieldError("file_number", "row-repeated")
        files.add(row.file)
        if row.said is None or row.said.rank is None or row.number in untouched:
            continue
        rank = (row.programme, row.said.group, row.said.rank)
        if rank in ranks:
            found.setdefault(row.number, FieldError("rank", "rank-repeated"))
        ranks.add(rank)
    return found


def asked_of(table: str) -> str:
    """What tells one table, given by what tells it from others, from whatever else may be asked: a SHA-256."""
    return digest_of(["deliberation", table])


def premises(asked: str, items: Sequence[TableItem]) -> Premises:
    """What a preview stands for: what is `asked`, as `asked_of` has it, and what comes of each row."""
    come = [[item.row.number, item.id, item.version, item.result, _briefly(item)] for item in items]
    return Premises(asked, digest_of(come))


def remembered(item: TableItem) -> dict[str, Any]:
    """What is kept with the key of the command, so that the same answer is given again."""
    entered = None if item.entered is None else item.entered.id
    return {"before": _out(item.before), "after": _out(item.after), "entered": entered}


def brief_in(out: Mapping[str, Any] | None) -> DecisionInBrief | None:
    """A decision as `remembered` has it."""
    if out is None:
        return None
    kind, conditions = DecisionKind(out["kind"]), out.get("conditions", 0)
    return DecisionInBrief(kind, out.get("label"), out.get("rank"), out["counts"], conditions, out.get("group"))


def _briefly(item: TableItem) -> list[Any]:
    return [_out(item.before), _out(item.after), [[fault.field, fault.slug] for fault in item.faults]]


def _out(brief: DecisionInBrief | None) -> dict[str, Any] | None:
    if brief is None:
        return None
    label = None if brief.label is None else dict(brief.label)
    out = {"kind": brief.kind.value, "label": label, "rank": brief.rank, "counts": brief.counts}
    if brief.group is not None:
        out["group"] = dict(brief.group)
    return out | {"conditions": brief.conditions} if brief.conditions else out
