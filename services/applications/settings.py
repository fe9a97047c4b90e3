"""Settings of applications, prefix `PARVIS_APPLICATIONS_`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.chassis.settings import DOT_ENV, EnvironmentSettings


class ApplicationsSettings(EnvironmentSettings):
    """How many applications one person may have at once (acceptance 41). To be set before a campaign, not during it."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_APPLICATIONS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    max_active: Annotated[int, Field(ge=1, le=500)] = 20
    """The most that count at once; cancelled ones do not count."""
    max_active_per: Literal["centre", "establishment"] = "centre"
    """Among the applications to one centre, or to all centres together."""
    max_openings: Annotated[int, Field(ge=1, le=1000)] = 60
    """The most that one person opens within 24 hours, cancelled ones included."""
