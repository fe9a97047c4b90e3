"""Forms over HTTP: what their servers tell, and what is shown of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from services.contracts.api.applications import AnswerStateName, FormAnswerView
from services.contracts.api.basics import Body, Code, Instant, View
from services.contracts.api.form_changes import ChangedAt, GoneAt
from services.contracts.api.texts import LINES, tidied, without_unreadable

MAX_ANSWERS: Final = 100
QUESTION_LENGTH: Final = 500
ANSWER_LENGTH: Final = 4000


def _of_this_age(instant: datetime) -> datetime:
    if instant.year < 2000:
        raise ValueError("no form was filled in then")
    return instant


class FormAnswer(Body):
    """One answer in a form; what cannot be read of it becomes blanks."""

    question: Annotated[
        str,
        Field(
            max_length=QUESTION_LENGTH,
            pattern=LINES,
            description="The question as it was asked.",
            examples=["Pourquoi ?"],
        ),
        tidied(QUESTION_LENGTH),
        BeforeValidator(without_unreadable),
    ]
    answer: Annotated[
        str,
        Field(max_length=ANSWER_LENGTH, pattern=LINES, examples=["En mer."]),
        tidied(ANSWER_LENGTH),
        BeforeValidator(without_unreadable),
    ]


class FormCallback(Body):
    """What a candidate has filled in. The headers `webhook-id`, `webhook-timestamp` and `webhook-signature` prove it."""

    application: Annotated[
        str, Field(pattern="^[0-9a-z]{26}$", description="What stood for `{application}` in the form's address.")
    ]
    form: Annotated[Code, Field(description="Code of the form in the catalogue.")]
    filled_in_at: Annotated[
        AwareDatetime,
        AfterValidator(_of_this_age),
        Field(
            description="When the candidate sent the form off: what was filled in last counts, whenever it is told.",
            examples=["2027-02-01T10:59:58.250Z"],
        ),
    ]
    answers: Annotated[list[FormAnswer], Field(max_length=MAX_ANSWERS)]


class FilledFormView(View):
    """What is filled in; without answers while nothing is."""

    code: str
    label: str
    received_at: Instant | None = None
    answers: list[FormAnswerView]
    changed_at: ChangedAt = None
    changed: Annotated[
        list[FormAnswerView], Field(default_factory=list, description="What was filled in after the submission.")
    ]
    gone_at: GoneAt = None


class FormReceived(View):
    """That a form counts as filled in; the same for the same message."""

    application: str
    form: str
    state: AnswerStateName
    received_at: Instant
