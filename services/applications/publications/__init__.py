"""What applications tells others: its facts as events of the contract, and what its receipts say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, assert_never

from services.applications.domain import events, form_events, held_events
from services.applications.domain.asked import FilledForm, QuestionAnswer
from services.applications.domain.concealing import is_concealed
from services.applications.domain.mail_lost import MailLost, MailSentAgain, ToldAnew
from services.applications.domain.model import Application, HeldLine, Submission
from services.applications.domain.pre_enrolment import PreEnrolment, key_of
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.domain.receipts import digest_of, receipt_digest
from services.applications.domain.reminded import Reminded
from services.applications.domain.sheets import Sheet, SheetEvent
from services.applications.domain.states import PieceState
from services.applications.domain.waiting import is_ranked
from services.applications.publications.decided import conditions_set, letter_of, of_conditions, of_decision
from services.applications.publications.reminding import of_reminder
from services.applications.publications.slots import held_slot, slot, standing_slot
from services.contracts.events import applications as published
from services.contracts.events import conditions
from services.contracts.events.catalogue import Event
from services.contracts.events.enrolment_codes import EnrolmentCodeChanged
from services.contracts.events.forms import FormChanged
from services.contracts.events.held import PieceHeld
from services.contracts.events.in_place import ActsTold
from services.contracts.events.offers import TextPart, UnitPart
from services.contracts.events.reminders import ApplicationReminded
from services.contracts.instants import instant_text

MAILED: Final[frozenset[str]] = frozenset(
    each.TYPE
    for each in (
        ActsTold,
        published.AnswerDue,
        published.ApplicationAccepted,
        published.ApplicationCancelled,
        published.ApplicationDecided,
        published.ApplicationOpened,
        published.ApplicationReopened,
        published.ApplicationSubmitted,
        published.DeadlineExtended,
        published.EnrolmentInstructed,
        published.MarkedComplete,
        published.MarkedIncomplete,
        published.MarkedSubmitted,
        published.PiecesJudged,
        published.SubmissionDue,
        published.ApplicationWithdrawn,
        published.ApplicationLeftWaitlist,
        conditions.ConditionsSet,
        conditions.ConditionsTold,
        conditions.ConditionsDue,
        EnrolmentCodeChanged,
        ApplicationReminded,
    )
)
"""The types of events that a mail to the candidate answers to."""


def application_events(id: str, application: Application, domain_event: events.DomainEvent) -> Sequence[Event]:
    """The events that say a fact of an application, which is as it is after it: the fact, and how the file stands now."""
    common = {
        "application": id,
        "account": application.account,
        "programme": application.programme.code,
        "campaign": application.campaign,
    }
    if isinstance(domain_event, events.ToldAgain):
        return [_standing(common, application, domain_event.submission)]
    if isinstance(domain_event, events.PassedOver | ToldAnew):
        return []  # it stands in the trail, and concerns nobody else
    if isinstance(domain_event, MailLost | MailSentAgain):
        return [_standing(common, application, None)]  # lists of staff bear the mark
    if isinstance(domain_event, events.ConditionMarked | events.ConditionsTold | events.ConditionsDue):
        return [of_conditions(common, domain_event), _standing(common, application, None)]
    submission = domain_event.submission if isinstance(domain_event, events.Submitted) else None
    freed = _freed(common, application, domain_event)
    beside = conditions_set(common, domain_event) if isinstance(domain_event, events.Decided) else []
    return [_event(common, application, domain_event), *beside, *freed, _standing(common, application, submission)]


def _freed(common: Mapping[str, Any], application: Application, domain_event: events.Fact) -> Sequence[Event]:
    match domain_event:
        case events.Withdrawn():
            group = None if application.place is None else application.place.group
            return [published.PlaceFreed(**common, group=group)]
        case events.Decided(frees=True, had=group):
            return [published.PlaceFreed(**common, put_back=is_ranked(application), group=group)]
        case _:
            return []


def sheet_events(id: str, sheet: Sheet, domain_event: SheetEvent) -> Sequence[Event]:
    """What staff keep for themselves is told to nobody."""
    return []


def pre_enrolment_events(id: str, record: PreEnrolment, domain_event: events.PreEnrolmentEvent) -> Sequence[Event]:
    """The event that says a fact of the pre-enrolment of an application; its code names somebody, and is told to nobody."""
    said = {
        "pre_enrolment": key_of(id),
        "application": id,
        "account": record.account,
        "programme": record.programme,
        "campaign": record.campaign,
    }
    match domain_event:
        case events.EnrolmentCodeSet(code, told):
            return [EnrolmentCodeChanged(**said, code=code)] if told else []
        case events.PreEnrolmentCompleted():
            return [published.PreEnrolmentCompleted(**said)]
        case events.PreEnrolmentRefused():
            return [published.PreEnrolmentRefused(**said)]
        case events.PreEnrolmentCancelled():
            return [published.PreEnrolmentCancelled(**said)]
        case events.PreEnrolmentRetried() if record.state is PreEnrolmentState.CANCELLED:
            return [published.PreEnrolmentCancelled(**said)]
        case _:
            return [published.PreEnrolmentRequested(**said)]


def _event(  # noqa: PLR0911 - one for each fact
    common: Mapping[str, str], application: Application, domain_event: events.Fact
) -> published.ApplicationEvent:
    match domain_event:
        case events.Opened() | events.OpenedComplete() | events.OfferTakenBack():
            return _of_opening(common, application, domain_event)
        case events.Deposited(piece, document, sha256):
            return published.PieceDeposited(**common, piece=piece, document=document, sha256=sha256)
        case events.Removed(piece, document):
            return published.PieceRemoved(**common, piece=piece, document=document)
        case events.Marked() | held_events.PieceHeld():
            return _of_piece(common, domain_event)
        case events.Answered() | events.FilledIn() | form_events.FormChanged():
            return _of_answers(common, domain_event)
        case events.DeadlineExtended(day, because, outage):
            said = {"submission_deadline": day.isoformat(), "because": because, "incident": outage or None}
            return published.DeadlineExtended.model_validate({**common, **said})
        case events.SubmissionDue() | Reminded():
            return of_reminder(common, domain_event)
        case events.Submitted(submission):
            return published.ApplicationSubmitted(
                **common,
                submitted_at=instant_text(submission.submitted_at),
                receipt_sha256=receipt_digest(submission.receipt),
                pieces=[
                    published.PiecePart(piece=code, document=document.id, sha256=document.sha256)
                    for code, document in submission.pieces.items()
                ],
            )
        case events.Cancelled():
            return published.ApplicationCancelled(**common)
        case (
            events.Decided()
            | events.Accepted()
            | events.Withdrawn()
            | events.AnswerDue()
            | events.EnrolmentInstructed()
            | events.LeftWaitlist()
        ):
            return of_decision(common, domain_event)
        case _:
            return _of_examination(common, domain_event)


def _of_answers(
    common: Mapping[str, str], domain_event: events.Answered | events.FilledIn | form_events.FormChanged
) -> published.ApplicationEvent:
    match domain_event:
        case events.Answered(question, answered):
            return published.QuestionAnswered(**common, question=question, answered=answered)
        case events.FilledIn(form):
            return published.FormFilledIn(**common, form=form)
        case form_events.FormChanged(form, what):
            return FormChanged(**common, form=form, what=what)


def _of_piece(
    common: Mapping[str, str], domain_event: events.Marked | held_events.PieceHeld
) -> published.ApplicationEvent:
    if isinstance(domain_event, held_events.PieceHeld):
        return PieceHeld(**{**common, **asdict(domain_event)})
    return published.PieceMarked(**common, piece=domain_event.piece, not_applicable=domain_event.not_applicable)


def _of_opening(
    common: Mapping[str, str], application: Application, domain_event: events.Opened | events.Offer
) -> published.ApplicationEvent:
    if isinstance(domain_event, events.Offer):
        of = published.OpenedComplete if isinstance(domain_event, events.OpenedComplete) else published.OfferTakenBack
        return of(**common)
    day = application.submission_deadline.isoformat()
    return published.ApplicationOpened(**common, submission_deadline=day, by=domain_event.by)


def _of_examination(  # noqa: PLR0911 - one for each fact
    common: Mapping[str, str], domain_event: events.Examined
) -> published.ApplicationEvent:
    match domain_event:
        case events.Judged(piece, verdict):
            return published.PieceJudged(**common, piece=piece, verdict=verdict)
        case events.VerdictsGathered(validated, refused, remarked):
            return published.PiecesJudged(
                **common, validated=list(validated), refused=list(refused), remarked=list(remarked)
            )
        case events.ActsTold():
            return ActsTold(
                **common,
                deposited=list(domain_event.deposited),
                removed=list(domain_event.removed),
                not_applicable=list(domain_event.not_applicable),
                applicable=list(domain_event.applicable),
                answered=domain_event.answered,
                submitted=domain_event.submitted,
            )
        case events.MarkedSubmitted(because, receipt):
            return published.MarkedSubmitted(**common, because=because, receipt=receipt)
        case events.MarkedIncomplete(day, refused):
            return published.MarkedIncomplete(**common, submission_deadline=day.isoformat(), refused=list(refused))
        case events.MarkedComplete():
            return published.MarkedComplete(**common)
        case events.Reopened(day):
            return published.ApplicationReopened(**common, submission_deadline=day.isoformat())
        case _:
            assert_never(domain_event)


def _standing(
    common: Mapping[str, str], application: Application, submission: Submission | None
) -> published.FileChanged:
    programme = application.programme
    return published.FileChanged(
        **common,
        file_number=application.file_number,
        title=TextPart.model_validate(programme.title),
        centre=UnitPart.model_validate(programme.centre),
        diploma=UnitPart.model_validate(programme.diploma),
        state=application.state.value,
        opened_at=instant_text(application.opened_at),
        submission_deadline=application.submission_deadline.isoformat(),
        pieces=[standing_slot(piece) for piece in application.pieces],
        questions=[_question(answer, answer.given) for answer in application.answers],
        forms=[_form(filled) for filled in application.forms],
        submission=None if submission is None else _submitted(application, submission),
        letter=letter_of(application),
        concealed=is_concealed(application),
    )


def _submitted(application: Application, submission: Submission) -> published.SubmittedPart:
    ref, labels = application.submissions[-1], {piece.requirement.code: piece for piece in application.pieces}
    return published.SubmittedPart(
        id=ref.id,
        submitted_at=instant_text(ref.submitted_at),
        receipt_sha256=ref.receipt_sha256,
        pieces=[
            slot(labels[code], PieceState.DEPOSITED.value, document)
            for code, document in submission.pieces.items()
            if code in labels
        ]
        + [held_slot(labels[code], line) for code, line in submission.held.items() if code in labels],
        profile=published.ProfilePart.model_validate(submission.profile),
        questions=[
            _question(answer, submission.answers[answer.question.code])
            for answer in application.answers
            if answer.question.code in submission.answers
        ],
        forms=[
            published.FormPart(code=filled.form.code, label=TextPart.model_validate(filled.form.label))
            for filled in application.forms
            if filled.form.code in submission.forms
        ],
    )


def _question(answer: QuestionAnswer, given: str | None) -> published.QuestionPart:
    asked = answer.question
    label = TextPart.model_validate(asked.label)
    return published.QuestionPart(code=asked.code, label=label, kind=asked.kind.value, answer=given)


def _form(filled: FilledForm) -> published.FilledFormPart:
    there = filled.delivery
    return published.FilledFormPart(
        code=filled.form.code,
        label=TextPart.model_validate(filled.form.label),
        received_at=None if there is None else instant_text(there.received_at),
        answers=[
            published.FormAnswerPart(question=each.question, answer=each.answer)
            for each in (() if there is None else there.answers)
        ],
    )


def without_person(event: Event) -> Event:
    """What an event of an application says when the person is forgotten: that there was one."""
    match event:
        case published.FileChanged():
            lists: dict[str, Any] = {"pieces": [], "questions": [], "forms": []}
            return event.model_copy(update=lists | {"file_number": "", "submission": None, "letter": None})
        case EnrolmentCodeChanged():
            return event.model_copy(update={"code": ""})
        case conditions.ConditionsSet() | conditions.ConditionsDue():
            return event.model_copy(update={"conditions": []})
        case conditions.ConditionsTold():
            return event.model_copy(update={"met": [], "not_met": [], "again": [], "left": []})
        case _:
            return event


def receipt_claims(id: str, application: Application, submission: Submission) -> dict[str, Any]:
    """The claims that are signed; profile, answers and forms are there by digests alone: receipts are shown around."""
    answers = {"answers_sha256": digest_of(submission.answers)} if submission.answers else {}
    forms = {"forms_sha256": digest_of(_filled_in(submission))} if submission.forms else {}
    return {
        "application": id,
        "account": application.account,
        "file_number": application.file_number,
        "programme": {"code": application.programme.code, "title": dict(application.programme.title)},
        "campaign": application.campaign,
        "pieces": [
            {"piece": code, "document": document.id, "sha256": document.sha256, "size": document.size}
            for code, document in submission.pieces.items()
        ],
        "profile_sha256": digest_of(submission.profile),
        **answers,
        **forms,
        "submitted_at": instant_text(submission.submitted_at),
        **({"held": [_held_claim(*each) for each in submission.held.items()]} if submission.held else {}),
        **({"submitted_by": "university", "reason": submission.in_place} if submission.in_place else {}),
    }


def _held_claim(code: str, line: HeldLine) -> dict[str, str]:
    return {"piece": code, "label": line.label} | ({} if line.on is None else {"of_day": line.on.isoformat()})


def _filled_in(submission: Submission) -> dict[str, list[dict[str, str]]]:
    """The forms as JSON, the same as the API shows them."""
    return {
        code: [{"question": each.question, "answer": each.answer} for each in answers]
        for code, answers in submission.forms.items()
    }
