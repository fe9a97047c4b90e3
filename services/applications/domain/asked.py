"""What a programme asks of its candidates beside documents, and what they have answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.applications.domain.states import CANDIDATE, EDITABLE, FileState, Label, Party
from services.contracts.refusals.applications import ACTION_FORBIDDEN, FILE_FROZEN


class QuestionKind(StrEnum):
    """How a question is answered: by some lines, or by yes or no."""

    TEXT = "text"
    YES_NO = "yes-no"


class AnswerState(StrEnum):
    """Whether a question is answered."""

    AWAITING = "awaiting"
    ANSWERED = "answered"


class AnswerAction(StrEnum):
    """What can be done to the answer to a question."""

    ANSWER = "answer"
    TAKE_BACK = "take_back"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """`role` may do `action` to an answer in state `before` while its file is in one of `within`."""

    action: AnswerAction
    role: Party
    within: tuple[FileState, ...]
    before: AnswerState
    after: AnswerState


ANSWER_TABLE: Final = tuple(
    AnswerRow(action, CANDIDATE, EDITABLE, before, after)
    for action, after in (
        (AnswerAction.ANSWER, AnswerState.ANSWERED),
        (AnswerAction.TAKE_BACK, AnswerState.AWAITING),
    )
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
