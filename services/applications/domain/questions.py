"""Answering the questions of a programme (product, section 4: Submit; acceptance 67, 71)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.applications.domain.asked import AnswerAction, QuestionAnswer, QuestionKind, answer_after
from services.applications.domain.deadline import check_in_time
from services.applications.domain.events import Answered, Change
from services.applications.domain.model import Application, Moment
from services.applications.domain.states import CANDIDATE, Party
from services.contracts.refusals import INVALID_FIELDS, FieldError

YES_OR_NO: Final = ("yes", "no")


def answer(application: Application, code: str, given: str, moment: Moment, *, role: Party = CANDIDATE) -> Change:
    """Answer a question, or answer it otherwise; the answer that is there already changes nothing.

    Raises NOT_FOUND, FILE_FROZEN, DEADLINE_PASSED; INVALID_FIELDS for what is neither yes nor no where that is asked.
    """
    there = application.answer(code)
    answer_after(application.state, there.state, AnswerAction.ANSWER, role)
    if not given:
        raise INVALID_FIELDS(fields=[FieldError("answer", "required")])
    if there.question.kind is QuestionKind.YES_NO and given not in YES_OR_NO:
        raise INVALID_FIELDS(fields=[FieldError("answer", "not-a-choice", {"allowed": list(YES_OR_NO)})])
    return _changed(application, there, given, moment)


def take_back(application: Application, code: str, moment: Moment, *, role: Party = CANDIDATE) -> Change:
    """Leave a question unanswered again; one that is not answered stays as it is.

    Raises NOT_FOUND, FILE_FROZEN, DEADLINE_PASSED.
    """
    there = application.answer(code)
    answer_after(application.state, there.state, AnswerAction.TAKE_BACK, role)
    return _changed(application, there, None, moment)


def _changed(application: Application, there: QuestionAnswer, given: str | None, moment: Moment) -> Change:
    if given == there.given:
        return application, ()
    check_in_time(application, moment)
    changed = application.with_answer(replace(there, given=given))
    return changed, (Answered(there.question.code, answered=given is not None),)
