"""Applications over HTTP: bodies and views.

Texts of views are in the language of the answer; calendar days are of the institution's zone, instants RFC 3339 UTC.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.api.basics import Body, Code, Day, Instant, View
from services.contracts.api.decisions import DecisionView, LetterName
from services.contracts.api.deposited import DocumentView
from services.contracts.api.enrolments import EnrolmentView, PreEnrolmentView
from services.contracts.api.form_changes import ChangedAt, GoneAt
from services.contracts.api.held import HeldView
from services.contracts.api.in_place_views import ActView
from services.contracts.api.places import RankExplainedView
from services.contracts.api.receipts import SUBMISSION_RECEIPT, Sha256
from services.contracts.api.texts import LINES, one_line_end, tidied

LONGEST_ANSWER: Final = 1000
"""Characters of the answer to a question."""

MOST_BEFORE: Final = 1000
"""As many are counted who wait before somebody; that many is that many or more."""

RECEIPT_PAGE: Final = "/recu"
"""Where, behind the public address, people see whether a receipt is genuine; a slash and its code follow."""

FileStateName = Literal["draft", "submitted", "incomplete", "complete", "cancelled"]
AnswerStateName = Literal["awaiting", "answered"]
PieceStateName = Literal["awaiting", "deposited", "validated", "refused", "not_applicable"]
# --- asked ------------------------------------------------------------------------------------------------------


class OpenApplication(Body):
    """To which programme to apply."""

    programme: Annotated[Code, Field(description="Code of the programme in the catalogue.")]


class DepositPiece(Body):
    """Which document to put into the piece."""

    receipt: Annotated[
        str,
        Field(
            min_length=1,
            max_length=8192,
            pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
            description="The receipt that documents gave for the upload.",
        ),
    ]


class AnswerQuestion(Body):
    """What to answer to a question."""

    answer: Annotated[
        str,
        Field(
            max_length=LONGEST_ANSWER,
            pattern=LINES,
            description="`yes` or `no`, or some lines parted by line feeds, as the question is.",
            examples=["yes"],
            json_schema_extra={"minLength": 1},
        ),
        tidied(LONGEST_ANSWER),
        BeforeValidator(one_line_end),
    ]


class ApplicationPath(BaseModel):
    """Which application."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern="^[0-9a-z]{26}$", description="Id of the application.")]


class PiecePath(ApplicationPath):
    """Which piece of which application."""

    code: Annotated[Code, Field(description="Code of the piece.")]


class FormPath(ApplicationPath):
    """Which form of which application."""

    form: Annotated[Code, Field(description="Code of the form.")]


class AnswerPath(ApplicationPath):
    """Which question of which application."""

    question: Annotated[Code, Field(description="Code of the question.")]


class ApplicationPage(BaseModel):
    """Which page of the list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 50
    after: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=64,
            pattern=r"^[0-9TZ:.-]+~[0-9a-z]{26}$",
            description="The `next` of the page before.",
        ),
    ] = None


# --- shown ------------------------------------------------------------------------------------------------------


class ProgrammeView(View):
    """The programme as it was when the application was opened."""

    code: str
    title: str
    centre: Annotated[str, Field(description="Name of the centre.")]
    diploma: Annotated[str, Field(description="Name of the type of diploma.")]


class ContactView(View):
    """Whom to ask about the application."""

    name: str | None = None
    address: str | None = None
    email: str | None = None
    phone: str | None = None
    url: str | None = None


class PieceView(View):
    """One piece of the file."""

    code: str
    label: str
    state: PieceStateName
    state_label: str
    conditional: Annotated[bool, Field(description="It may be declared not applicable while it has no document.")]
    common: Annotated[bool, Field(description="The same document serves in several applications.")]
    optional: Annotated[bool, Field(description="It never blocks a submission.")]
    max_bytes: Annotated[int, Field(description="Largest size, inclusive.")]
    media_types: list[str]
    model_document: Annotated[str | None, Field(description="A form to download, fill in and deposit.")] = None
    document: DocumentView | None = None
    comment: Annotated[str | None, Field(description="What the reviewer says of it.")] = None
    registrar: HeldView | None = None
    reusable: Annotated[bool, Field(description="Already given in another application: it can be taken over.")] = False


class FormView(View):
    """One form of the programme, which is filled in elsewhere."""

    code: str
    label: str
    url: Annotated[str, Field(description="Where to fill it in, with the identifiers of this application.")]
    required: Annotated[bool, Field(description="It blocks a submission while it is not filled in.")]
    state: AnswerStateName
    state_label: str
    received_at: Annotated[Instant | None, Field(description="When its server told what is filled in.")] = None
    changed_at: ChangedAt = None
    gone_at: GoneAt = None


class FormAnswerView(View):
    """One answer in a form, with the question as it was asked."""

    question: str
    answer: str


class QuestionView(View):
    """One question of the programme, and what is answered to it."""

    code: str
    label: str
    kind: Annotated[Literal["text", "yes-no"], Field(description="Whether some lines answer it, or `yes` or `no`.")]
    required: Annotated[bool, Field(description="It blocks a submission while it is not answered.")]
    state: AnswerStateName
    state_label: str
    answer: str | None = None
    max_length: Annotated[int, Field(description="Characters of a text, inclusive.")] = LONGEST_ANSWER


class BlockView(View):
    """One thing that stands in the way of submitting, by name."""

    kind: Literal["piece", "form", "question", "deadline"]
    code: str
    label: str
    reason: Literal["awaiting", "refused", "deadline-passed"]


class MilestoneView(View):
    """A state that the file came into, and when."""

    at: Instant
    state: FileStateName
    label: str


class ApplicationView(View):
    """An application as its candidate sees it."""

    id: str
    programme: ProgrammeView
    route: Annotated[Literal["controlled", "direct"] | None, Field(description="Shown by parameter.")] = None
    campaign: str
    state: FileStateName
    state_label: str
    decision: Annotated[str | None, Field(description="The validated decision; null while there is none.")] = None
    decision_label: str
    decided: Annotated[DecisionView | None, Field(description="The same in full.")] = None
    answer: Literal["accept", "withdraw"] | None = None
    possible_answers: Annotated[
        tuple[Literal["accept", "withdraw"], ...],
        Field(description="What can be answered now to the place that is offered."),
    ] = ()
    letter: Annotated[
        LetterName | None, Field(description="Which letter can be had of documents, if there is one.")
    ] = None
    enrolment: Annotated[
        EnrolmentView | None, Field(description="Once the place is accepted, and enrolment has begun.")
    ] = None
    pre_enrolment: Annotated[
        PreEnrolmentView | None,
        Field(description="Since a place was accepted, where student records are connected."),
    ] = None
    opened_at: Instant
    opened_by: Annotated[
        Literal["candidate", "university"],
        Field(description="Who has opened it: the university may do so for its candidate."),
    ] = "candidate"
    submitted_at: Annotated[Instant | None, Field(description="When it was last submitted.")] = None
    submission_deadline: Annotated[Day, Field(description="Last day for depositing and submitting, inclusive.")]
    answer_deadline: Annotated[
        Day | None, Field(description="Last day for the answer; null while it depends on the decision.")
    ] = None
    contact: ContactView
    pieces: list[PieceView]
    information: Annotated[
        str | None,
        Field(description="What the programme tells its candidates, as it stands now."),
    ] = None
    questions: Annotated[list[QuestionView], Field(default_factory=list)]
    forms: Annotated[list[FormView], Field(default_factory=list)]
    can_submit: Annotated[bool, Field(description="Whether submitting now would hand the file over.")]
    blocking: Annotated[list[BlockView], Field(description="All that stands in the way of submitting.")]
    can_cancel: bool
    can_answer: bool = False
    live_rank: Annotated[
        int | None,
        Field(
            description="The place in the waiting list now, from 1: one behind those who wait at a better rank. "
            "1001 is that or more."
        ),
    ] = None
    rank_explained: Annotated[RankExplainedView | None, Field(description="Of who has a live rank.")] = None
    can_leave_waitlist: bool = False
    left_waitlist: Annotated[bool, Field(description="Whether the candidate has left the waiting list.")] = False
    history: list[MilestoneView]
    acts: Annotated[
        list[ActView],
        Field(
            default_factory=list, description="What the university has done in its candidate's place, the last of it."
        ),
    ]
    prolonged: Annotated[bool, Field(description="Whether an incident has moved a last day of it.")] = False
    version: int


class ApplicationList(View):
    """One page of a person's applications, the one opened last first."""

    items: list[ApplicationView]
    next: Annotated[str | None, Field(description="What to send as `after` for the page behind; null at the end.")] = (
        None
    )


class SubmissionView(View):
    """That the file was handed over, and the proof."""

    submitted_at: Instant
    receipt: Annotated[str, Field(description=f"Signed receipt (JWS, EdDSA, typ `{SUBMISSION_RECEIPT}`).")]


class SubmittedPiece(View):
    """One document that was submitted."""

    piece: str
    document: str
    filename: str
    media_type: str
    size: int
    sha256: Sha256


class ReceiptCheck(View):
    """That a receipt is genuine: what it proves, as the record has it. It names nobody but by the file number."""

    submitted_at: Instant
    file_number: Annotated[str, Field(description="Whose it is, as the paper says it.")]
    programme: ProgrammeView
    pieces: Annotated[int, Field(description="How many documents were submitted.")]
    held: Annotated[list[HeldView], Field(default_factory=list, description="What the registrar held instead.")]
    receipt_sha256: Annotated[Sha256, Field(description="Digest of the signed receipt.")]


class SubmissionRecord(SubmissionView):
    """What was submitted: documents, forms, answers and profile as they were, and the proof."""

    pieces: list[SubmittedPiece]
    held: Annotated[
        dict[str, HeldView],
        Field(
            default_factory=dict,
            description="What the registrar held and had not given here, by the code of the piece.",
        ),
    ]
    forms: Annotated[
        dict[str, list[FormAnswerView]],
        Field(
            default_factory=dict,
            description="What was filled in, by code; SHA-256 of its canonical JSON stands in the receipt.",
        ),
    ]
    answers: Annotated[
        dict[str, str],
        Field(
            default_factory=dict,
            description="What was answered, by code; SHA-256 of its canonical JSON (RFC 8785) stands in the receipt.",
        ),
    ]
    profile: Annotated[
        dict[str, dict[str, Any] | list[dict[str, Any]]],
        Field(
            description="The profile as it was, with a list where a step has rows; SHA-256 of its canonical JSON (RFC 8785) "
            "stands in the receipt."
        ),
    ]
