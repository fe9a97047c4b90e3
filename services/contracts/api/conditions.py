"""Conditions of an admission: how staff give and follow them, and how candidates see them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from services.contracts.api.applications import ApplicationPath
from services.contracts.api.basics import Body
from services.contracts.api.condition_views import ConditionStateName
from services.contracts.api.decisions import DecisionId, Words
from services.contracts.conditions import MOST_CONDITIONS

__all__ = ["ConditionMark", "ConditionPath"]


class ConditionPath(ApplicationPath):
    """Which condition of the decision that counts on which application."""

    number: Annotated[int, Field(ge=1, le=MOST_CONDITIONS, description="Its number, from 1.")]


class ConditionMark(Body):
    """What is found of a condition of the decision that was seen; `open` takes back what was said."""

    decision: DecisionId
    state: ConditionStateName
    on: Annotated[
        date | None,
        Field(
            description="Of which day that is, neither in the future nor ten years before the decision; where none is said "
            "the one that was said of this state, else today."
        ),
    ] = None
    reason: Annotated[Words | None, Field(description="For the candidate; required of one that is not met.")] = None
    seen: Annotated[
        str | None,
        Field(
            max_length=40, description="Its `marked_at` as it was seen, empty for none; of another one nothing is said."
        ),
    ] = None
