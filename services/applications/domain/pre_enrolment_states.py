"""The whole life of a pre-enrolment as a table; `docs/states/applications.md` shows it (acceptance 87)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from services.applications.domain.states import CANDIDATE, Party
from services.contracts.actors import Role
from services.contracts.refusals.applications import ACTION_FORBIDDEN, NOTHING_REFUSED

SIS: Final = "sis"
"""The student records of the university, which answer to what is handed over."""
Whose = Party | Literal["sis"]
"""Who acts on a pre-enrolment."""


class PreEnrolmentState(StrEnum):
    """How far the student records are with somebody who has accepted a place."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class PreEnrolmentAction(StrEnum):
    """What is done about a pre-enrolment."""

    REQUEST = "request_pre_enrolment"
    COMPLETE = "complete_pre_enrolment"
    REFUSE = "refuse_pre_enrolment"
    RETRY = "retry_pre_enrolment"
    CANCEL = "cancel_pre_enrolment"


@dataclass(frozen=True, slots=True)
class PreEnrolmentRow:
    """`role` may do `action` to a pre-enrolment in state `before` (None: there is none).

    It is asked for and called off as its place is accepted and lost, in the name of whoever did that.
    """

    action: PreEnrolmentAction
    role: Whose
    before: PreEnrolmentState | None
    after: PreEnrolmentState


STANDING: Final = (PreEnrolmentState.WAITING, PreEnrolmentState.DONE, PreEnrolmentState.REFUSED)
"""It was asked for, and not called off."""
RETRYING: Final = (Role.MANAGER,)


def _rows() -> list[PreEnrolmentRow]:
    act, (waiting, done, refused, cancelled) = PreEnrolmentAction, PreEnrolmentState
    return [
        PreEnrolmentRow(act.REQUEST, CANDIDATE, None, waiting),
        PreEnrolmentRow(act.REQUEST, CANDIDATE, cancelled, waiting),
        PreEnrolmentRow(act.COMPLETE, SIS, waiting, done),
        PreEnrolmentRow(act.COMPLETE, SIS, cancelled, cancelled),
        PreEnrolmentRow(act.REFUSE, SIS, waiting, refused),
        # Of what was called off, the calling off is refused.
        PreEnrolmentRow(act.REFUSE, SIS, cancelled, cancelled),
        *(
            PreEnrolmentRow(act.RETRY, role, before, after)
            for role in RETRYING
            for before, after in (
                (refused, waiting),
                (waiting, waiting),
                (cancelled, cancelled),
                # Where a comparison has shown that the student records have lost somebody whom they had taken.
                (done, waiting),
            )
        ),
        *(
            PreEnrolmentRow(act.CANCEL, role, before, cancelled)
            for role in (CANDIDATE, Role.MANAGER)
            for before in STANDING
        ),
    ]


TABLE: Final = tuple(_rows())
_AFTER: Final = {(row.action, row.before): row.after for row in TABLE}
_RETRYING: Final = {(row.role, row.before): row.after for row in TABLE if row.action is PreEnrolmentAction.RETRY}


def pre_enrolment_after(state: PreEnrolmentState | None, action: PreEnrolmentAction) -> PreEnrolmentState:
    """What becomes of a pre-enrolment by what nobody asks leave for: its place, and the student records, say so."""
    return _AFTER[action, state]


def retried(state: PreEnrolmentState | None, role: Party) -> PreEnrolmentState:
    """What becomes of it where staff have it tried anew; raises ACTION_FORBIDDEN, NOTHING_REFUSED."""
    if role not in RETRYING:
        raise ACTION_FORBIDDEN()
    if (role, state) not in _RETRYING:
        raise NOTHING_REFUSED()
    return _RETRYING[role, state]
