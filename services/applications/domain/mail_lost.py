"""What has happened to the mail of a decision, and concerns nobody but who looks after the file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailLost:
    """The mail of a decision has not arrived, and why; `held`: the last day for an answer waits."""

    why: str
    held: bool


@dataclass(frozen=True, slots=True)
class ToldAnew:
    """A decision whose mail was lost is told again, to another address."""


@dataclass(frozen=True, slots=True)
class MailSentAgain:
    """The mail of a decision that was lost has been sent once more, and nothing has come back so far."""
