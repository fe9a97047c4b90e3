"""The life of a delivery, on one page."""

from __future__ import annotations

from enum import Enum
from typing import Final


class State(Enum):
    """Where a delivery stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REPLACED = "replaced"
    """Too late for its one-time link: another mail with a fresh one goes out in its place."""
    BOUNCED = "bounced"
    """It was taken and came back: another server could not deliver it."""
    ERASED = "erased"
    """Not to be sent any more: the person is gone."""


class Action(Enum):
    """What happens to it."""

    TAKE = "take"
    CONFIRM = "confirm"
    PUT_OFF = "put off"
    GIVE_UP = "give up"
    LOSE_SIGHT = "lose sight"
    OUTDATE = "outdate"
    WITHHOLD = "withhold"
    COME_BACK = "come back"
    RETRY = "retry"
    ERASE = "erase"


TABLE: Final = {
    (State.QUEUED, Action.TAKE): State.SENDING,
    (State.SENDING, Action.CONFIRM): State.SENT,
    (State.SENDING, Action.PUT_OFF): State.QUEUED,
    (State.SENDING, Action.GIVE_UP): State.FAILED,
    (State.SENDING, Action.LOSE_SIGHT): State.UNKNOWN,
    (State.SENDING, Action.OUTDATE): State.REPLACED,
    (State.QUEUED, Action.WITHHOLD): State.FAILED,
    (State.QUEUED, Action.COME_BACK): State.QUEUED,
    (State.SENDING, Action.COME_BACK): State.SENDING,
    (State.SENT, Action.COME_BACK): State.BOUNCED,
    (State.UNKNOWN, Action.COME_BACK): State.BOUNCED,
    (State.BOUNCED, Action.COME_BACK): State.BOUNCED,
    (State.BOUNCED, Action.RETRY): State.QUEUED,
    (State.BOUNCED, Action.ERASE): State.ERASED,
    (State.FAILED, Action.RETRY): State.QUEUED,
    (State.UNKNOWN, Action.RETRY): State.QUEUED,
    (State.QUEUED, Action.ERASE): State.ERASED,
    (State.SENT, Action.ERASE): State.SENT,
    (State.FAILED, Action.ERASE): State.ERASED,
    (State.UNKNOWN, Action.ERASE): State.ERASED,
    (State.REPLACED, Action.ERASE): State.ERASED,
    (State.ERASED, Action.ERASE): State.ERASED,
}
"""Everything outside this table is refused. Only a person retries what failed, came back or what nobody knows of."""
