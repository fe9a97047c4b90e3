"""The settings of accounts, prefix `PARVIS_ACCOUNTS_`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from services.chassis.settings import DOT_ENV, EnvironmentSettings


def _networks(text: str) -> str:
    for part in text.split(","):
        if part.strip():
            ip_network(part.strip())
    return text


class AccountsSettings(EnvironmentSettings):
    """What accounts does differently from one institution to another."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_ACCOUNTS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    link_hours: Annotated[float, Field(gt=0, le=24 * 60)] = 120
    """How long a validation link is good, from its creation to the second (acceptance 6, 7)."""
    expired_kept_hours: Annotated[float, Field(ge=0, le=24 * 60)] = 24
    """How long after its link an account never validated is kept, so that a new link may be asked (acceptance 7, 9)."""
    reset_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 120
    """How long a reset link is good (acceptance 13)."""
    session_days: Annotated[float, Field(gt=0, le=90)] = 7
    """How long one may stay logged in without giving the password again."""
    student_number_from: Annotated[int, Field(ge=0, le=9999)] = 1995
    """French nationals whose baccalaureate is of this year or later must give their student number; 0: nobody must."""
    neutral_milliseconds: Annotated[int, Field(ge=0, le=5000)] = 250
    """Neutral answers leave at multiples of this, so that their time tells nothing of an address (acceptance 14)."""
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = "127.0.0.0/8,::1/128"
    """Networks, by commas, whose `X-Forwarded-For` is believed: the gateway and the portal."""

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The trusted networks."""
        return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())

    def unsafe(self) -> Iterator[str]:
        """Neutral answers that tell by their time (acceptance 14), and believing everybody's word of who they are."""
        if self.neutral_milliseconds == 0:
            yield "PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS: the time of neutral answers tells which addresses are known"
        if any(network.prefixlen == 0 for network in self.proxies):
            yield "PARVIS_ACCOUNTS_TRUSTED_PROXIES: the X-Forwarded-For of everybody is believed"
