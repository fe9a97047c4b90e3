"""No server of forms to ask: they count as filled in by call-backs alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from services.chassis.ports.forms import Survey, SurveyResponse


class NoForms:
    """Knows no survey."""

    def survey_of(self, url: str) -> Survey | None:
        """None."""
        return None

    async def responses(self, survey: Survey) -> AsyncGenerator[Sequence[SurveyResponse], None]:
        """Nothing."""
        nothing: Sequence[Sequence[SurveyResponse]] = ()
        for part in nothing:
            yield part

    async def ping(self) -> None:
        """Return."""

    async def close(self) -> None:
        """Return."""
