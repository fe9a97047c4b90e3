"""One act for many files: what would come of it for each, told before it is done (product, section 8, point 7).

Nothing is decided here: what comes of an act is the answer of the same domain function that carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from services.applications.domain.deadline import effective_deadline
from services.applications.domain.events import (
    DeadlineExtended,
    DomainEvent,
    MarkedComplete,
    MarkedIncomplete,
    MarkedSubmitted,
    Reopened,
    VerdictsGathered,
)
from services.applications.domain.model import Application, ProgrammeCopy
from services.applications.domain.states import FileAction, FileState
from services.contracts.refusals import INVALID_FIELDS, FieldError, RefusedError

MARKS: Final[Mapping[FileAction, FileState]] = {
    FileAction.MARK_SUBMITTED: FileState.SUBMITTED,
    FileAction.MARK_INCOMPLETE: FileState.INCOMPLETE,
    FileAction.MARK_COMPLETE: FileState.COMPLETE,
}
ACTIONS: Final = (*MARKS, FileAction.REOPEN, FileAction.EXTEND)
"""What staff can do to many files at once."""

_MARKING: Final = frozenset({"on", "submission_deadline"})
_TAKES: Final[Mapping[FileAction, frozenset[str]]] = {
    **dict.fromkeys(MARKS, _MARKING),
    FileAction.REOPEN: frozenset({"reason", "submission_deadline"}),
    FileAction.EXTEND: frozenset({"submission_deadline"}),
}
_NEEDS: Final[Mapping[FileAction, str]] = {FileAction.REOPEN: "reason", FileAction.EXTEND: "submission_deadline"}

MAILS: Final[Mapping[type[DomainEvent], str]] = {
    MarkedSubmitted: "application-marked-submitted",
    MarkedIncomplete: "application-incomplete",
    MarkedComplete: "application-complete",
    Reopened: "application-reopened",
    DeadlineExtended: "application-deadline",
    VerdictsGathered: "pieces-judged",
}
"""Which kind of mail answers to what an act of staff has brought about."""

Result = Literal["changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class BulkAct:
    """What shall be done to each file, with what the form of a single one asks; None where that is left out."""

    action: FileAction
    on: date | None = None
    submission_deadline: date | None = None
    reason: str | None = None

    def check(self) -> None:
        """Raises INVALID_FIELDS where the action needs what is not given, or takes nothing of what is."""
        given = {name for name in _MARKING | {"reason"} if getattr(self, name) is not None}
        needed = {_NEEDS[self.action]} if self.action in _NEEDS else set()
        wrong = [FieldError(f"args.{name}", "required") for name in sorted(needed - given)]
        wrong += [FieldError(f"args.{name}", "unknown-field") for name in sorted(given - _TAKES[self.action])]
        if wrong:
            raise INVALID_FIELDS(fields=wrong)


@dataclass(frozen=True, slots=True)
class FileStatus:
    """How a file stands: its state, and its last day as it is shown."""

    state: FileState
    submission_deadline: date


def status_of(application: Application, offer: ProgrammeCopy | None) -> FileStatus:
    """How it stands; of a file in nobody's hands the last day stays what it was."""
    day = effective_deadline(application, offer) if application.is_editable else application.submission_deadline
    return FileStatus(application.state, day)


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What comes, or came, of the act for one file: `before` and `after`, the kinds of mail that go, or the refusal.

    `application` is None where the file is not there, or beyond the reach of who asks; `version` is 0 then.
    """

    id: str
    version: int = 0
    application: Application | None = field(default=None, compare=False)
    before: FileStatus | None = None
    after: FileStatus | None = None
    mails: tuple[str, ...] = ()
    changed: bool = False
    refusal: RefusedError | None = None

    @property
    def result(self) -> Result:
        """In a word."""
        if self.refusal is not None:
            return "refused"
        return "changed" if self.changed else "unchanged"


def mails_of(happened: Sequence[DomainEvent]) -> tuple[str, ...]:
    """The kinds of mail that go out because of what has happened, in order."""
    return tuple(MAILS[type(each)] for each in happened if type(each) in MAILS)
