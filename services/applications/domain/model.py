"""The application and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from services.applications.domain.asked import FilledForm, FormAnswer, QuestionAnswer
from services.applications.domain.copies import Programme, Requirement
from services.applications.domain.decision_model import ValidatedDecision
from services.applications.domain.hands import UNTOUCHED, InPlace
from services.applications.domain.reminded import ReminderKind
from services.applications.domain.states import (
    EDITABLE,
    FileState,
    PieceState,
    PlaceState,
)
from services.contracts.actors import Acting, ActorKind
from services.contracts.refusals import NOT_FOUND


@dataclass(frozen=True, slots=True)
class Moment:
    """When a command arrived: the instant, and the calendar day of the institution's zone.

    `due` is the earliest last day that is not past: the day itself, or one that ended in a maintenance window.
    `unanswered_block` is what the institution has set at that moment. `prolonged` are the last days that incidents have
    moved, each with the later one; on those that are `unjudged` nothing is done, as long as nobody has judged an incident.
    """

    instant: datetime
    day: date
    due: date
    unanswered_block: bool = True
    prolonged: tuple[tuple[date, date], ...] = ()
    unjudged: frozenset[date] = frozenset()

    @property
    def day_told(self) -> date | None:
        """The day, where it is not that of the instant in UTC: what is told around midnight."""
        return None if self.instant.date() == self.day else self.day

    def last(self, day: date) -> date:
        """The last day that counts in the place of one: itself, or a later one where incidents have moved it."""
        for touched, later in self.prolonged:  # in their order, so that what one incident has moved the next one may
            day = later if touched == day else day
        return day

    def is_past(self, day: date) -> bool:
        """Whether that last day is over."""
        return self.last(day) < self.due and day not in self.unjudged


@dataclass(frozen=True, slots=True)
class DocumentWarning:
    """What documents noticed in a file that it took: by its name there, with the page and a figure where it has them."""

    slug: str
    page: int | None = None
    dpi: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document as its upload receipt names it; `size` in bytes."""

    id: str
    sha256: str
    size: int
    media_type: str
    filename: str
    warnings: tuple[DocumentWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """When staff have last said something of a piece, and who."""

    at: datetime
    by: Acting


@dataclass(frozen=True, slots=True)
class Held:
    """What the registrar holds for a piece: what it is called, its day and its last one.

    `before` is the state that the piece had, and has again when the registrar holds it no more, unless that was
    `handed_over`. `file` says where its bytes are, if they are to be had; `document` is what they became here.
    """

    label: str
    before: PieceState
    on: date | None = None
    expires_on: date | None = None
    handed_over: bool = False
    file: str | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class HeldLine:
    """What a receipt says of what the registrar held: what it was called, and of which day it was."""

    label: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The slot of one requirement; `comment` is the reviewer's, for the candidate; who that was (`judged`) is for staff.

    So is `comment_code`, of the institution's comment that it begins with.

    What is `held` by the registrar stands in the place of the document, which is kept, and given to nobody meanwhile.
    """

    requirement: Requirement
    state: PieceState = PieceState.AWAITING
    document: Document | None = None
    comment: str | None = None
    judged: Judgement | None = None
    held: Held | None = None
    comment_code: str | None = None

    @property
    def given(self) -> Document | None:
        """The document that counts: the registrar's where they hold the piece, if it is here."""
        return self.document if self.held is None else self.held.document


@dataclass(frozen=True, slots=True)
class Submission:
    """What was submitted, for ever: documents by piece code in order, the profile as it was, the signed receipt.

    `answers` are those that were given, by the code of the question in order; `forms` what was filled in, by their codes;
    `held` what the registrar held without a document being here, by the code of the piece.
    """

    submitted_at: datetime
    pieces: Mapping[str, Document]
    profile: Mapping[str, Any]
    receipt: str
    answers: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, tuple[FormAnswer, ...]] = field(default_factory=dict)
    in_place: str = ""
    """Why staff handed it over in the candidate's place; empty where the candidate did."""
    held: Mapping[str, HeldLine] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubmissionRef:
    """Where a submission is kept: the id of its own document, and the SHA-256 (hexadecimal) of its receipt.

    `inline` is the submission itself where 0.1.0 made it, which kept it in the application.
    """

    id: str
    submitted_at: datetime
    receipt_sha256: str
    inline: Submission | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A state that the file came into, when, and by whose doing; staff may say of which day it is, and why."""

    at: datetime
    state: FileState
    by: Acting
    on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """The last reminder to submit: of which last day, and how many days before it."""

    deadline: date
    days: int


@dataclass(frozen=True, slots=True)
class Place:
    """The place that is offered by a favourable decision, or waited for; when and by whom that was answered, if it was.

    `reminded`: the candidate has been, that an answer is due. `instructed`: they were told how to enrol. `put_back_on`
    that day staff have put them on the waiting list who had a place. `at_once`: whoever accepted it is enrolled whatever
    becomes of its conditions, as the institution wanted it on that day. One that is offered is of the places of the
    `group` of that code, if of any.
    """

    state: PlaceState
    at: datetime | None = None
    by: Acting | None = None
    reminded: bool = False
    instructed: bool = False
    put_back_on: date | None = None
    at_once: bool = False
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One account's application to one programme in one campaign; `slot` is its place among those allowed at once."""

    account: str
    file_number: str
    campaign: str
    programme: Programme
    state: FileState
    submission_deadline: date
    slot: str
    pieces: tuple[Piece, ...]
    forms: tuple[FilledForm, ...] = ()
    answers: tuple[QuestionAnswer, ...] = ()
    submissions: tuple[SubmissionRef, ...] = ()
    history: tuple[Milestone, ...] = ()
    reminded: Reminder | None = None
    reminded_on: Mapping[ReminderKind, date] = field(default_factory=dict)
    """The last day on which its candidate was reminded of each, by staff or the clock."""
    untold: datetime | None = None
    """Since when staff have said something of its pieces that no mail has told the candidate."""
    conditions_untold: datetime | None = None
    """Since when staff have found something of its conditions that no mail has told the candidate."""
    decision: ValidatedDecision | None = None
    place: Place | None = None
    promotion: str | None = None
    """The id of the decision by which it came last from its waiting list to a place, also if another one counts now."""
    waited_by: str | None = None
    """The id of the decision by which it waited then, which somebody had entered and nobody need validate again."""
    was_accepted: bool = False
    """Whether its candidate has ever accepted a place, also where they have given it up since, or it was taken away."""
    left: bool = False
    """Whether the candidate has left the waiting list, which is for ever, whatever is decided afterwards."""
    prolonged: bool = False
    """Whether an incident has ever moved one of its last days."""
    passed_over: datetime | None = None
    """Since when the account was closed for which a place has last gone by who waits for one."""
    in_place: InPlace = UNTOUCHED

    @property
    def opened_at(self) -> datetime:
        """When it was opened."""
        return self.history[0].at

    @property
    def opened_by_staff(self) -> bool:
        """Whether somebody of staff has opened it for its candidate (acceptance 47)."""
        return self.history[0].by.actor != f"{ActorKind.ACCOUNT}:{self.account}"

    @property
    def was_made_complete(self) -> bool:
        """Whether staff opened it as complete, to offer a place: nothing of it was ever asked for."""
        return self.history[0].state is FileState.COMPLETE

    @property
    def is_active(self) -> bool:
        """Whether it bars another one to its programme and counts towards the maximum."""
        return self.state is not FileState.CANCELLED

    @property
    def is_editable(self) -> bool:
        """Whether it is in the candidate's hands."""
        return self.state in EDITABLE

    def piece(self, code: str) -> Piece:
        """The piece of that code; raises NOT_FOUND."""
        for piece in self.pieces:
            if piece.requirement.code == code:
                return piece
        raise NOT_FOUND()

    def with_piece(self, changed: Piece) -> Application:
        """The application with this piece in place of the one of its code."""
        code = changed.requirement.code
        return replace(self, pieces=tuple(changed if p.requirement.code == code else p for p in self.pieces))

    def form(self, code: str) -> FilledForm:
        """The form of that code; raises NOT_FOUND."""
        for filled in self.forms:
            if filled.form.code == code:
                return filled
        raise NOT_FOUND()

    def with_form(self, changed: FilledForm) -> Application:
        """The application with this form in place of the one of its code."""
        code = changed.form.code
        return replace(self, forms=tuple(changed if f.form.code == code else f for f in self.forms))

    def answer(self, code: str) -> QuestionAnswer:
        """What is answered to the question of that code; raises NOT_FOUND."""
        for answer in self.answers:
            if answer.question.code == code:
                return answer
        raise NOT_FOUND()

    def with_answer(self, changed: QuestionAnswer) -> Application:
        """The application with this answer in place of the one to the same question."""
        code = changed.question.code
        return replace(self, answers=tuple(changed if a.question.code == code else a for a in self.answers))

    def moved_to(
        self, state: FileState, at: datetime, by: Acting, *, on: date | None = None, reason: str = ""
    ) -> Application:
        """The application in another state, with its milestone."""
        forms = tuple(map(FilledForm.given_back, self.forms)) if state in EDITABLE else self.forms
        return replace(self, state=state, forms=forms, history=(*self.history, Milestone(at, state, by, on, reason)))
