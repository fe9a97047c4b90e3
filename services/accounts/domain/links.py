"""One-time links: bound to a purpose and a time, single use; only the SHA-256 of their secret is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

Purpose = Literal["validation", "password-reset", "email-change"]
LinkStatus = Literal["open", "used", "replaced"]
Status = Literal["pending", "expired", "used"]

PATHS: Final[dict[Purpose, str]] = {
    "validation": "/validation",
    "password-reset": "/reinitialisation",
    "email-change": "/validation",
}
"""The pages of the portal that take `?token=`."""

MAX_LINKS: Final = 32
"""Links remembered per account, more than are mailed while one is good; those no longer good go first, the oldest first."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was mailed; good while it is open and `now < expires_at`."""

    digest: str
    purpose: Purpose
    expires_at: datetime
    standing: LinkStatus = "open"

    def is_good(self, now: datetime) -> bool:
        """Whether it still does what it is for."""
        return self.standing == "open" and now < self.expires_at

    def status(self, now: datetime) -> Status:
        """What the page of the link says."""
        if self.standing == "used":
            return "used"
        return "pending" if self.is_good(now) else "expired"


def digest(token: str) -> str:
    """What is kept of a secret: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(links: tuple[Link, ...], wanted: str) -> Link | None:
    """The link of that digest."""
    return next((link for link in links if link.digest == wanted), None)


def added(links: tuple[Link, ...], link: Link, now: datetime) -> tuple[Link, ...]:
    """The links with one more; beyond `MAX_LINKS` the oldest goes, those that do nothing any more first."""
    all_links = [*links, link]
    while len(all_links) > MAX_LINKS:
        all_links.remove(next((old for old in all_links if not old.is_good(now)), all_links[0]))
    return tuple(all_links)


def closed(links: tuple[Link, ...], purpose: Purpose, used: str = "") -> tuple[Link, ...]:
    """All open links of a purpose closed: the one of digest `used` is used, the others are replaced."""
    return tuple(
        replace(link, standing="used" if link.digest == used else "replaced")
        if link.purpose == purpose and link.standing == "open"
        else link
        for link in links
    )
