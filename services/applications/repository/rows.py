"""How what applications and submissions are made of is written, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from services.applications.domain.asked import Question, QuestionAnswer, QuestionKind
from services.applications.domain.model import (
    Document,
    Programme,
    Requirement,
    Submission,
)
from services.chassis.store.evolution import members
from services.contracts.instants import instant, instant_text

LATER: Final = frozenset({"optional", "per_application"})
"""Members of a requirement that 0.1.0 did not know."""


def fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass with slots, which are its slots; not copied, for documents are written at once."""
    return {name: getattr(value, name) for name in value.__slots__}


def requirement_out(requirement: Requirement) -> dict[str, Any]:
    """A requirement as it is kept; what 0.1.0 did not know is left out where it says nothing."""
    known = {name: value for name, value in fields(requirement).items() if value or name not in LATER}
    return known | {"media_types": list(requirement.media_types)}


def requirement_in(out: Mapping[str, Any]) -> Requirement:
    """What `requirement_out` wrote."""
    return Requirement(**{**members(Requirement, out), "media_types": tuple(out["media_types"])})


def question_out(question: Question) -> dict[str, Any]:
    """A question as it is kept."""
    return fields(question) | {"kind": question.kind.value}


def question_in(out: Mapping[str, Any]) -> Question:
    """What `question_out` wrote."""
    return Question(**{**members(Question, out), "kind": QuestionKind(out["kind"])})


def answer_out(answer: QuestionAnswer) -> dict[str, Any]:
    """A question of an application with its answer, which is left out while there is none."""
    out: dict[str, Any] = {"question": question_out(answer.question)}
    return out if answer.given is None else out | {"given": answer.given}


def answer_in(out: Mapping[str, Any]) -> QuestionAnswer:
    """What `answer_out` wrote."""
    return QuestionAnswer(question_in(out["question"]), out.get("given"))


def programme_out(programme: Programme) -> dict[str, Any]:
    """A programme as an application keeps it."""
    day = programme.answer_deadline
    return fields(programme) | {"answer_deadline": None if day is None else day.isoformat()}


def programme_in(out: Mapping[str, Any]) -> Programme:
    """What `programme_out` wrote."""
    known = members(Programme, out)
    day = known["answer_deadline"]
    return Programme(**{**known, "answer_deadline": None if day is None else date.fromisoformat(day)})


def submission_out(submission: Submission) -> dict[str, Any]:
    """A submission as it is kept."""
    out = {
        "submitted_at": instant_text(submission.submitted_at),
        "pieces": [[code, fields(document)] for code, document in submission.pieces.items()],
        "profile": submission.profile,
        "receipt": submission.receipt,
    }
    return out | ({"answers": list(map(list, submission.answers.items()))} if submission.answers else {})


def submission_in(out: Mapping[str, Any]) -> Submission:
    """What `submission_out` wrote."""
    pieces = {code: Document(**members(Document, document)) for code, document in out["pieces"]}
    return Submission(
        instant(out["submitted_at"]), pieces, out["profile"], out["receipt"], dict(out.get("answers", ()))
    )
