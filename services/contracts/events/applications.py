"""Events of applications: thin, ids and states and digests only. The key is the application, so its order holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.accounts import RowsPart, StepsPart
from services.contracts.events.catalogue import Audience, Event, Part
from services.contracts.events.letter_parts import LetterPart
from services.contracts.events.offers import TextPart, UnitPart

_PIECES = [[{"piece": "cv", "document": "01jd5w8q3v7m2c9k4t6x0b1n5r", "sha256": "9f86d081884c7d65" * 4}]]


class PiecePart(Part):
    """A piece and the document that was in it; `sha256` in hexadecimal."""

    piece: str
    document: str
    sha256: str


class ApplicationEvent(Event):
    """What every event of an application says beside its own facts."""

    application: str
    account: str
    programme: str
    campaign: str


class ApplicationOpened(ApplicationEvent, type="applications.application.opened.v1", key="application"):
    """A draft was opened. `submission_deadline` is a calendar day of the institution's zone.

    `by`: its candidate opened it, or `staff` did for them, which the envelope's `onbehalfof` says too.
    """

    submission_deadline: str
    by: Literal["candidate", "staff"] = "candidate"


class OpenedComplete(
    ApplicationEvent, type="applications.application.opened_complete.v1", key="application", audience=Audience.INTERNAL
):
    """Staff opened a file for somebody (`onbehalfof`) to offer a place, which counts for nothing before it is validated."""


class OfferTakenBack(
    ApplicationEvent, type="applications.application.offer_taken_back.v1", key="application", audience=Audience.INTERNAL
):
    """Staff gave such a file up, of which nobody had been told."""


class PieceDeposited(ApplicationEvent, type="applications.application.piece_deposited.v1", key="application"):
    """A document was attached to a piece."""

    piece: str
    document: str
    sha256: str


class PieceRemoved(ApplicationEvent, type="applications.application.piece_removed.v1", key="application"):
    """A document was taken out of a piece."""

    piece: str
    document: str


class PieceMarked(ApplicationEvent, type="applications.application.piece_marked.v1", key="application"):
    """A conditional piece was declared not applicable, or applicable again."""

    piece: str
    not_applicable: bool


class QuestionAnswered(ApplicationEvent, type="applications.application.question_answered.v1", key="application"):
    """A question was answered, or its answer taken back; what the answer is, no public event says."""

    question: str
    answered: bool


class FormFilledIn(ApplicationEvent, type="applications.application.form_filled_in.v1", key="application"):
    """The server of a form has told that it is filled in; with what, no public event says."""

    form: str


class DeadlineExtended(ApplicationEvent, type="applications.application.deadline_extended.v1", key="application"):
    """The last day for submission is now a later one, a calendar day: `because` its programme's was moved, or staff gave
    this application one of its own. `incident`: one moved it.
    """

    submission_deadline: str
    because: Literal["programme", "staff"] = "programme"
    incident: bool | None = None


class SubmissionDue(ApplicationEvent, type="applications.application.submission_due.v1", key="application"):
    """The last day of a draft is near; `awaited` are the codes of the pieces that are still to be given, `awaited_forms`
    those of the required forms that are still to be filled in.
    """

    submission_deadline: str
    awaited: Annotated[list[str], Field(examples=[["cv"]])]
    awaited_forms: Annotated[list[str], Field(default_factory=list, examples=[["plans"]])]


class ApplicationSubmitted(ApplicationEvent, type="applications.application.submitted.v1", key="application"):
    """The candidate submitted: the file is frozen. `submitted_at` is the arrival of the request that counts."""

    submitted_at: str
    receipt_sha256: str
    pieces: Annotated[list[PiecePart], Field(examples=_PIECES)]


class ApplicationCancelled(ApplicationEvent, type="applications.application.cancelled.v1", key="application"):
    """The candidate cancelled a draft."""


class PieceJudged(ApplicationEvent, type="applications.application.piece_judged.v1", key="application"):
    """Staff gave a verdict on a piece; `none`: they took it back, or left a comment alone."""

    piece: str
    verdict: Literal["validated", "refused", "none"]


class PiecesJudged(ApplicationEvent, type="applications.application.pieces_judged.v1", key="application"):
    """The candidate is told in one what staff have said of pieces, while the file stays in its state: codes of those that
    were `validated`, `refused`, or `remarked` on alone, since the candidate was told last.
    """

    validated: Annotated[list[str], Field(examples=[["cv"]])]
    refused: Annotated[list[str], Field(examples=[["letter"]])]
    remarked: Annotated[list[str], Field(examples=[[]])]


class MarkedSubmitted(ApplicationEvent, type="applications.application.marked_submitted.v1", key="application"):
    """The file counts as handed over `again`, by what was submitted last, or, if nothing was, for the `first` time."""

    because: Literal["staff", "day"]
    receipt: Literal["first", "again"] = "again"


class MarkedIncomplete(ApplicationEvent, type="applications.application.marked_incomplete.v1", key="application"):
    """Staff gave the file back to be completed, until the end of a day; `refused` are the codes of the refused pieces."""

    submission_deadline: str
    refused: Annotated[list[str], Field(examples=[["cv"]])]


class MarkedComplete(ApplicationEvent, type="applications.application.marked_complete.v1", key="application"):
    """Staff found that nothing lacks in the file."""


class ApplicationReopened(ApplicationEvent, type="applications.application.reopened.v1", key="application"):
    """Staff gave back a file that was submitted by mistake, until the end of a day."""

    submission_deadline: str


class ApplicationDecided(ApplicationEvent, type="applications.application.decided.v1", key="application"):
    """A decision was validated: from now on it counts, in the place of one before. One that is only entered is never told.

    A favourable one offers a place until the end of `answer_deadline`, if there is such a day. Who is shortlisted is
    expected at a `place`, on a `day`, at a `time` (`HH:MM`) of the institution's zone. `because`: staff have entered it, or
    by `rank` a place that has become free is offered to who waited for it. `reason` is what the institution calls the one
    of its list that was given; what somebody has written is not told, nor under which conditions a `conditional` one is.
    """

    decision: Literal["favourable", "unfavourable", "ranked_waitlist", "waitlist", "shortlisted"]
    type: str | None = None
    label: TextPart | None = None
    appeal: TextPart | None = None
    answer_deadline: str | None = None
    place: str | None = None
    day: str | None = None
    time: str | None = None
    because: Literal["staff", "rank"] = "staff"
    reason: TextPart | None = None
    conditional: bool = False


class ApplicationLeftWaitlist(ApplicationEvent, type="applications.application.left_waitlist.v1", key="application"):
    """The candidate waits for a place no more, and will not be offered one by rank."""


class PlaceFreed(ApplicationEvent, type="applications.place.freed.v1", key="application", audience=Audience.INTERNAL):
    """The place of an application, of a `group` if any, is for others; staff `put_back` who had it on the ranked list."""

    put_back: bool = False
    group: str | None = None


class ApplicationAccepted(ApplicationEvent, type="applications.application.accepted.v1", key="application"):
    """The candidate takes the place that was offered."""


class ApplicationWithdrawn(ApplicationEvent, type="applications.application.withdrawn.v1", key="application"):
    """The candidate gives the place up, or has let its last day pass; it cannot be taken again."""

    because: Literal["candidate", "day"]


class AnswerDue(ApplicationEvent, type="applications.application.answer_due.v1", key="application"):
    """The last day for an answer to the place that is offered, a calendar day, is near, or later by an `incident`."""

    answer_deadline: str
    incident: bool | None = None


class EnrolmentInstructed(ApplicationEvent, type="applications.application.enrolment_instructed.v1", key="application"):
    """Who has accepted a place is told how to enrol: where, and what one must know. Once for each acceptance."""

    link: Annotated[TextPart, Field(examples=[{"fr": "https://inscription.universite.example"}])]
    message: Annotated[TextPart | None, Field(examples=[{"fr": "Munissez-vous de votre lettre d’admission."}])] = None


class PreEnrolmentEvent(ApplicationEvent):
    """What every event of a pre-enrolment says: for which application it is, each of which has one at most."""

    pre_enrolment: str


class PreEnrolmentRequested(PreEnrolmentEvent, type="applications.pre_enrolment.requested.v1", key="pre_enrolment"):
    """Who has accepted a place is to be handed over to the student records; again where staff have it tried anew."""


class PreEnrolmentCompleted(PreEnrolmentEvent, type="applications.pre_enrolment.completed.v1", key="pre_enrolment"):
    """The student records have taken who was handed over."""


class PreEnrolmentRefused(PreEnrolmentEvent, type="applications.pre_enrolment.refused.v1", key="pre_enrolment"):
    """The student records have not done what was asked last, to take somebody or to let go of them; staff see why."""


class PreEnrolmentCancelled(PreEnrolmentEvent, type="applications.pre_enrolment.cancelled.v1", key="pre_enrolment"):
    """Their place is not theirs any more, by their answer or another decision: student records let go of them."""


class ApplicationsErased(Event, type="applications.account.erased.v1", key="account"):
    """The answer to `accounts.account.erased.v1`: the copy of the profile, applications and submissions are gone here."""

    account: str


class ProfilePart(StepsPart, RowsPart):
    """The whole profile as it was at one moment; a step that was not given is absent."""


class GivenPart(Part):
    """A document as its piece holds it; `size` in bytes."""

    id: str
    filename: str
    media_type: str
    size: int


class HeldPart(Part):
    """What the registrar holds; calendar days, the last on which it counts; `file` as in `HeldDocumentPart`."""

    label: str
    on: str | None = None
    expires_on: str | None = None
    file: str | None = None


class SlotPart(Part):
    """A piece that is asked for, and what stands in it; `comment` is the reviewer's, for the candidate.

    Where the registrar holds it (`held`), the document is the registrar's, if it is here.
    """

    code: str
    label: Annotated[TextPart, Field(examples=[{"fr": "Lettre de motivation", "en": "Cover letter"}])]
    state: str
    document: GivenPart | None = None
    comment: str | None = None
    held: HeldPart | None = None


class QuestionPart(Part):
    """A question of the programme, and what was given: a text, or `yes` or `no`; absent while nothing is."""

    code: str
    label: Annotated[TextPart, Field(examples=[{"fr": "Pourquoi ?", "en": "Why?"}])]
    kind: str
    answer: str | None = None


class FormPart(Part):
    """A form that is filled in elsewhere."""

    code: str
    label: Annotated[TextPart, Field(examples=[{"fr": "Projet", "en": "Project"}])]


class FormAnswerPart(Part):
    """One answer in a form, as its server tells it."""

    question: str
    answer: str


class FilledFormPart(FormPart):
    """A form and what is filled in; without `received_at` nothing is."""

    received_at: str | None = None
    answers: Annotated[list[FormAnswerPart], Field(examples=[[]])]


class SubmittedPart(Part):
    """What was submitted, under the id by which its receipt is looked up; `pieces` held a document, or are `held`.

    `questions` are those that were answered, `forms` those that were filled in.
    """

    id: str
    submitted_at: str
    receipt_sha256: str
    pieces: Annotated[list[SlotPart], Field(examples=[[]])]
    profile: ProfilePart
    questions: Annotated[list[QuestionPart], Field(default_factory=list, examples=[[]])]
    forms: Annotated[list[FormPart], Field(default_factory=list, examples=[[]])]


class FileChanged(ApplicationEvent, type="applications.file.changed.v1", key="application", audience=Audience.INTERNAL):
    """How a file stands: all that documents puts on covers and receipts, beside what it copies of the profile.

    `submission` is what was submitted last; absent where this change submits nothing, which takes nothing back. `letter` is
    absent where there is none any more. Of one that is `concealed` its person learns nothing.
    """

    file_number: str
    title: Annotated[TextPart, Field(examples=[{"fr": "Sciences de la mer", "en": "Marine science"}])]
    centre: UnitPart
    diploma: UnitPart
    state: str
    opened_at: str
    submission_deadline: str
    pieces: Annotated[list[SlotPart], Field(examples=[[]])]
    questions: Annotated[list[QuestionPart], Field(default_factory=list, examples=[[]])]
    forms: Annotated[list[FilledFormPart], Field(default_factory=list, examples=[[]])]
    submission: SubmittedPart | None = None
    letter: LetterPart | None = None
    concealed: bool = False
