"""The server on which forms are filled in: asked by night where it tells nothing itself (acceptance 64)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.chassis.ports.errors import PortError


class FormsUnavailable(PortError):
    """It did not answer in time, or not at all with what was asked for: ask again later."""


class WrongForms(PortError):
    """It is there, and gives nothing of this survey that can be read: until somebody mends that, it says the same again."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey of the server, by its `id` there; under which names the address of a form says whose it is.

    `file_number` is empty where the address does not say it.
    """

    id: str
    application: str
    file_number: str = ""


@dataclass(frozen=True, slots=True)
class SurveyResponse:
    """What was filled in: whose it says it is, when last by the server's clock, and the answers, each with its question.

    `id` stays the same where it is changed. `filled_in_at` has no zone; it is None where the survey keeps no dates. One that
    is not `sent_off` was only begun, or is being changed.
    """

    id: str
    application: str
    file_number: str
    filled_in_at: datetime | None
    answers: tuple[tuple[str, str], ...]
    sent_off: bool = True


class Forms(Protocol):
    """Says what was filled in in a survey."""

    def survey_of(self, url: str) -> Survey | None:
        """The survey that an address of a form leads to; None for another server's, or where it does not say whose it is."""
        ...

    def responses(self, survey: Survey) -> AsyncGenerator[Sequence[SurveyResponse], None]:
        """All that is there, a part at a time, by when it was begun; raises FormsUnavailable, WrongForms."""
        ...

    async def ping(self) -> None:
        """Return if it answers; raises FormsUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
