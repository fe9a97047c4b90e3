"""The whole life of a condition of an admission as a table; `docs/states/applications.md` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.applications.domain.states import Party
from services.contracts.actors import Role
from services.contracts.refusals.applications import ACTION_FORBIDDEN


class ConditionState(StrEnum):
    """What staff have found of a condition under which somebody is admitted."""

    OPEN = "open"
    MET = "met"
    NOT_MET = "not_met"


class ConditionAction(StrEnum):
    """What staff find of a condition, or take back."""

    MEET = "meet_condition"
    FAIL = "fail_condition"
    REOPEN = "reopen_condition"


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """`role` may do `action` to a condition in state `before`, as long as the place of its decision is offered or taken."""

    action: ConditionAction
    role: Party
    before: ConditionState
    after: ConditionState


MARKING: Final = (Role.MANAGER,)
AFTER: Final = {
    ConditionAction.MEET: ConditionState.MET,
    ConditionAction.FAIL: ConditionState.NOT_MET,
    ConditionAction.REOPEN: ConditionState.OPEN,
}
TABLE: Final = tuple(
    ConditionRow(action, role, before, after)
    for role in MARKING
    for action, after in AFTER.items()
    for before in ConditionState
)
ACTIONS: Final = {after: action for action, after in AFTER.items()}
"""What is done to bring a condition into a state."""
_AFTER: Final = {(row.action, row.role, row.before): row.after for row in TABLE}


def condition_after(before: ConditionState, action: ConditionAction, role: Party) -> ConditionState:
    """The state after an action; raises ACTION_FORBIDDEN."""
    if (after := _AFTER.get((action, role, before))) is None:
        raise ACTION_FORBIDDEN()
    return after
