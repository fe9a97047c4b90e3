"""What a programme asks of its candidates beside documents, and what they have answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
    CHANGE_FORM = "change_form"


HANDED_OVER: Final = (FileState.SUBMITTED, FileState.COMPLETE)
"""What is filled in then is kept beside what was submitted."""


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
) + tuple(AnswerRow(AnswerAction.CHANGE_FORM, CANDIDATE, HANDED_OVER, before, before) for before in AnswerState)
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


SAME_RESPONSE: Final = timedelta(minutes=10)
"""By so much at most a server dates a response later than its own message of it."""
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
    """What the server of a form has told: the message's id, when the form was filled in, and when this came.

    `read`: it was read there, under the id of the response, and may be read again: changed under the same id, or deleted.
    """

    id: str
    filled_in_at: datetime
    received_at: datetime
    answers: tuple[FormAnswer, ...]
    read: bool = False


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form and what is filled in; None while nothing is. `known` are the last messages' ids, up to `MOST_KNOWN`.

    `since` is what was filled in after the submission, which keeps what it was made of; `gone_at` is when its server was
    found to have the newest of them no more.
    """

    form: Form
    delivery: Delivery | None = None
    known: tuple[str, ...] = ()
    since: Delivery | None = None
    gone_at: datetime | None = None

    @property
    def latest(self) -> Delivery | None:
        """What was filled in last, whether it was submitted or not."""
        return self.since or self.delivery

    @property
    def differs(self) -> bool:
        """Whether what was filled in last is something else than what was submitted."""
        return self.since is not None and (self.delivery is None or self.since.answers != self.delivery.answers)

    @property
    def state(self) -> AnswerState:
        """Whether it is filled in."""
        return AnswerState.AWAITING if self.delivery is None else AnswerState.ANSWERED

    def counts(self, delivery: Delivery) -> bool:
        """Whether this message says something new: it did not come before, and what it tells of is later than what counts.

        When it was sent says nothing: one that is tried again after another is sent later, and tells of what was before.
        A response that is read says something new where its answers are others, whatever it says of when; another one than
        that which counts by when it was filled in, or, where its server does not say that, once, if it was begun later or
        that which counts is there no more: else those that are not known any more would count in turn, night after night.
        """
        there = self.latest
        if there is None:
            return True
        if delivery.read and delivery.id == there.id:
            return self.gone_at is not None or delivery.answers != there.answers
        is_later = delivery.filled_in_at > there.filled_in_at
        if delivery.read and not there.read and self._is_told(delivery, there):
            return False
        if delivery.read and delivery.filled_in_at != delivery.received_at:
            return is_later
        if delivery.read and there.read and self.gone_at is None:
            is_later = _place(delivery) > _place(there)
        return is_later and delivery.id not in self.known

    @staticmethod
    def _is_told(read: Delivery, told: Delivery) -> bool:
        """Whether what is read was told by a message before: its server dates the two some moments apart, and words
        questions and the order of answers otherwise.
        """
        answers = [sorted(each.answer for each in delivery.answers) for delivery in (read, told)]
        return answers[0] == answers[1] and read.filled_in_at - told.filled_in_at <= SAME_RESPONSE

    def says_otherwise(self, delivery: Delivery) -> bool:
        """Whether its answers are others than those that were filled in last."""
        return self.latest is None or self.latest.answers != delivery.answers

    def filled_in(self, delivery: Delivery) -> FilledForm:
        """The form as this message says."""
        return FilledForm(self.form, delivery, self._knowing(delivery))

    def changed(self, delivery: Delivery) -> FilledForm:
        """The form as it was submitted, with what this message says beside that."""
        return FilledForm(self.form, self.delivery, self._knowing(delivery), since=delivery)

    def given_back(self) -> FilledForm:
        """The form in the candidate's hands: what was filled in last counts."""
        return self if self.since is None else replace(self, delivery=self.since, since=None)

    def _knowing(self, delivery: Delivery) -> tuple[str, ...]:
        others = tuple(each for each in self.known if each != delivery.id)
        return (*others, delivery.id)[-MOST_KNOWN:]

    def put_back(self, answers: tuple[FormAnswer, ...] | None, submitted_at: datetime) -> FilledForm:
        """The form with the answers that were submitted, or without any; what came since is kept beside them."""
        there = self.delivery
        if there is None or there.answers == answers:
            return self
        since = self.since or there
        if answers is None:
            return replace(self, delivery=None, since=since)
        received_at = min(there.received_at, submitted_at)
        return replace(self, delivery=replace(there, received_at=received_at, answers=answers), since=since)


def _place(response: Delivery) -> tuple[int, str]:
    """Where a response stands among those of its survey, by the number at the end of its id."""
    return len(response.id), response.id
