"""What was submitted, with its proof: for its candidate, and for whoever holds a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.applications.domain.copies import Programme
from services.applications.domain.model import Application
from services.applications.domain.submission import last_submission
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.submissions import Submissions
from services.applications.views.wording import text_in
from services.chassis.context import Actor
from services.chassis.events.aggregates import Outcome
from services.contracts.api import applications as api
from services.contracts.api.held import HeldView
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND


@dataclass(frozen=True, slots=True)
class SubmissionViews:
    """The questions that are asked of submissions."""

    applications: ApplicationRepository
    submissions: Submissions

    async def submitted(self, actor: Actor, outcome: Outcome[Application]) -> api.SubmissionView:
        """The answer of a submission: the one that the command made, or that it found made."""
        submission = await self.submissions.of(actor, outcome.saved.state.submissions[outcome.answer])
        return api.SubmissionView(submitted_at=instant_text(submission.submitted_at), receipt=submission.receipt)

    async def record(self, actor: Actor, id: str) -> api.SubmissionRecord:
        """What was last submitted, with its proof; raises NOT_FOUND, NOT_SUBMITTED."""
        submission = await self.submissions.of(actor, last_submission(await self._own(actor, id)))
        return api.SubmissionRecord(
            submitted_at=instant_text(submission.submitted_at),
            receipt=submission.receipt,
            pieces=[
                api.SubmittedPiece(
                    piece=code,
                    document=document.id,
                    filename=document.filename,
                    media_type=document.media_type,
                    size=document.size,
                    sha256=document.sha256,
                )
                for code, document in submission.pieces.items()
            ],
            held={code: HeldView(label=line.label, on=line.on) for code, line in submission.held.items()},
            forms={
                code: [api.FormAnswerView(question=each.question, answer=each.answer) for each in answers]
                for code, answers in submission.forms.items()
            },
            answers=dict(submission.answers),
            profile=dict(submission.profile),
        )

    async def checked(self, code: str, language: str) -> api.ReceiptCheck:
        """What the receipt of this code proves; raises NOT_FOUND, also for what no application names any more.

        It is the record that says so: the digest of what is kept has just been compared with the one the application names.
        """
        id = await self.submissions.application_of(code) or code.partition(".")[0]
        saved = await self.applications.get(id)
        ref = next((ref for ref in saved.state.submissions if ref.id == code), None) if saved is not None else None
        if saved is None or ref is None:
            raise NOT_FOUND()
        submission = await self.submissions.of(Actor(saved.state.account), ref)
        return api.ReceiptCheck(
            submitted_at=instant_text(submission.submitted_at),
            file_number=saved.state.file_number,
            programme=programme_view(saved.state.programme, language),
            pieces=len(submission.pieces),
            held=[HeldView(label=line.label, on=line.on) for line in submission.held.values()],
            receipt_sha256=ref.receipt_sha256,
        )

    async def _own(self, actor: Actor, id: str) -> Application:
        saved = await self.applications.of(actor, id)
        if saved is None:
            raise NOT_FOUND()
        return saved.state


def programme_view(programme: Programme, language: str) -> api.ProgrammeView:
    """What is applied to, as it was when the application was opened."""
    return api.ProgrammeView(
        code=programme.code,
        title=text_in(programme.title, language),
        centre=_unit(programme.centre, language),
        diploma=_unit(programme.diploma, language),
    )


def _unit(unit: Mapping[str, str], language: str) -> str:
    return unit.get(f"label_{language}") or unit["label"]
