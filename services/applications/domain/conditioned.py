"""The conditions under which somebody is admitted, and what staff have found of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.applications.domain.condition_states import ConditionState
from services.applications.domain.states import Label
from services.contracts.actors import Acting


@dataclass(frozen=True, slots=True)
class Condition:
    """What is to be fulfilled, `until` a day inclusive if there is one; `code` where it is of the institution's list.

    What the institution calls it later changes nothing of it.
    """

    label: Label
    until: date | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """What staff have found of the condition of that `number`, from 1: of which day (`on`) and why, when, and who.

    `told`: how it was when the candidate was last told by mail. `reminded`: they have been, that its day is near.
    """

    number: int
    state: ConditionState = ConditionState.OPEN
    on: date | None = None
    reason: str | None = None
    at: datetime | None = None
    by: Acting | None = None
    told: ConditionState = ConditionState.OPEN
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class SaidCondition:
    """A condition as staff give it: by its `code` in the institution's list, or in words (`text`)."""

    code: str | None = None
    text: str | None = None
    until: date | None = None
