"""The life of an account, on one page: what may be done in which state, and what it becomes.

Whatever is not in the table is refused and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class State(Enum):
    """Where an account stands."""

    PENDING = "pending"
    """Registered; the link has not been followed. Past its deadline it counts as absent."""
    VALIDATED = "validated"
    """The address is proved; the person can log in."""
    EXPIRED = "expired"
    """Never validated; emptied of all personal data, about to be removed."""
    ERASED = "erased"
    """The person is to be forgotten; emptied of all personal data, about to be removed."""


class Action(Enum):
    """What can be done with an account."""

    VALIDATE = "validate"
    RENEW_LINK = "renew-link"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - the name of an action
    CHANGE_PASSWORD = "change-password"  # noqa: S105 - the name of an action
    SEND_LOGIN = "send-login"
    CHANGE_ADDRESS = "change-address"
    LOG_IN = "log-in"
    CHANGE_PROFILE = "change-profile"
    EXPIRE = "expire"
    ANNOUNCE_ERASURE = "announce-erasure"
    ERASE = "erase"


GONE: Final = frozenset({State.EXPIRED, State.ERASED})
"""Nothing of the person is left."""

TABLE: Final[Mapping[tuple[State, Action], State]] = MappingProxyType(
    {
        (State.PENDING, Action.VALIDATE): State.VALIDATED,
        (State.PENDING, Action.RENEW_LINK): State.PENDING,
        # A reset link proves the address as well as a validation link does.
        (State.PENDING, Action.RESET_PASSWORD): State.VALIDATED,
        (State.PENDING, Action.SEND_LOGIN): State.PENDING,
        (State.PENDING, Action.EXPIRE): State.EXPIRED,
        (State.PENDING, Action.ERASE): State.ERASED,
        (State.VALIDATED, Action.RESET_PASSWORD): State.VALIDATED,
        (State.VALIDATED, Action.CHANGE_PASSWORD): State.VALIDATED,
        (State.VALIDATED, Action.SEND_LOGIN): State.VALIDATED,
        (State.VALIDATED, Action.CHANGE_ADDRESS): State.VALIDATED,
        (State.VALIDATED, Action.LOG_IN): State.VALIDATED,
        (State.VALIDATED, Action.CHANGE_PROFILE): State.VALIDATED,
        # Who has proved no address is told nothing there, and is forgotten by the clean-up.
        (State.VALIDATED, Action.ANNOUNCE_ERASURE): State.VALIDATED,
        (State.VALIDATED, Action.ERASE): State.ERASED,
    }
)
