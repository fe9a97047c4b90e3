"""The campaigns as offers tells of them. A campaign once closed never opens again, so the order of telling is no matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

NO_CAMPAIGN: Final = ""
"""What stands in place of a campaign where an account is of none: those of staff."""


@dataclass(frozen=True, slots=True)
class CampaignCopies:
    """Codes of campaigns, in the order in which they became known."""

    activated: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def active(self) -> str | None:
        """The campaign that accounts are opened for; None before the first and between two."""
        return next((code for code in reversed(self.activated) if code not in self.closed), None)

    def is_over(self, campaign: str) -> bool:
        """Whether another campaign has followed: then logins of this one are refused (acceptance 19)."""
        return campaign != NO_CAMPAIGN and self.active is not None and self.active != campaign

    def with_activated(self, code: str) -> CampaignCopies:
        """A campaign was activated."""
        return self if code in self.activated else replace(self, activated=(*self.activated, code))

    def with_closed(self, code: str) -> CampaignCopies:
        """A campaign was closed."""
        return self if code in self.closed else replace(self, closed=(*self.closed, code))
