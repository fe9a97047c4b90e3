"""What blocks a submission, and submitting (product, section 4: Submit; acceptance 65-72)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.applications.domain.events import Change, Submitted
from services.applications.domain.hands import OWN, Hand
from services.applications.domain.held import handed_over
from services.applications.domain.in_place import noted
from services.applications.domain.model import Application, HeldLine, Moment, Submission, SubmissionRef
from services.applications.domain.receipts import receipt_digest
from services.applications.domain.states import FileAction, Label, PieceState, file_after
from services.contracts.actors import Acting
from services.contracts.refusals.applications import DEADLINE_PASSED, NOT_READY, NOT_SUBMITTED, WRONG_STATE

Profile = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """One thing in the way of submitting; a piece, form or question by its own name, the deadline without one."""

    kind: Literal["piece", "form", "question", "deadline"]
    code: str
    label: Label | None
    reason: Literal["awaiting", "refused", "deadline-passed"]


def blocking(application: Application, moment: Moment) -> tuple[Block, ...]:
    """All that stands in the way of submitting a file that is in the candidate's hands; else nothing."""
    if not application.is_editable:
        return ()
    blocks = []
    for piece in application.pieces:
        if piece.state is PieceState.AWAITING and not piece.requirement.optional:
            blocks.append(Block("piece", piece.requirement.code, piece.requirement.label, "awaiting"))
        elif piece.state is PieceState.REFUSED:
            blocks.append(Block("piece", piece.requirement.code, piece.requirement.label, "refused"))
    asked = moment.unanswered_block
    blocks += [
        Block("form", filled.form.code, filled.form.label, "awaiting")
        for filled in application.forms
        if asked and filled.delivery is None and filled.form.required
    ]
    blocks += [
        Block("question", answer.question.code, answer.question.label, "awaiting")
        for answer in application.answers
        if asked and answer.given is None and answer.question.required
    ]
    if moment.is_past(application.submission_deadline):
        blocks.append(Block("deadline", "submission_deadline", None, "deadline-passed"))
    return tuple(blocks)


def can_submit(application: Application, moment: Moment) -> bool:
    """Whether submitting now hands the file over: the button is green exactly then (acceptance 68)."""
    return application.is_editable and not blocking(application, moment)


def freeze(application: Application, profile: Profile, moment: Moment, hand: Hand = OWN) -> Submission | None:
    """What would be submitted now, its receipt not yet signed; None if the file is handed over already.

    Raises WRONG_STATE, also of a file that staff made complete, NOT_READY, or DEADLINE_PASSED; the last two with all that
    is `blocking`.
    """
    if file_after(application.state, FileAction.SUBMIT, hand.role) is application.state:
        if application.was_made_complete and not application.submissions:
            raise WRONG_STATE(state=application.state)
        return None
    if blocks := blocking(application, moment):
        late = blocks[-1].kind == "deadline"
        raise (
            DEADLINE_PASSED(deadline=application.submission_deadline, blocking=blocks)
            if late
            else NOT_READY(blocking=blocks)
        )
    return Submission(
        submitted_at=moment.instant,
        pieces={p.requirement.code: p.given for p in application.pieces if p.given is not None},
        profile=profile,
        receipt="",
        answers={a.question.code: a.given for a in application.answers if a.given is not None},
        forms={f.form.code: f.delivery.answers for f in application.forms if f.delivery is not None},
        in_place=hand.reason,
        held={
            p.requirement.code: HeldLine(p.held.label, p.held.on)
            for p in application.pieces
            if p.held is not None and p.held.document is None
        },
    )


def submit(application: Application, id: str, submission: Submission, by: Acting, hand: Hand = OWN) -> Change:
    """Hand the file over, by the submission of that id that was frozen from this very application, and signed."""
    after = file_after(application.state, FileAction.SUBMIT, hand.role)
    moved = application.moved_to(after, submission.submitted_at, by, reason=hand.reason)
    kept = SubmissionRef(id, submission.submitted_at, receipt_digest(submission.receipt))
    pieces = tuple(map(handed_over, application.pieces))
    done = replace(moved, pieces=pieces, submissions=(*application.submissions, kept)), (Submitted(submission),)
    return noted(done, hand, submission.submitted_at, by)


def last_submission(application: Application) -> SubmissionRef:
    """What was submitted last; raises NOT_SUBMITTED."""
    if not application.submissions:
        raise NOT_SUBMITTED()
    return application.submissions[-1]
