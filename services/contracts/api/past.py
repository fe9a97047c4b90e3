"""A file as it was at an instant, as far as what was written down of every change tells."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

from services.contracts.api.applications import FileStateName, PieceStateName
from services.contracts.api.basics import Day, Instant, View
from services.contracts.api.decisions import DecisionName
from services.contracts.api.deposited import DocumentView
from services.contracts.api.held import HeldView

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)


def written_as_instant(value: Any) -> Any:
    """Numbers are no instants, though pydantic takes them for seconds."""
    if isinstance(value, str) and not _WRITTEN.fullmatch(value):
        raise PydanticKnownError("datetime_parsing", {"error": "it is not RFC 3339"})
    return value


class PastAsked(BaseModel):
    """At which instant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Annotated[
        AwareDatetime,
        Field(
            description="RFC 3339, to the millisecond: what had been done by then, inclusive. `before-opening` of one "
            "before the file was there, `instant-to-come` of one that is still to come."
        ),
        BeforeValidator(written_as_instant),
    ]


class PastPiece(View):
    """One piece as it was, and who had said last what is thought of it."""

    code: str
    label: Annotated[str, Field(description="What the piece is called today.")]
    state: PieceStateName
    state_label: str
    document: Annotated[
        DocumentView | None, Field(description="Its identity; its bytes may be gone by now, as those of a removed one.")
    ] = None
    registrar: HeldView | None = None
    comment: str | None = None
    judged_at: Instant | None = None
    judged_by: Annotated[str | None, Field(description="Kind and id of who had judged it.")] = None
    judged_by_name: Annotated[str | None, Field(description="How they are known today.")] = None


class PastAnswer(View):
    """What was answered to a question."""

    code: str
    label: Annotated[str, Field(description="What the question is called today.")]
    answer: str | None = None


class PastDecision(View):
    """A decision as it stood."""

    kind: DecisionName
    label: str
    reason: str | None = None
    rank: int | None = None
    comment: str | None = None
    at: Annotated[Instant | None, Field(description="When it was entered, or validated.")] = None
    by: Annotated[str | None, Field(description="Kind and id of who did so.")] = None
    by_name: Annotated[str | None, Field(description="How they are known today.")] = None
    answer_deadline: Day | None = None


class PastView(View):
    """A file as it was."""

    id: str
    at: Instant
    state: FileStateName
    state_label: str
    submission_deadline: Annotated[
        Day, Field(description="That of the file itself: a later one of its programme may have counted.")
    ]
    submitted_at: Annotated[Instant | None, Field(description="When it had been handed over last.")] = None
    pieces: list[PastPiece]
    questions: list[PastAnswer]
    entered_decision: Annotated[PastDecision | None, Field(description="To be validated then.")] = None
    decision: Annotated[PastDecision | None, Field(description="The one that counted.")] = None
    answer: Literal["accept", "withdraw", "left"] | None = None
    tags: list[str]
    assignee: Annotated[str | None, Field(description="Account of who of staff looked after it.")] = None
    assignee_name: Annotated[str | None, Field(description="How they are known today.")] = None
