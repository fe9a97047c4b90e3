"""The life of a campaign, on one page; whatever is not in the table is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """Where a campaign stands."""

    PLANNED = "planned"
    ACTIVE = "active"
    """The one to which people apply."""
    CLOSED = "closed"


class Action(StrEnum):
    """What can be done with a campaign."""

    ACTIVATE = "activate"
    CLOSE = "close"
    """Another one was activated."""


TABLE: Final[Mapping[tuple[State, Action], State]] = MappingProxyType(
    {
        (State.PLANNED, Action.ACTIVATE): State.ACTIVE,
        (State.ACTIVE, Action.ACTIVATE): State.ACTIVE,
        (State.ACTIVE, Action.CLOSE): State.CLOSED,
    }
)
