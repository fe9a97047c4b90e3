"""What a board is told of its files: how many of each programme, and nobody's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WRITTEN_WITHIN: Final = timedelta(minutes=5)
"""How long a process may take to write a mail before another one does."""


@dataclass(frozen=True, slots=True)
class Board:
    """Where a board is told, in which language, and of what; without an address of nothing."""

    code: str
    label: Mapping[str, str]
    email: str = ""
    language: str = "fr"
    alerts: frozenset[str] = frozenset()

    def wants(self, alert: str) -> bool:
        """Whether it is told of this."""
        return bool(self.email) and alert in self.alerts


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that a board is to be told of: what it was, and with a file of which programme; an event told it.

    `delivery` is the mail that is about to say so, if one is, since `claimed_at`.
    """

    event: str
    version: int
    board: str
    alert: str
    programme: str
    delivery: str = ""
    claimed_at: datetime | None = None

    def is_left_behind(self, now: datetime) -> bool:
        """Whether whoever was to write the mail that says it has had time enough for that."""
        return self.claimed_at is None or now - self.claimed_at >= WRITTEN_WITHIN or self.claimed_at > now


def counted(happened: Iterable[Happened]) -> Mapping[str, Mapping[str, int]]:
    """How many there are of each kind, by programme, in the order of their codes."""
    counts: dict[str, Counter[str]] = {}
    for each in happened:
        counts.setdefault(each.alert, Counter())[each.programme] += 1
    return {alert: dict(sorted(programmes.items())) for alert, programmes in counts.items()}
