"""Sessions: refresh tokens are used once and followed by the next; an old one that comes back ends the session.

Of a token only a digest is kept. The successor of a token is derived from it and a secret salt, so that a lost answer can
be given again to who still holds the old token, and to nobody else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

GRACE: Final = timedelta(seconds=10)
"""How long the token before the current one gets the same answer again."""
MAX_SPENT: Final = 64
"""Spent tokens that are recognised per session, the latest."""
MAX_SESSIONS: Final = 20
"""Sessions of one account; the oldest ends when one more begins."""

_FORM: Final = re.compile(r"[0-9a-z]{26}\.[A-Za-z0-9_-]{43}")


class Presented(Enum):
    """What a refresh token turns out to be."""

    CURRENT = "current"
    REPEATED = "repeated"
    SPENT = "spent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Session:
    """One login of one account. `epoch` is the account's when it began: a password reset ends all of an older epoch.

    `ent` is a digest of the login at the ENT that it came from, empty for one by password; `second_factor` says that more
    than the password was shown.
    """

    account: str
    epoch: int
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    current: str
    previous: str = ""
    salt: str = ""
    key: str | None = None
    spent: tuple[str, ...] = ()
    ent: str = ""
    second_factor: bool = False

    def lives(self, epoch: int, now: datetime) -> bool:
        """Whether it is neither too old nor ended with all others of its epoch."""
        return self.epoch == epoch and now < self.expires_at

    def recognise(self, token: str, key: str | None, now: datetime) -> Presented:
        """What a refresh token is; `key` is the idempotency key that came with it."""
        mark = digest(token)
        if mark == self.current:
            return Presented.CURRENT
        if mark == self.previous:
            again = now - self.used_at <= GRACE or (key is not None and key == self.key)
            return Presented.REPEATED if again else Presented.SPENT
        return Presented.SPENT if mark in self.spent else Presented.UNKNOWN

    def rotated(self, token: str, salt: str, key: str | None, now: datetime) -> Session:
        """The session after `token`, the current one, was used; its successor is `successor(token, salt)`."""
        spent = (*self.spent, self.previous) if self.previous else self.spent
        return replace(
            self,
            current=digest(successor(token, salt)),
            previous=self.current,
            salt=salt,
            key=key,
            used_at=now,
            spent=spent[-MAX_SPENT:],
        )


def digest(token: str) -> str:
    """What is kept of a refresh token: its SHA-256, 43 characters."""
    return _text(hashlib.sha256(token.encode()).digest())


def successor(token: str, salt: str) -> str:
    """The token that follows `token`: the id of the session, a dot, 256 bits."""
    session, _, _ = token.partition(".")
    following = hashlib.sha256(f"{salt}\n{token}".encode()).digest()
    return f"{session}.{_text(following)}"


def session_of(token: str) -> str | None:
    """The id of the session that a token says it is of; None if it has not the form of a token."""
    return token.partition(".")[0] if _FORM.fullmatch(token) else None


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
