"""The settings of accounts, prefix `PARVIS_ACCOUNTS_`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.chassis.settings import DOT_ENV, EnvironmentSettings

KIBIBYTES: Final = 19 * 1024
"""Of memory that argon2id takes for a password: OWASP's least."""


class AccountsSettings(EnvironmentSettings):
    """How much accounts may be asked, and what passwords cost."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_ACCOUNTS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    requests_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = 300
    """Registrations and links that may be asked for in an hour from one address (a school has one), a third at once."""
    requests_per_network: Annotated[int, Field(ge=1, le=1_000_000)] = 3000
    """The same from one network (of IPv4 the /24, of IPv6 the /48)."""
    requests_per_hour: Annotated[int, Field(ge=1, le=100_000_000)] = 100_000
    """The same from everywhere."""
    neutral_milliseconds: Annotated[int, Field(ge=0, le=5000)] = 250
    """Neutral answers leave at multiples of this, so that their time tells nothing of an address (acceptance 14)."""
    password_kibibytes: Annotated[int, Field(ge=8, le=KIBIBYTES)] = KIBIBYTES
    """Memory that hashing a password takes, and time with it, so that guessing does; less is for made-up passwords."""

    staff_second_factor: Literal["", "required", "offered"] = ""
    """Whether staff who log in by password can do nothing without codes of a device; if empty, in production alone."""

    def requires_second_factor(self, env: str) -> bool:
        """Whether they cannot, in an environment."""
        return (self.staff_second_factor or ("offered" if env == "development" else "required")) == "required"

    def unsafe(self) -> Iterator[str]:
        """Neutral answers that tell by their time (acceptance 14), and passwords that a thief of their hashes guesses."""
        if self.neutral_milliseconds == 0:
            yield "PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS: the time of neutral answers tells which addresses are known"
        if self.password_kibibytes < KIBIBYTES:
            yield "PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES: passwords are guessed too fast from their hashes"
        if self.staff_second_factor == "offered":
            yield "PARVIS_ACCOUNTS_STAFF_SECOND_FACTOR: whoever learns a password of staff has all their rights"
