"""Openings and cancellations of one person that one mail tells of, by what stands when it leaves (ADR 41)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

What = Literal["opened", "submitted", "cancelled"]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the application to one programme; `event` told it, `variables` is what a letter says of it."""

    event: str
    programme: str
    what: What
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The changes that a mail tells of, one for each programme, the latest; it takes in more before `until`."""

    until: datetime
    changes: tuple[Change, ...]

    def with_change(self, change: Change) -> Gathered:
        """With one more, in place of what stood for its programme."""
        others = tuple(each for each in self.changes if each.programme != change.programme)
        return replace(self, changes=(*others, change))

    def submitted(self, programme: str) -> Gathered:
        """The application to a programme was submitted since, of which its receipt tells in a mail of its own."""
        return replace(
            self,
            changes=tuple(
                replace(each, what="submitted") if (each.programme, each.what) == (programme, "opened") else each
                for each in self.changes
            ),
        )
