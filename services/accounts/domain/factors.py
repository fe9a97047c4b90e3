"""What an account remembers of a second factor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A device that shows codes; `sealed` is its secret, `step` the latest whose code was shown.

    `recovery` are digests of codes that are good in its place, once each.
    """

    sealed: str
    confirmed_at: datetime
    step: int
    recovery: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The sealed secret of a device that has shown no code yet; that session alone may have it do so before `expires_at`."""

    sealed: str
    session: str
    expires_at: datetime
