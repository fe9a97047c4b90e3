"""Requests for a mail by somebody who names an address: taken alike whether or not the address is known (acceptance 109)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.accounts.domain.account import EntIdentity, Person
from services.accounts.domain.helps import Help

What = Literal["registration", "validation", "password-reset", "email-change"]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked at `at`; of who asks for a link the address alone is known.

    `campaign` and `ent` are a registration's, `account` is whose another address is to be, and `given`
    the help of staff who ask for it in the person's place.
    `traceparent` is the trace context of the asking.
    """

    what: What
    person: Person
    at: datetime
    correlation: str
    campaign: str = ""
    ent: EntIdentity | None = None
    traceparent: str | None = None
    account: str = ""
    given: Help | None = None
