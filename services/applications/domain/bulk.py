"""One act for many files: what would come of it for each, told before it is done (product, section 8, point 7).

Nothing is decided here: what comes of an act is the answer of the same domain function that carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.deadline import effective_deadline
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import Said, pending
from services.applications.domain.events import (
    DeadlineExtended,
    Decided,
    DomainEvent,
    Judged,
    MarkedComplete,
    MarkedIncomplete,
    MarkedSubmitted,
    Reopened,
    Verdict,
    VerdictsGathered,
)
from services.applications.domain.fees import Fees, FeesSaid
from services.applications.domain.model import Application, Piece
from services.applications.domain.reminded import Reminded, ReminderKind
from services.applications.domain.states import DecisionAction, DecisionKind, FileAction, FileState, Label, PieceState
from services.contracts.limits import HIGHEST_RANK
from services.contracts.premises import Result, result_of
from services.contracts.refusals import INVALID_FIELDS, FieldError, RefusedError
from services.contracts.refusals.applications import ANSWER_DAY_OVER, CONDITION_PAST, GROUP_UNFIT


class SheetAction(StrEnum):
    """What is done to what staff keep beside a file."""

    SET_FEES = "set_fees"
    ASSIGN = "assign"


class BulkVerdict(StrEnum):
    """What is done to one piece of each file."""

    JUDGE = "judge"


class BulkReminder(StrEnum):
    """What is written to the candidate of each file."""

    REMIND = "remind"


BulkAction = FileAction | DecisionAction | SheetAction | BulkVerdict | BulkReminder
MARKS: Final[Mapping[BulkAction, FileState]] = {
    FileAction.MARK_SUBMITTED: FileState.SUBMITTED,
    FileAction.MARK_INCOMPLETE: FileState.INCOMPLETE,
    FileAction.MARK_COMPLETE: FileState.COMPLETE,
}
DECIDING: Final = (DecisionAction.ENTER, DecisionAction.VALIDATE)
ACTIONS: Final = (*MARKS, FileAction.REOPEN, FileAction.EXTEND, *DECIDING)
"""What staff can do to many files at once."""

_MARKING: Final = frozenset({"on", "submission_deadline"})
_TAKES: Final[Mapping[BulkAction, frozenset[str]]] = {
    **dict.fromkeys(MARKS, _MARKING),
    FileAction.REOPEN: frozenset({"reason", "submission_deadline"}),
    FileAction.EXTEND: frozenset({"submission_deadline"}),
    DecisionAction.ENTER: frozenset({"decision"}),
    DecisionAction.VALIDATE: frozenset({"answer_deadline"}),
    SheetAction.SET_FEES: frozenset({"fees"}),
    SheetAction.ASSIGN: frozenset({"assignee"}),
    BulkVerdict.JUDGE: frozenset({"verdict"}),
    BulkReminder.REMIND: frozenset({"about"}),
}
_ALL: Final = frozenset().union(*_TAKES.values())
_NEEDS: Final[Mapping[BulkAction, str]] = {
    FileAction.REOPEN: "reason",
    FileAction.EXTEND: "submission_deadline",
    DecisionAction.ENTER: "decision",
    SheetAction.SET_FEES: "fees",
    SheetAction.ASSIGN: "assignee",
    BulkVerdict.JUDGE: "verdict",
    BulkReminder.REMIND: "about",
}

MAILS: Final[Mapping[type[DomainEvent], str]] = {
    MarkedSubmitted: "application-marked-submitted",
    MarkedIncomplete: "application-incomplete",
    MarkedComplete: "application-complete",
    Reopened: "application-reopened",
    DeadlineExtended: "application-deadline",
    VerdictsGathered: "pieces-judged",
    Reminded: "application-reminded",
}
"""Which kind of mail answers to what an act of staff has brought about."""

FIRST_RECEIPT: Final = "application-received"
"""The mail of a file of which nothing ever was submitted, where others say that it is received again."""

DECISION_MAILS: Final[Mapping[DecisionKind, str]] = {
    kind: f"decision-{kind.value.replace('_', '-')}" for kind in DecisionKind
}
"""The same of a decision that counts, by its kind; of an admission under conditions that is `CONDITIONAL`."""
CONDITIONAL: Final = "decision-conditional"


@dataclass(frozen=True, slots=True)
class SaidVerdict:
    """What is thought of the piece of that `code` in each file, with a comment for the candidate."""

    code: str
    verdict: Verdict
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class BulkAct:
    """What shall be done to each file, with what the form of a single one asks; None where that is left out."""

    action: BulkAction
    on: date | None = None
    submission_deadline: date | None = None
    reason: str | None = None
    decision: Said | None = None
    answer_deadline: date | None = None
    fees: FeesSaid | None = None
    verdict: SaidVerdict | None = None
    about: ReminderKind | None = None
    assignee: str | None = None
    """The account of who looks after them from then on, or `NOBODY`."""

    def check(self) -> None:
        """Raises INVALID_FIELDS where the action needs what is not given, or takes nothing of what is."""
        given = {name for name in _ALL if getattr(self, name) is not None}
        needed = {_NEEDS[self.action]} if self.action in _NEEDS else set()
        wrong = [FieldError(f"args.{name}", "required") for name in sorted(needed - given)]
        wrong += [FieldError(f"args.{name}", "unknown-field") for name in sorted(given - _TAKES[self.action])]
        if wrong:
            raise INVALID_FIELDS(fields=wrong)

    @property
    def keeps_conditions(self) -> bool:
        """Whether a decision is entered of which no conditions are said, so that those that are there stay."""
        return self.decision is not None and not self.decision.conditions

    def said_of(self, place: int) -> Said:
        """What is decided on the file at that place among those decided on, from 0.

        The first one has the rank that is given, the others follow.
        Raises INVALID_FIELDS for a rank beyond the highest.
        """
        said = self.decision or Said()
        if said.rank is None:
            return said
        if (rank := said.rank + place) > HIGHEST_RANK:
            raise INVALID_FIELDS(fields=[FieldError("rank", "too-big", {"max": HIGHEST_RANK - place})])
        return replace(said, rank=rank)


@dataclass(frozen=True, slots=True)
class DecisionInBrief:
    """A decision on a file, under how many conditions, and whether it counts."""

    kind: DecisionKind
    label: Label | None
    rank: int | None
    counts: bool
    conditions: int = 0
    group: Label | None = None
    """What the group of the programme's list is called that it names."""

    @property
    def mail(self) -> str:
        """The kind of mail that tells it once it counts."""
        return CONDITIONAL if self.conditions and self.kind is DecisionKind.FAVOURABLE else DECISION_MAILS[self.kind]


def in_brief(decision: EnteredDecision, *, counts: bool) -> DecisionInBrief:
    """A decision as previews tell it."""
    group = None if decision.group is None else decision.group.label
    return DecisionInBrief(decision.kind, decision.label, decision.rank, counts, len(decision.conditions), group)


@dataclass(frozen=True, slots=True)
class PieceStatus:
    """How a piece stands, what stands there for the candidate, and which document is there: its id and its name."""

    label: Label
    state: PieceState
    comment: str | None = None
    document: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class FileStatus:
    """How a file stands: its state, its last day as it is shown and, where it is decided on, the decision."""

    state: FileState
    submission_deadline: date
    decided: DecisionInBrief | None = None
    fees: Fees | None = None
    """What is said of fees, of an act that says something of them."""
    piece: PieceStatus | None = None
    """How the piece stands, of an act that judges one."""
    assignee: str | None = None
    """The account of who looks after it, or `NOBODY`; of an act that gives it to somebody."""


def status_of(application: Application, offer: ProgrammeCopy | None) -> FileStatus:
    """How it stands; of a file in nobody's hands the last day stays what it was."""
    day = effective_deadline(application, offer) if application.is_editable else application.submission_deadline
    return FileStatus(application.state, day)


def judged_status(application: Application, offer: ProgrammeCopy | None, code: str) -> FileStatus:
    """The same with a piece, where the file is asked for it."""
    found = [piece for piece in application.pieces if piece.requirement.code == code]
    return replace(status_of(application, offer), piece=_piece_status(found[0]) if found else None)


def _piece_status(piece: Piece) -> PieceStatus:
    label, given = piece.requirement.label, piece.given
    if given is None:
        return PieceStatus(label, piece.state, piece.comment)
    return PieceStatus(label, piece.state, piece.comment, given.id, given.filename)


def decided_status(
    application: Application, offer: ProgrammeCopy | None, entered: EnteredDecision | None
) -> FileStatus:
    """The same with the decision that is entered, or where none is, the one that counts."""
    waiting, done = pending(application, entered), application.decision
    brief = None
    counting = None if done is None else done.entered
    if (there := waiting or counting) is not None:
        brief = in_brief(there, counts=waiting is None)
    return replace(status_of(application, offer), decided=brief)


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What comes, or came, of the act for one file: `before` and `after`, the kinds of mail that go, or the refusal.

    `entered` is the id of the decision that was entered on it. `application` is None where the file is not there, or beyond
    the reach of who asks; `version`, the earliest that tells a reader the same, is 0 then.
    """

    id: str
    version: int = 0
    application: Application | None = field(default=None, compare=False)
    before: FileStatus | None = None
    after: FileStatus | None = None
    mails: tuple[str, ...] = ()
    changed: bool = False
    entered: str = ""
    beside: int = 0
    """Version of what staff keep beside the file, of an act that changes that."""
    said: int = 0
    """Version of that which it changes there, once it has."""
    refusal: RefusedError | None = None

    @property
    def result(self) -> Result:
        """In a word."""
        return result_of(refused=self.refusal is not None, changed=self.changed)


def gathered_mails(happened: Sequence[DomainEvent]) -> tuple[str, ...]:
    """The kinds of mail that go out later because pieces were judged: all that is said of a file in one (acceptance 114)."""
    return (MAILS[VerdictsGathered],) if any(isinstance(each, Judged) for each in happened) else ()


def mails_of(happened: Sequence[DomainEvent]) -> tuple[str, ...]:
    """The kinds of mail that go out because of what has happened, in order."""
    return tuple(_mail_of(each) for each in happened if isinstance(each, Decided) or type(each) in MAILS)


def _mail_of(happened: DomainEvent) -> str:
    if isinstance(happened, Decided):
        return in_brief(happened.decision.entered, counts=True).mail
    is_first = isinstance(happened, MarkedSubmitted) and happened.receipt == "first"
    return FIRST_RECEIPT if is_first else MAILS[type(happened)]


def refusal_of_file(act: BulkAct, refusal: RefusedError) -> RefusedError | None:
    """What refuses the act for one file; None where it is a fault of what is asked."""
    if refusal.slug != INVALID_FIELDS:
        return refusal
    if act.action is DecisionAction.VALIDATE and act.answer_deadline is None:  # the programme's day
        return ANSWER_DAY_OVER()
    if act.keeps_conditions and all(each.field.startswith("conditions.") for each in refusal.fields):
        return CONDITION_PAST()  # those that stay were right when they were entered
    if all(each.field == "group" and each.slug != "not-of-kind" for each in refusal.fields):
        return GROUP_UNFIT()  # of another programme it may be right
    return None


def fault_of_args(act: BulkAct, refusal: RefusedError) -> RefusedError:
    """Days that are wrong are so for every file: they are faults of what is asked."""
    where = {DecisionAction.ENTER: "args.decision", SheetAction.SET_FEES: "args.fees"}.get(act.action, "args")
    return INVALID_FIELDS(fields=[replace(each, field=f"{where}.{each.field}") for each in refusal.fields])
