"""The settings of the mailer, prefix `PARVIS_MAILER_`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.chassis.settings import DOT_ENV, EnvironmentSettings


class MailerSettings(EnvironmentSettings):
    """Who writes, and how persistently."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_MAILER_", env_file=DOT_ENV, extra="ignore", frozen=True)

    sender: str = "candidatures@parvis.example"
    """The address that mails come from."""
    bounces: Annotated[str, Field(pattern=r"^([^@\s<>]+@[^@\s<>]+)?$")] = ""
    """Where mails that cannot be delivered are returned to (the envelope's sender, `Return-Path`); empty: the sender."""
    templates: str = ""
    """The folder of the mails, as docs/mails.md describes it; empty: those that come with Parvis."""
    domain: str = "parvis.example"
    """What stands behind the @ of every Message-ID; never changed while mails are under way."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 8
    """How many mails are handed over side by side."""
    give_up_hours: Annotated[int, Field(ge=1, le=240)] = 72
    """After how many hours of temporary refusals a mail has failed."""

    def unsafe(self) -> Iterator[str]:
        """Addresses of the example's, to which nobody can answer."""
        for name, value in (("SENDER", self.sender), ("BOUNCES", self.bounces), ("DOMAIN", self.domain)):
            if value.endswith(".example"):
                yield f"PARVIS_MAILER_{name}: is still that of the example"
