"""What staff did for a person who asked them to: kept with the account, for the person to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

HelpKind = Literal[
    "validation-mail",
    "password-reset",
    "email-change",
    "sessions-ended",
    "told-apart",
    "account-closed",
    "account-reopened",
]

MOST_HELPS: Final = 20
"""Of one account and kind; the oldest of a kind goes when one more of it comes.

By kind, for whoever has changed an address must not have it forgotten by closing logins, which costs nothing.
"""


@dataclass(frozen=True, slots=True)
class Help:
    """One act: who did it, by kind and opaque id as events name them, when, and why where that was asked for."""

    what: HelpKind
    by: str
    at: datetime
    reason: str = ""


def with_help(helps: tuple[Help, ...], given: Help) -> tuple[Help, ...]:
    """What was done so far, and one more: it pushes out the oldest of its kind alone."""
    alike = [place for place, each in enumerate(helps) if each.what == given.what]
    gone = set(alike[: max(0, len(alike) + 1 - MOST_HELPS)])
    return (*(each for place, each in enumerate(helps) if place not in gone), given)
