"""How often somebody is mailed a link because it was asked for, by whoever: themselves, a stranger, or staff."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from services.accounts.domain.events import MailKind
from services.accounts.domain.links import Purpose
from services.accounts.domain.throttles import Pace

Asked = Mapping[str, tuple[datetime, ...]]
"""Per kind of mail, when it was last sent because somebody asked; per purpose, what `MAILS` remembers."""

SPACING: Final = timedelta(minutes=5)
"""Least time between two mails of one kind, however often somebody asks."""
MAILS: Final[Mapping[Purpose, Pace]] = {
    "validation": Pace(5, timedelta(hours=12)),
    "password-reset": Pace(5, timedelta(hours=1)),
    "email-change": Pace(5, timedelta(hours=1)),
}
"""Mails with links of a purpose that an address gets: so many, then one every so often.

The pause is shorter than a link is good for: whoever asks in vain has a good one in the last mail, whoever asked for that.
"""


def wait(asked: Asked, kind: MailKind, purpose: Purpose, now: datetime) -> int:
    """Whole seconds until one more mail of a kind may go out; 0 if it may now."""
    last = asked.get(kind)
    left = abs(now - last[-1]) if last else SPACING
    spaced = math.ceil((SPACING - left).total_seconds()) if left < SPACING else 0
    return max(spaced, MAILS[purpose].wait(asked.get(purpose, ()), now))


def may_be_sent(asked: Asked, kind: MailKind, purpose: Purpose, now: datetime) -> bool:
    """Whether one more mail of a kind may go out."""
    return not wait(asked, kind, purpose, now)


def sent(asked: Asked, kind: MailKind, purpose: Purpose, now: datetime) -> Asked:
    """The past with one more mail."""
    return {**asked, kind: (now,), purpose: MAILS[purpose].counted(asked.get(purpose, ()), now)}
