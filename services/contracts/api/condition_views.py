"""What answers say of conditions of an admission, and how a decision gives them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from services.contracts.api.basics import Body, Day, Instant, View
from services.contracts.api.texts import LINES, tidied
from services.contracts.conditions import LONGEST_CONDITION, MOST_CONDITIONS
from services.contracts.decision_types import CODE

_ONE_LINE: Final = LINES.replace(r"\x09\x0b-\x1f", r"\x1f")
ConditionStateName = Literal["open", "met", "not_met"]


class ConditionGiven(Body):
    """A condition: one of the institution's list by its `code`, or in words (`text`)."""

    code: Annotated[
        str | None, Field(pattern=CODE, description="Of the institution's list (`GET /review/decision-types`).")
    ] = None
    text: Annotated[
        Annotated[str, Field(min_length=1, max_length=LONGEST_CONDITION, pattern=_ONE_LINE), tidied(LONGEST_CONDITION)]
        | None,
        Field(description="In one line, for the candidate; as it is in every language."),
    ] = None
    until: Annotated[date | None, Field(description="By the end of which day; not past, at most 366 days away.")] = None


ConditionsGiven = Annotated[
    list[ConditionGiven],
    Field(
        max_length=MOST_CONDITIONS,
        description="Under which conditions one is admitted, or will be from a ranked waiting list; of no other.",
    ),
]


class ListedConditionView(View):
    """One of the institution's conditions that can be chosen."""

    code: str
    label: str


class ConditionView(View):
    """A condition under which one is admitted, and what the institution has found of it."""

    number: Annotated[int, Field(description="From 1.")]
    label: str
    until: Annotated[Day | None, Field(description="By the end of which day it is to be met.")] = None
    state: ConditionStateName
    state_label: str
    on: Annotated[Day | None, Field(description="Of which day it is met, or not met.")] = None
    reason: Annotated[str | None, Field(description="Why the institution has found so.")] = None


class StaffConditionView(ConditionView):
    """The same as staff see it: who has said so, and when."""

    code: Annotated[str | None, Field(description="The institution's code of it, where it is of its list.")] = None
    marked_at: Instant | None = None
    marked_by: Annotated[str | None, Field(description="Kind and id.")] = None
    marked_by_name: Annotated[str | None, Field(description="How they are known.")] = None
