"""The settings of offers, prefix `PARVIS_OFFERS_`."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic_settings import SettingsConfigDict

from services.chassis.settings import DOT_ENV, EnvironmentSettings


class OffersSettings(EnvironmentSettings):
    """What offers does differently from one institution to another."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_OFFERS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    sample: bool | None = None
    """Whether the sample catalogue is loaded at start; unset means: in development."""

    def unsafe(self) -> Iterator[str]:
        """Programmes that do not exist."""
        if self.sample:
            yield "PARVIS_OFFERS_SAMPLE: the sample catalogue is for development"
