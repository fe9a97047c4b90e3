"""Tests of mails: who had one sent to themselves, and how many an hour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from services.contracts.refusals.mailer import TOO_MANY_TESTS

MOST: Final = 10
"""Tests of one person within `WITHIN`, inclusive."""
WITHIN: Final = timedelta(hours=1)
KEPT: Final = 100
"""Tests of one person that are remembered, the newest."""
MARK: Final = "[Test] "
"""What stands before the subject of a mail that was sent to be looked at."""
KIND: Final = "test-mail"
"""What a test is among deliveries: of no kind that anybody else gets."""


@dataclass(frozen=True, slots=True)
class MailTest:
    """A test: when, of which mail, and with the values of which application, or of examples where that is empty."""

    at: datetime
    kind: str
    language: str
    application: str = ""


@dataclass(frozen=True, slots=True)
class MailTests:
    """What one member of staff had sent to themselves, the newest last."""

    sent: tuple[MailTest, ...] = ()

    def add(self, test: MailTest) -> MailTests:
        """With one more; raises TOO_MANY_TESTS."""
        recent = [each.at for each in self.sent if test.at - each.at < WITHIN]
        if len(recent) >= MOST:
            wait = recent[-MOST] + WITHIN - test.at
            raise TOO_MANY_TESTS(max=MOST, retry_after=max(1, ceil(wait.total_seconds())))
        return replace(self, sent=(*self.sent, test)[-KEPT:])
