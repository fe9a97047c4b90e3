"""The mailbox into which other servers return what they could not deliver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from services.chassis.ports.errors import PortError

LARGEST_RETURN: Final = 128 * 1024
"""Bytes of one returned mail that are read: what says why stands first, and the returned mail itself behind it."""
MOST_RETURNS: Final = 20
"""Returned mails that are read at once."""


class BouncesUnavailable(PortError):
    """The mailbox could not be read: ask again later."""


@dataclass(frozen=True, slots=True)
class MailboxPlace:
    """How far a mailbox is read: up to `uid`, as long as it counts by this `validity` (RFC 3501, 2.3.1.1)."""

    validity: int = 0
    uid: int = 0


@dataclass(frozen=True, slots=True)
class ReturnedMails:
    """Mails behind a place, in order, each with its place; `until` is how far one looked: no further, and all is read."""

    mails: Sequence[tuple[MailboxPlace, bytes]]
    until: MailboxPlace


class Bounces(Protocol):
    """Reads a mailbox in which nothing is changed but that some mails count as seen."""

    async def read(self, after: MailboxPlace) -> ReturnedMails:
        """Up to MOST_RETURNS mails behind a place, or from the beginning of a mailbox that counts anew, each cut to
        LARGEST_RETURN.

        Raises BouncesUnavailable.
        """
        ...

    async def mark_seen(self, places: Sequence[MailboxPlace]) -> None:
        """Show to people who look into the mailbox that these mails were understood; raises BouncesUnavailable."""
        ...

    async def ping(self) -> None:
        """Return if the mailbox can be opened; raises BouncesUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
