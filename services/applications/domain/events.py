"""What has happened to an application; `services.applications.publications` tells others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.applications.domain.condition_states import ConditionState
from services.applications.domain.conditioned import Condition
from services.applications.domain.decision_model import ValidatedDecision
from services.applications.domain.form_events import FormChanged
from services.applications.domain.held_events import PieceHeld
from services.applications.domain.mail_lost import MailLost, MailSentAgain, ToldAnew
from services.applications.domain.model import Application, Submission
from services.applications.domain.reminded import Reminded

Verdict = Literal["validated", "refused", "none"]
"""What staff say of a piece; `none` takes back what was said, or leaves a comment alone."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft was opened, by its candidate or by staff in the candidate's place."""

    by: Literal["candidate", "staff"] = "candidate"


@dataclass(frozen=True, slots=True)
class OpenedComplete:
    """Staff opened a file from which nothing lacks."""


@dataclass(frozen=True, slots=True)
class OfferTakenBack:
    """The file that staff opened to offer a place is given up before anybody was told of it."""


Offer = OpenedComplete | OfferTakenBack
"""What staff do before a decision is validated, of which nobody else learns."""


@dataclass(frozen=True, slots=True)
class Deposited:
    """A document was put into a piece."""

    piece: str
    document: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A document was taken out of a piece."""

    piece: str
    document: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A conditional piece was declared not applicable, or applicable again."""

    piece: str
    not_applicable: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A question was answered, or its answer taken back."""

    question: str
    answered: bool


@dataclass(frozen=True, slots=True)
class FilledIn:
    """A form was filled in elsewhere."""

    form: str


@dataclass(frozen=True, slots=True)
class DeadlineExtended:
    """The last day for submission is now a later one: the programme's, one of this file alone, or after an `outage`."""

    submission_deadline: date
    because: Literal["programme", "staff"] = "programme"
    outage: bool = False


@dataclass(frozen=True, slots=True)
class SubmissionDue:
    """The last day of a draft is near; `awaited` are the codes of the pieces, `forms` those of the forms that block it."""

    submission_deadline: date
    awaited: tuple[str, ...]
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submitted:
    """The file was handed over."""

    submission: Submission


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The candidate gave the draft up."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Staff gave a verdict on a piece, took it back, or left a comment alone."""

    piece: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class VerdictsGathered:
    """Time has come to tell the candidate what staff have said of pieces: codes of those `validated`, `refused`, or
    `remarked` on alone.
    """

    validated: tuple[str, ...]
    refused: tuple[str, ...]
    remarked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActsTold:
    """Time has come to tell the candidate what staff did in their place: codes of pieces, whether they answered questions,
    and whether they handed the file over.
    """

    deposited: tuple[str, ...]
    removed: tuple[str, ...]
    not_applicable: tuple[str, ...]
    applicable: tuple[str, ...]
    answered: bool
    submitted: bool


@dataclass(frozen=True, slots=True)
class MarkedSubmitted:
    """The file counts as handed over again by what was submitted last; `staff` said so, or its last `day` has passed.

    The `receipt` is the `first` one of a file that staff had opened, and nobody had handed over.
    """

    because: Literal["staff", "day"]
    receipt: Literal["first", "again"] = "again"


@dataclass(frozen=True, slots=True)
class MarkedIncomplete:
    """The file is the candidate's again, to be completed; `refused` are the codes of the refused pieces."""

    submission_deadline: date
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkedComplete:
    """Staff found that nothing lacks."""


@dataclass(frozen=True, slots=True)
class Reopened:
    """The file is the candidate's again, as before it was handed over."""

    submission_deadline: date


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision was validated: from now on it counts.

    `because` of the candidate's rank: nobody has entered it. It `frees` the place that the one before had offered, of the
    group that they `had` one of.
    """

    decision: ValidatedDecision
    because: Literal["staff", "rank"] = "staff"
    frees: bool = False
    had: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The candidate takes the place that was offered."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The candidate does not take the place that was offered, or does so no more, or has let its last `day` pass."""

    because: Literal["candidate", "day"]


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """The last day for an answer to the place that is offered is near, or a later one because of an `outage`."""

    answer_deadline: date
    outage: bool = False


@dataclass(frozen=True, slots=True)
class EnrolmentInstructed:
    """Who has accepted is told how to enrol: where, and what one must know, by language."""

    links: Mapping[str, str]
    messages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConditionMarked:
    """Staff have found that a condition is met or not, or take that back; it is `final` once all are met
    and the place is accepted."""

    decision: str
    number: int
    state: ConditionState
    final: bool


@dataclass(frozen=True, slots=True)
class ConditionsTold:
    """Time has come to tell the candidate what staff have found of conditions; `again`: what was taken back.

    `left` are those of which nothing is found yet; `final`: there is no such one, all are met, and the place is accepted.
    One that is `unanswered` is to be answered, `until` a day inclusive if there is one.
    """

    met: tuple[Condition, ...]
    not_met: tuple[Condition, ...]
    again: tuple[Condition, ...]
    left: tuple[Condition, ...]
    final: bool
    unanswered: bool = False
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ConditionsDue:
    """The days by which these are to be met are near."""

    conditions: tuple[Condition, ...]


Conditioned = ConditionMarked | ConditionsTold | ConditionsDue
"""What comes of the conditions of an admission."""


@dataclass(frozen=True, slots=True)
class PreEnrolmentRequested:
    """Who has accepted a place is to be handed over to the student records."""


@dataclass(frozen=True, slots=True)
class PreEnrolmentCompleted:
    """The student records have taken them."""


@dataclass(frozen=True, slots=True)
class PreEnrolmentRefused:
    """The student records have not taken them, or not let go of them again; a reason is kept with it."""


@dataclass(frozen=True, slots=True)
class PreEnrolmentRetried:
    """Staff have what was refused asked for anew."""


@dataclass(frozen=True, slots=True)
class PreEnrolmentCancelled:
    """The place is not theirs any more: the student records are to let go of them."""


@dataclass(frozen=True, slots=True)
class EnrolmentCodeSet:
    """Staff have given somebody a code of their own, or none any more; `code` is what holds now, `told` if by mail."""

    code: str
    told: bool


PreEnrolmentEvent = (
    PreEnrolmentRequested
    | PreEnrolmentCompleted
    | PreEnrolmentRefused
    | PreEnrolmentRetried
    | PreEnrolmentCancelled
    | EnrolmentCodeSet
)
"""What comes of a pre-enrolment."""

Examined = Judged | VerdictsGathered | ActsTold | MarkedSubmitted | MarkedIncomplete | MarkedComplete | Reopened
"""What comes of a file's examination."""


@dataclass(frozen=True, slots=True)
class LeftWaitlist:
    """The candidate waits for a place no more."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A place was for somebody whose account is closed, and is for who waits behind them."""


Settled = Decided | Accepted | Withdrawn | AnswerDue | EnrolmentInstructed | LeftWaitlist
"""What comes of the decision on an application."""

Fact = (
    Opened
    | Offer
    | Deposited
    | Removed
    | Marked
    | PieceHeld
    | Answered
    | FilledIn
    | FormChanged
    | DeadlineExtended
    | SubmissionDue
    | Reminded
    | Submitted
    | Cancelled
    | Examined
    | Settled
)


@dataclass(frozen=True, slots=True)
class ToldAgain:
    """Somebody has missed how the file stands; `submission` is what was submitted last."""

    submission: Submission | None


DomainEvent = Fact | Conditioned | ToldAgain | PassedOver | MailLost | ToldAnew | MailSentAgain

Change = tuple[Application, tuple[DomainEvent, ...]]
"""An application after a command, and what has happened; no facts and the very same application: nothing has."""
