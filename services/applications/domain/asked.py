"""What a programme asks of its candidates beside documents, and what they have answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.applications.domain.states import CANDIDATE, EDITABLE, FILLING, FileState, Label, Party
from services.contracts.refusals.applications import ACTION_FORBIDDEN, FILE_FROZEN


class QuestionKind(StrEnum):
    """How a question is answered: by some lines, or by yes or no."""

    TEXT = "text"
    YES_NO = "yes-no"


class AnswerState(StrEnum):
    """Whether a question is answered, or a form filled in."""

    AWAITING = "awaiting"
    ANSWERED = "answered"


class AnswerAction(StrEnum):
    """What can be done to the answer to a question, or to a form."""

    ANSWER = "answer"
    TAKE_BACK = "take_back"
    FILL_IN = "fill_in"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """`role` may do `action` to an answer in state `before` while its file is in one of `within`."""

    action: AnswerAction
    role: Party
    within: tuple[FileState, ...]
    before: AnswerState
    after: AnswerState


ANSWER_TABLE: Final = tuple(
    AnswerRow(action, role, EDITABLE, before, after)
    for action, roles, after in (
        (AnswerAction.ANSWER, FILLING, AnswerState.ANSWERED),
        (AnswerAction.TAKE_BACK, FILLING, AnswerState.AWAITING),
        (AnswerAction.FILL_IN, (CANDIDATE,), AnswerState.ANSWERED),
    )
    for role in roles
    for before in AnswerState
)
_ANSWER: Final = {(row.action, row.role, file, row.before): row.after for row in ANSWER_TABLE for file in row.within}
_ANSWER_ROLES: Final = frozenset((row.action, row.role) for row in ANSWER_TABLE)


def answer_after(file: FileState, state: AnswerState, action: AnswerAction, role: Party) -> AnswerState:
    """The state of an answer after an action; raises ACTION_FORBIDDEN, FILE_FROZEN."""
    after = _ANSWER.get((action, role, file, state))
    if after is not None:
        return after
    if (action, role) not in _ANSWER_ROLES:
        raise ACTION_FORBIDDEN()
    raise FILE_FROZEN(state=file)


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is answered in the application; one that is not `required` blocks no submission."""

    code: str
    label: Label
    kind: QuestionKind
    required: bool


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """A question and what was `given`: a text, or `yes` or `no`; None while nothing is."""

    question: Question
    given: str | None = None

    @property
    def state(self) -> AnswerState:
        """Whether it is there."""
        return AnswerState.AWAITING if self.given is None else AnswerState.ANSWERED


MOST_KNOWN: Final = 20
"""Messages of one form by which one that is sent again, perhaps after others, is known."""


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire elsewhere; in its `url`, `{application}` and `{file_number}` stand for the candidate's."""

    code: str
    label: Label
    url: str
    required: bool


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """One answer in a form, as its server tells it, with the text of its question."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the server of a form has told: the message's id, when the form was filled in, and when this came."""

    id: str
    filled_in_at: datetime
    received_at: datetime
    answers: tuple[FormAnswer, ...]


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form and what is filled in; None while nothing is. `known` are the last messages' ids, up to `MOST_KNOWN`."""

    form: Form
    delivery: Delivery | None = None
    known: tuple[str, ...] = ()

    @property
    def state(self) -> AnswerState:
        """Whether it is filled in."""
        return AnswerState.AWAITING if self.delivery is None else AnswerState.ANSWERED

    def counts(self, delivery: Delivery) -> bool:
        """Whether this message says something new: it did not come before, and what it tells of is later than what counts.

        When it was sent says nothing: one that is tried again after another is sent later, and tells of what was before.
        """
        there = self.delivery
        return there is None or (delivery.id not in self.known and delivery.filled_in_at > there.filled_in_at)

    def filled_in(self, delivery: Delivery) -> FilledForm:
        """The form as this message says."""
        return FilledForm(self.form, delivery, (*self.known, delivery.id)[-MOST_KNOWN:])

    def put_back(self, answers: tuple[FormAnswer, ...] | None, submitted_at: datetime) -> FilledForm:
        """The form with the answers that were submitted, or without any; messages that came since stay known."""
        there = self.delivery
        if there is None or there.answers == answers:
            return self
        if answers is None:
            return FilledForm(self.form)
        received_at = min(there.received_at, submitted_at)
        return replace(self, delivery=replace(there, received_at=received_at, answers=answers))
