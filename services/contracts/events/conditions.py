"""Events of admissions under conditions. What staff have written of them is told inside the suite alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.applications import ApplicationEvent
from services.contracts.events.catalogue import Audience
from services.contracts.events.letter_parts import ConditionPart
from services.contracts.events.offers import TextPart


class ConditionMarked(ApplicationEvent, type="applications.condition.marked.v1", key="application"):
    """Staff have found that the condition of that `number`, from 1, of the decision that counts is met or not, or take that
    back (`open`). The admission is `final` once all of them are met and the place is accepted.
    """

    decision: str
    number: int
    state: Literal["open", "met", "not_met"]
    final: bool


class ConditionsSet(
    ApplicationEvent, type="applications.conditions.set.v1", key="application", audience=Audience.INTERNAL
):
    """A place is offered under conditions: all that its mail says, until when it may be answered and how it is called.

    Who was `promoted` had waited for it by rank.
    """

    conditions: list[ConditionPart]
    answer_deadline: str | None = None
    label: TextPart | None = None
    appeal: TextPart | None = None
    reason: TextPart | None = None
    promoted: bool = False


class ConditionsTold(
    ApplicationEvent, type="applications.conditions.told.v1", key="application", audience=Audience.INTERNAL
):
    """The candidate is told in one what staff have found of conditions since they were told last.

    Those that were found to be `met` or `not_met`, of which that was taken back (`again`), and all that are `left`. A place
    that is `unanswered` is still to be answered, until the end of `answer_deadline`, if there is such a day.
    """

    met: Annotated[list[ConditionPart], Field(examples=[[]])]
    not_met: Annotated[list[ConditionPart], Field(examples=[[]])]
    again: Annotated[list[ConditionPart], Field(examples=[[]])]
    left: Annotated[list[ConditionPart], Field(examples=[[]])]
    final: bool
    unanswered: bool = False
    answer_deadline: str | None = None


class ConditionsDue(
    ApplicationEvent, type="applications.conditions.due.v1", key="application", audience=Audience.INTERNAL
):
    """The days by which these conditions are to be met are near."""

    conditions: list[ConditionPart]
