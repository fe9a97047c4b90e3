"""The hand-over of who has accepted a place to the student records of the university (acceptance 87)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from services.chassis.ports.errors import PortError
from services.contracts.pre_enrolments import PreEnrolmentEntry


class PreEnrolmentsUnavailable(PortError):
    """Nobody is taken at present: try again later, with all who are not answered."""


@dataclass(frozen=True, slots=True)
class PreEnrolmentAnswer:
    """What has come of an entry: it is `taken`, `refused` for a reason, or has no answer and is to be tried again."""

    entry: PreEnrolmentEntry
    what: Literal["taken", "refused", "unanswered"]
    reason: str = ""


class PreEnrolments(Protocol):
    """Takes entries; one that is handed over again, after an answer was lost, changes nothing there."""

    def hand_over(self, entries: Sequence[PreEnrolmentEntry]) -> AsyncGenerator[PreEnrolmentAnswer, None]:
        """An answer for each entry as it comes, in any order; those without one were not tried, or nobody knows.

        Raises PreEnrolmentsUnavailable, also after some answers.
        """
        ...

    async def ping(self) -> None:
        """Return if it could be asked; raises PreEnrolmentsUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
