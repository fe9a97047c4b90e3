"""How many files there were, and what became of them: all that stays of a campaign whose files are gone (acceptance 99)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from zoneinfo import ZoneInfo

from services.applications.domain.listing import Decided, decided_of
from services.applications.domain.model import Application
from services.applications.domain.states import FileState


@dataclass(frozen=True, slots=True)
class Counts:
    """Files to one programme in one campaign, as they stood last.

    `opened` are all of them; `submitted` were so once, whatever came then; `complete` are in that state. Decisions are those
    that count, not entered ones; `favourable` are also those whose place was accepted, or withdrawn from.
    """

    opened: int = 0
    cancelled: int = 0
    submitted: int = 0
    complete: int = 0
    favourable: int = 0
    unfavourable: int = 0
    ranked_waitlist: int = 0
    waitlist: int = 0
    shortlisted: int = 0
    accepted: int = 0
    withdrawn: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def __sub__(self, other: Counts) -> Counts:
        """These without others that are among them."""
        return Counts(*(getattr(self, each.name) - getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Share:
    """What one file adds to counts, and to those of the days on which it was opened and was handed over last."""

    counts: Counts
    opened_on: date
    submitted_on: date | None

    @property
    def days(self) -> dict[date, Counts]:
        """What it adds to which day."""
        found = {self.opened_on: Counts(opened=1)}
        if self.submitted_on is not None:
            found[self.submitted_on] = found.get(self.submitted_on, Counts()) + Counts(submitted=1)
        return found


def share_of(application: Application, zone: ZoneInfo) -> Share:
    """What one file adds, by days of a zone."""
    submissions = application.submissions
    return Share(
        counted(application.state, decided_of(application), submitted=bool(submissions)),
        application.opened_at.astimezone(zone).date(),
        submissions[-1].submitted_at.astimezone(zone).date() if submissions else None,
    )


def counted(state: FileState, decided: Decided, *, submitted: bool) -> Counts:
    """What a file adds that is in this state, and so decided on, whatever its candidate says to that."""
    answers = {"accept": "accepted", "withdraw": "withdrawn"}
    names = {decided.kind} if decided is not Decided.NONE else set()
    if decided.answer in answers:
        names.add(answers[decided.answer])
    return Counts(
        opened=1,
        cancelled=state is FileState.CANCELLED,
        submitted=submitted,
        complete=state is FileState.COMPLETE,
        **dict.fromkeys(names, 1),
    )
