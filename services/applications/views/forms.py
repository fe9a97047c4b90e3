"""Forms and questions as they are shown."""

from __future__ import annotations

from urllib.parse import quote

from services.applications.domain.asked import FilledForm, Form, QuestionAnswer
from services.applications.domain.model import Application
from services.applications.views.wording import text_in, word
from services.chassis.events.aggregates import Versioned
from services.contracts.api import applications as api
from services.contracts.api.forms import FilledFormView, FormReceived
from services.contracts.instants import instant_text


def form_view(saved: Versioned[Application], filled: FilledForm, language: str) -> api.FormView:
    """A form of an application, with its address for this candidate."""
    asked = filled.form
    return api.FormView(
        code=asked.code,
        label=text_in(asked.label, language),
        url=_address(asked, saved.id, saved.state.file_number),
        required=asked.required,
        state=filled.state.value,
        state_label=word(filled.state, language),
        received_at=_received_at(filled),
        changed_at=_changed_at(filled),
        gone_at=_gone_at(filled),
    )


def filled_view(filled: FilledForm, language: str) -> FilledFormView:
    """What is filled in."""
    there = filled.delivery
    return FilledFormView(
        code=filled.form.code,
        label=text_in(filled.form.label, language),
        received_at=_received_at(filled),
        answers=[
            api.FormAnswerView(question=each.question, answer=each.answer) for each in (there.answers if there else ())
        ],
        changed_at=_changed_at(filled),
        changed=[
            api.FormAnswerView(question=each.question, answer=each.answer)
            for each in (filled.since.answers if filled.since is not None and filled.differs else ())
        ],
        gone_at=_gone_at(filled),
    )


def received(saved: Versioned[Application], form: str) -> FormReceived:
    """What its server is answered, once it is filled in."""
    filled = saved.state.form(form)
    latest = filled.latest
    return FormReceived(
        application=saved.id,
        form=form,
        state=filled.state.value,
        received_at=instant_text(latest.received_at) if latest is not None else "",
    )


def question_view(answer: QuestionAnswer, language: str) -> api.QuestionView:
    """A question of an application and its answer."""
    asked = answer.question
    return api.QuestionView(
        code=asked.code,
        label=text_in(asked.label, language),
        kind=asked.kind.value,
        required=asked.required,
        state=answer.state.value,
        state_label=word(answer.state, language),
        answer=answer.given,
    )


def _received_at(filled: FilledForm) -> str | None:
    return None if filled.delivery is None else instant_text(filled.delivery.received_at)


def _changed_at(filled: FilledForm) -> str | None:
    """When its server told of what was filled in since the submission, if that is something else."""
    return instant_text(filled.since.received_at) if filled.since is not None and filled.differs else None


def _gone_at(filled: FilledForm) -> str | None:
    return None if filled.gone_at is None else instant_text(filled.gone_at)


def _address(form: Form, id: str, file_number: str) -> str:
    """Where a candidate fills the form in: its address with the identifiers of the application of this id."""
    address = form.url.replace("{application}", quote(id, safe=""))
    return address.replace("{file_number}", quote(file_number, safe=""))
