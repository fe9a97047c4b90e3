"""What has happened to an application; `services.applications.publications` tells others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.applications.domain.model import Application, Submission


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft was opened."""


@dataclass(frozen=True, slots=True)
class Deposited:
    """A document was put into a piece."""

    piece: str
    document: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A document was taken out of a piece."""

    piece: str
    document: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A conditional piece was declared not applicable, or applicable again."""

    piece: str
    not_applicable: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A question was answered, or its answer taken back."""

    question: str
    answered: bool


@dataclass(frozen=True, slots=True)
class DeadlineExtended:
    """The last day for submission is now a later one."""

    submission_deadline: date


@dataclass(frozen=True, slots=True)
class Submitted:
    """The file was handed over."""

    submission: Submission


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The candidate gave the draft up."""


DomainEvent = Opened | Deposited | Removed | Marked | Answered | DeadlineExtended | Submitted | Cancelled

Change = tuple[Application, tuple[DomainEvent, ...]]
"""An application after a command, and what has happened; no facts and the very same application: nothing has."""
