"""A decision as it is entered and as it counts: a part of the application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.applications.domain.conditioned import Condition, Followed
from services.applications.domain.decided import GroupAsDecided, ReasonAsDecided, TypeAsDecided
from services.applications.domain.states import DecisionKind, Label
from services.contracts.actors import Acting


@dataclass(frozen=True, slots=True)
class Appointment:
    """Where somebody who is shortlisted is expected, on which day, at which `time` of the institution's zone (`HH:MM`)."""

    place: str
    day: date
    time: str


@dataclass(frozen=True, slots=True)
class EnteredDecision:
    """What staff have decided, who and when; candidates see nothing of it before it is validated.

    A `rank` counts from 1; `reason` and `comment` are for the candidate. `type` is None of what was entered before there
    were types, `group` where the programme has none. Where the reason is one of the institution's own, `listed` is
    that one, and `reason` what it is called.
    """

    id: str
    kind: DecisionKind
    at: datetime
    by: Acting
    reason: str | None = None
    rank: int | None = None
    comment: str | None = None
    appointment: Appointment | None = None
    type: TypeAsDecided | None = None
    listed: ReasonAsDecided | None = None
    conditions: tuple[Condition, ...] = ()
    group: GroupAsDecided | None = None

    @property
    def group_code(self) -> str | None:
        """In which group of the programme's list it puts them, or of which it gives a place."""
        return None if self.group is None else self.group.code

    @property
    def type_code(self) -> str | None:
        """Of which type it is."""
        return None if self.type is None else self.type.code

    @property
    def label(self) -> Label | None:
        """What the institution called it when it was entered (acceptance 123); None where its kind has the word for it."""
        return None if self.type is None else self.type.label

    @property
    def reason_code(self) -> str | None:
        """Which of the institution's own reasons it has."""
        return None if self.listed is None else self.listed.code

    @property
    def reason_said(self) -> str | None:
        """Why, as it was said: by the code of a reason, or as it was written."""
        return self.reason if self.listed is None else self.listed.code

    @property
    def reason_label(self) -> Label | None:
        """Why, as it is read: as it was written, or as the institution called it then (acceptance 79, 123)."""
        if self.listed is not None:
            return self.listed.label
        return None if self.reason is None else {"fr": self.reason}


@dataclass(frozen=True, slots=True)
class Unreached:
    """Since when it is known that the mail of a decision has not arrived, and `why`; `holds`: its last day waits."""

    at: datetime
    why: str
    holds: bool = False


@dataclass(frozen=True, slots=True)
class ValidatedDecision:
    """A decision from the moment at which it counts; `answer_deadline` is the last day for an answer, inclusive.

    `followed`: what has become of each of its conditions. `unreached`: its mail has not arrived. `told_on`: the day on
    which it was told last, where its last day has waited for that.
    """

    entered: EnteredDecision
    at: datetime
    by: Acting
    answer_deadline: date | None = None
    followed: tuple[Followed, ...] = ()
    unreached: Unreached | None = None
    told_on: date | None = None
