"""A mail that came back: what another server says of it, and what follows for who is written to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.mailer.domain.states import State

MOST_KEPT: Final = 20
"""Of one mail so many returns are remembered; of what comes on top only its end is heard."""
ARRIVED_AFTER: Final = timedelta(days=2)
"""A mail of which nothing has come back for so long counts as arrived."""
_HARD: Final = ("5.0.", "5.1.", "5.2.0", "5.2.1", "5.4.1", "5.4.4")
"""RFC 3463: the address is not one, or is no more. A full mailbox (5.2.2), a refusal of what was written (5.6, 5.7) and what
ails servers (5.3, 5.4) may be over tomorrow."""


@dataclass(frozen=True, slots=True)
class Return:
    """One notice about one mail, by its own `id`.

    `final`: the mail will not arrive; else its server goes on trying. `status` is that of RFC 3463, if it says one.
    """

    id: str
    at: datetime
    final: bool
    status: str = ""

    @property
    def is_hard(self) -> bool:
        """Whether by this notice the address takes no mail at all; one that says no status is believed."""
        return self.final and (not self.status or any(_begins(self.status, each) for each in _HARD))


def with_room(returns: tuple[Return, ...], *, is_over: bool) -> tuple[Return, ...] | None:
    """Returns with room for one more; None if there is none. The end of a mail takes that of the last delay."""
    if len(returns) < MOST_KEPT:
        return returns
    last = next((each for each in reversed(returns) if not each.final), None)
    return tuple(each for each in returns if each is not last) if is_over and last is not None else None


def _begins(status: str, part: str) -> bool:
    return status.startswith(part) if part.endswith(".") else status == part


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mail to somebody, and when it came to that."""

    address: str
    state: State
    at: datetime | None


def is_unreached(address: str, newest_first: Iterable[Fate], now: datetime) -> bool:
    """Whether mails to an address come back, by the last one of which that can be said."""
    for mail in newest_first:
        if mail.address != address:
            continue
        if mail.state is State.BOUNCED:
            return True
        if mail.state is State.SENT and mail.at is not None and now - mail.at >= ARRIVED_AFTER:
            return False
    return False
