"""The state that goes along to the ENT and comes back: random, with its end and the page to go on to, and marked as ours.

Nothing is stored for those who are sent: anybody may ask to be. What must stay secret is made anew from the state.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

WITHIN: Final = timedelta(minutes=15)
"""How long one may take to log in at the ENT."""
HOME: Final = "/"
_AS_CANDIDATE: Final = ".c"

Mark = Callable[[str, str], str]
"""What only the suite can make of a text, for a purpose."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the ENT and back; good while `now < expires_at`."""

    state: str
    expires_at: datetime
    page: str
    as_candidate: bool = False

    def is_good(self, now: datetime) -> bool:
        """Whether one may still come back; no clock is behind by more than the whole time."""
        return now < self.expires_at <= now + 2 * WITHIN


def way(random: str, page: str, now: datetime, mark: Mark, *, as_candidate: bool = False) -> Way:
    """A fresh way; `random` is a secret of its own, `page` where one goes on to afterwards.

    `as_candidate`: whoever is a member of staff too comes in as a candidate this time.
    """
    expires_at = datetime.fromtimestamp(int((now + WITHIN).timestamp()), UTC)
    onward = base64.urlsafe_b64encode(page.encode()).decode().rstrip("=") if page != HOME else ""
    said = f"{random}.{int(expires_at.timestamp())}.{onward}{_AS_CANDIDATE if as_candidate else ''}"
    return Way(f"{said}.{mark('ent-state', said)}", expires_at, page, as_candidate)


def way_of(state: str, mark: Mark) -> Way | None:
    """The way that a state says it is of; None for one that is not ours."""
    said, _, marked = state.rpartition(".")
    if not state.isascii() or not hmac.compare_digest(marked, mark("ent-state", said)):
        return None
    try:
        _, end, onward = said.removesuffix(_AS_CANDIDATE).split(".")
        page = base64.urlsafe_b64decode(onward + "=" * (-len(onward) % 4)).decode() if onward else HOME
        return Way(state, datetime.fromtimestamp(int(end), UTC), page, said.endswith(_AS_CANDIDATE))
    except (ValueError, binascii.Error):
        return None
