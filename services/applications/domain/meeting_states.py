"""The whole life of a meeting of a board as a table; `docs/states/meetings.md` shows it (ADR 102)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.applications.domain.states import Party
from services.contracts.actors import Role
from services.contracts.refusals.applications import ACTION_FORBIDDEN, WRONG_STATE


class MeetingState(StrEnum):
    """How far a meeting of a board is."""

    OPEN = "open"
    HELD = "held"
    CLOSED = "closed"


class MeetingAction(StrEnum):
    """What can be done with a meeting."""

    PLAN = "plan_meeting"
    CHANGE = "change_meeting"
    ADD_FILES = "add_files"
    REMOVE_FILE = "remove_file"
    HOLD = "hold_meeting"
    RECUSE = "recuse"
    TAKE_BACK_RECUSAL = "take_back_recusal"
    VOTE = "vote"
    CLOSE_VOTE = "close_vote"
    ENTER_OUTCOME = "enter_outcome"
    CLOSE = "close_meeting"


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """`role` may do `action` to a meeting in state `before` (None: there is none yet); then it is in state `after`.

    Of closing what is closed the same answer is given again. Members recuse themselves alone, managers anybody who is
    convened; nobody takes back their own recusal.
    """

    action: MeetingAction
    role: Party
    before: MeetingState | None
    after: MeetingState


def _rows() -> list[MeetingRow]:
    act, (planned, held, closed) = MeetingAction, MeetingState
    manager, member = Role.MANAGER, Role.COMMISSION
    return [
        MeetingRow(act.PLAN, manager, None, planned),
        *(
            MeetingRow(action, manager, state, state)
            for action in (act.CHANGE, act.ADD_FILES, act.REMOVE_FILE)
            for state in (planned, held)
        ),
        MeetingRow(act.HOLD, manager, planned, held),
        MeetingRow(act.HOLD, manager, held, held),
        # Both of a meeting that is closed too: the minutes stay as they are, and the file goes on.
        *(MeetingRow(act.RECUSE, role, state, state) for role in (manager, member) for state in MeetingState),
        *(MeetingRow(act.TAKE_BACK_RECUSAL, manager, state, state) for state in MeetingState),
        *(MeetingRow(act.VOTE, role, held, held) for role in (manager, member)),
        MeetingRow(act.CLOSE_VOTE, manager, held, held),
        *(MeetingRow(act.ENTER_OUTCOME, role, held, held) for role in (manager, member)),
        MeetingRow(act.CLOSE, manager, held, closed),
        MeetingRow(act.CLOSE, manager, closed, closed),
    ]


TABLE: Final = tuple(_rows())
_AFTER: Final = {(row.action, row.role, row.before): row.after for row in TABLE}
_ROLES: Final = frozenset((row.action, row.role) for row in TABLE)


def meeting_after(state: MeetingState | None, action: MeetingAction, role: Party) -> MeetingState:
    """The state of a meeting after an action; raises ACTION_FORBIDDEN, WRONG_STATE."""
    after = _AFTER.get((action, role, state))
    if after is not None:
        return after
    if (action, role) not in _ROLES:
        raise ACTION_FORBIDDEN()
    raise WRONG_STATE(state=state)
