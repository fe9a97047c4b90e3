"""What staff ask of applications, and are shown. Days are of the institution's zone, instants RFC 3339 UTC."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from services.contracts.api.applications import FileStateName, PieceStateName, QuestionView
from services.contracts.api.basics import Body, Code, Day, Instant, View
from services.contracts.api.condition_views import ConditionStateName
from services.contracts.api.decisions import (
    DecisionName,
    EnteredDecisionView,
    GroupView,
    LetterName,
    ValidatedDecisionView,
)
from services.contracts.api.deposited import DocumentView
from services.contracts.api.enrolments import EnrolmentCodeView, PreEnrolmentView
from services.contracts.api.fees import FeesView
from services.contracts.api.forms import FilledFormView
from services.contracts.api.held import HeldView
from services.contracts.api.sheets import NoteView
from services.contracts.api.texts import LINES, one_line_end, tidied
from services.contracts.decision_types import CODE

Text = Annotated[
    str,
    Field(min_length=1, max_length=500, pattern=LINES),
    tidied(500),
    BeforeValidator(one_line_end),
]

# --- asked ------------------------------------------------------------------------------------------------------


class Verdict(Body):
    """What is thought of a piece; without a comment the one that stands there goes."""

    verdict: Annotated[
        Literal["validated", "refused", "none"],
        Field(description="`none` takes a verdict back, or leaves a comment alone."),
    ]
    comment: Annotated[Text | None, Field(description="For the candidate.")] = None
    comment_code: Annotated[
        str | None,
        Field(
            pattern=CODE,
            description="Code of a comment of the institution's that serves for the piece: its text, in the candidate's "
            "language, is kept before `comment`, with which it has 500 characters at most.",
        ),
    ] = None
    document: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=128,
            description="The id of the document that was read: refused if the piece holds another one now.",
        ),
    ] = None


class PieceVerdict(Verdict):
    """What is thought of one of several pieces."""

    code: Annotated[Code, Field(description="Code of the piece.")]


class Verdicts(Body):
    """What is thought of several pieces of one file: all of it is kept, or nothing."""

    verdicts: Annotated[
        list[PieceVerdict],
        Field(
            min_length=1, max_length=100, description="One for each piece: of one piece two are refused, `repeated`."
        ),
    ]


class FileMark(Body):
    """Which state of its examination the file is in now."""

    state: Literal["submitted", "incomplete", "complete"]
    on: Annotated[date | None, Field(description="The day of which the state is; none to come.")] = None
    submission_deadline: Annotated[
        date | None,
        Field(
            description="Of a file that is `incomplete`: the last day for completing it, not past, at most 366 days away. "
            "Its programme's is at least given; where that has passed, and no other is named, seven days are."
        ),
    ] = None


class Reopening(Body):
    """Why a file is given back, and until when."""

    reason: Annotated[Text, Field(description="For the history, which staff read.")]
    submission_deadline: Annotated[date | None, Field(description="As for a file that is marked `incomplete`.")] = None


class Deadlines(Body):
    """A last day of this application's own."""

    submission_deadline: Annotated[
        date, Field(description="At most 366 days away; one before its programme's has no effect.")
    ]


# --- shown ------------------------------------------------------------------------------------------------------


class ReviewRow(View):
    """One file of a list."""

    id: str
    account: str
    file_number: str
    family_name: Annotated[
        str | None, Field(description="The candidate's, as the profile has it now; null once that is erased.")
    ] = None
    given_name: Annotated[
        str | None, Field(description="As the family name; null also for who has one name alone.")
    ] = None
    programme: Annotated[str, Field(description="Code of the programme.")]
    campaign: Annotated[str, Field(description="Code of the campaign.")]
    title: str
    state: FileStateName
    state_label: str
    opened_at: Instant
    submitted_at: Instant | None = None
    submission_deadline: Day
    waiting: Annotated[int, Field(description="How many pieces wait for a verdict.")] = 0
    decided: Annotated[DecisionName | None, Field(description="Kind of the decision that counts.")] = None
    decided_label: Annotated[str | None, Field(description="What the institution calls it.")] = None
    answer: Annotated[
        Literal["accept", "withdraw", "left"] | None,
        Field(description="To the place that it offers; `left`: the waiting list, for ever."),
    ] = None
    entered: Annotated[bool, Field(description="A decision waits to be validated.")] = False
    conditions: Annotated[
        ConditionStateName | None,
        Field(description="How the conditions of its place stand together: one not met, else one open, says so."),
    ] = None
    cells: Annotated[
        dict[str, str] | None, Field(description="The columns that were asked for, by code, each as text.")
    ] = None


class ReviewList(View):
    """One page of files, in the order that was asked for."""

    items: list[ReviewRow]
    next: Annotated[
        str | None,
        Field(
            description="What to send as `after` for the page behind; null at the end. Where few of many files are what is "
            "asked for, 2000 are looked at for a page: it is short then, or empty, and there is a page behind."
        ),
    ] = None
    previous: Annotated[
        str | None, Field(description="What to send as `before` for the page before; null where there is none.")
    ] = None
    campaign: Annotated[
        str | None, Field(description="The campaign whose files these are, asked for or not; null: of every one.")
    ] = None


class ReviewPiece(View):
    """One piece, and who said last what is thought of it."""

    code: str
    label: str
    state: PieceStateName
    state_label: str
    document: DocumentView | None = None
    registrar: HeldView | None = None
    comment: str | None = None
    comment_code: Annotated[
        str | None, Field(description="Of the institution's comment that stands at the beginning of `comment`.")
    ] = None
    judged_at: Instant | None = None
    judged_by: Annotated[str | None, Field(description="Kind and id of who has judged it.")] = None
    judged_by_name: Annotated[str | None, Field(description="How they are known.")] = None


class ReviewMilestone(View):
    """A state that the file came into: when, by whose doing, of which day and why where staff said so."""

    at: Instant
    state: FileStateName
    label: str
    actor: Annotated[str, Field(description="Kind and id.")]
    actor_name: Annotated[str | None, Field(description="How one of staff is known.")] = None
    on_behalf_of: str | None = None
    on: Day | None = None
    reason: str | None = None


class StaffPreEnrolmentView(PreEnrolmentView):
    """The same as staff see it: since when, why it was refused, how often nobody has answered."""

    since: Instant
    reason: Annotated[
        str | None,
        Field(
            description="Theirs; `no-answer` where they have said nothing for a week, `campaign-over` where they were "
            "connected after that, and were not told."
        ),
    ] = None
    failures: Annotated[int, Field(description="Tries without an answer since it was asked for.")] = 0


class ClosedAccountView(View):
    """That the account of a file was closed, because its person goes on with another one; the file stays as it is."""

    since: Instant
    goes_on_with: Annotated[
        str | None, Field(description="The other account, where one of its files is within reach.")
    ] = None


class ReviewView(ReviewRow):
    """A file as staff see it."""

    pieces: list[ReviewPiece]
    forms: list[FilledFormView]
    questions: list[QuestionView]
    profile: Annotated[
        dict[str, dict[str, Any] | list[dict[str, Any]]],
        Field(
            description="By its steps, with a list where one has rows: as it was when the file was handed over last, as it "
            "stands where it never was."
        ),
    ]
    history: list[ReviewMilestone]
    entered_decision: Annotated[
        EnteredDecisionView | None, Field(description="To be validated; a validated one counts as long as it is not.")
    ] = None
    email: Annotated[
        str | None, Field(description="The address at which its candidate is written to today, where it is known.")
    ] = None
    campaign_over: Annotated[
        bool,
        Field(
            description="Its campaign is closed: nothing is asked of its candidate any more. A decision that counts can be "
            "corrected, its conditions followed, and what is kept beside the file goes on."
        ),
    ] = False
    mere_offer: Annotated[
        bool, Field(description="Whether staff opened it to offer a place: to delete the decision cancels the file.")
    ] = False
    taken_over_by: Annotated[
        str | None,
        Field(description="The file that its person has opened, to which the decision of an offer has gone over."),
    ] = None
    closed_account: Annotated[
        ClosedAccountView | None, Field(description="Nobody is written to, and nobody logs in, while it is closed.")
    ] = None
    groups: Annotated[list[GroupView], Field(description="Those of the programme's waiting list, in order.")] = Field(
        default_factory=list
    )
    recused: Annotated[
        bool,
        Field(
            description="One has no part in it by a meeting of its board: what is entered is neither shown nor taken."
        ),
    ] = False
    second_person: Annotated[
        bool, Field(description="Whether who has entered a decision must let somebody else validate it (parameter).")
    ] = False
    decision: ValidatedDecisionView | None = None
    answered_at: Instant | None = None
    letter: Annotated[LetterName | None, Field(description="Which letter its candidate can have, if there is one.")] = (
        None
    )
    left_waitlist: Annotated[bool, Field(description="Whether the candidate has left the waiting list, for ever.")] = (
        False
    )
    pre_enrolment: StaffPreEnrolmentView | None = None
    enrolment_code: EnrolmentCodeView | None = None
    route: Annotated[Literal["controlled", "direct"] | None, Field(description="By which its programme admits.")] = None
    notes: Annotated[list[NoteView], Field(description="For staff alone, the first first.")]
    tags: Annotated[list[str], Field(description="For staff alone.")]
    assignee: Annotated[str | None, Field(description="Account of who of staff looks after it.")] = None
    assignee_name: Annotated[str | None, Field(description="How they are known.")] = None
    fees: Annotated[FeesView, Field(description="For staff alone, and the student records.")] = FeesView()
    fees_version: Annotated[int, Field(description="Grows with the fees alone.")] = 0
    sheet_unreadable: Annotated[
        bool,
        Field(description="Notes, tags, assignee and fees cannot be read: they are not shown, and cannot be changed."),
    ] = False
    sheet_version: Annotated[
        int, Field(description="Grows with notes, tags, assignee and fees, as `version` never does.")
    ] = 0
    version: int
