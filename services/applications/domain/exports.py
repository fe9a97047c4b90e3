"""Lists that are made into files in the background: what was asked for, and under which rights it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from services.contracts.work import Work

MAX_EACH: Final = 5
"""Exports of one person that are kept, whatever their state."""
MAX_ALL: Final = 100
"""Exports of everybody that wait or are being made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Work):
    """An export; `query` and `format` are what was asked for. `grants` are the rights under which it was made, `taken` is
    how often it was fetched, `most` how many rows there may be, where there were more.
    """

    format: str
    query: Mapping[str, Any]
    most: int = 0
    taken: int = 0
    grants: tuple[str, ...] = ()

    def begun(self) -> Self:
        """How many files there are is found by looking."""
        return replace(self, done=0, total=0)
