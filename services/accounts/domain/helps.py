"""What staff did for a person who asked them to: kept with the account, for the person to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

HelpKind = Literal["validation-mail", "password-reset", "email-change", "sessions-ended"]

MOST_HELPS: Final = 20
"""Of one account; the oldest goes when one more comes. All of them stay in the journal, with who acted."""


@dataclass(frozen=True, slots=True)
class Help:
    """One act: who did it, by kind and opaque id as events name them, when, and why where that was asked for."""

    what: HelpKind
    by: str
    at: datetime
    reason: str = ""


def with_help(helps: tuple[Help, ...], given: Help) -> tuple[Help, ...]:
    """What was done so far, and one more."""
    return (*helps, given)[-MOST_HELPS:]
