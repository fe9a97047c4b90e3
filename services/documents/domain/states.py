"""The life of a document, on one page; whatever is not in the table changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class State(Enum):
    """Where a document stands. Only a `stored` one can be read."""

    STORED = "stored"
    ERASING = "erasing"
    """Not readable any more; its bytes are about to go."""
    ERASED = "erased"
    REJECTED = "rejected"
    """Malware was found: there never were bytes to keep."""


class Action(Enum):
    """What is done with a document as a whole."""

    ERASE = "erase"
    FINISH_ERASURE = "finish-erasure"
    """Its bytes are gone."""


TABLE: Final[Mapping[tuple[State, Action], State]] = MappingProxyType(
    {
        (State.STORED, Action.ERASE): State.ERASING,
        (State.ERASING, Action.FINISH_ERASURE): State.ERASED,
    }
)
