"""Members of a board who have no part in a file, being too near to its person: they neither see nor say what is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.applications.domain.meeting_states import MeetingAction, MeetingState, meeting_after
from services.applications.domain.states import Party
from services.contracts.actors import Acting
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.applications import ACTION_FORBIDDEN, OWN_RECUSAL


@dataclass(frozen=True, slots=True)
class Recusal:
    """That a `member` has no part in a `file` of an `account`, said in a `meeting`; `ended`: it was taken back."""

    account: str
    file: str
    member: str
    meeting: str
    at: datetime
    by: Acting
    ended: bool = False


def recuse(there: Recusal, given: Recusal, state: MeetingState, *, role: Party, own: bool, convened: bool) -> Recusal:
    """Have a member take no part from now on; said again it stays as it was.

    Raises ACTION_FORBIDDEN for who is no manager and speaks of another, WRONG_STATE, INVALID_FIELDS.
    """
    meeting_after(state, MeetingAction.RECUSE, role)
    if role != "manager" and not own:
        raise ACTION_FORBIDDEN()
    if not convened and not own:
        raise INVALID_FIELDS(fields=[FieldError("member", "not-convened")])
    return given if there.ended else there


def take_back(there: Recusal, state: MeetingState, *, role: Party, own: bool) -> Recusal:
    """Let a member take part again; raises ACTION_FORBIDDEN, WRONG_STATE, OWN_RECUSAL for the member themselves."""
    meeting_after(state, MeetingAction.TAKE_BACK_RECUSAL, role)
    if own:
        raise OWN_RECUSAL()
    return replace(there, ended=True)
