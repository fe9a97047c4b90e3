"""The life of a document, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final


class State(Enum):
    """Where a document stands. Only a `stored` one can be read."""

    STORED = "stored"
    ERASING = "erasing"
    """Not readable any more; its bytes are about to go."""
    ERASED = "erased"
    REJECTED = "rejected"
    """Malware was found: there never were bytes to keep."""


NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.STORED: frozenset({State.ERASING}),
    State.ERASING: frozenset({State.ERASED}),
    State.ERASED: frozenset(),
    State.REJECTED: frozenset(),
}
"""What may come after what."""
