"""What happens to accounts; `services.accounts.publications` tells others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.accounts.domain.profile import StepName

MailKind = Literal[
    "account-created", "link-resent", "account-exists", "identifiers-forgotten", "email-changed", "staff-invited"
]
NoticeKind = Literal[
    "email-change-asked", "email-change-done", "email-taken", "password-changed", "account-closed", "account-reopened"
]


@dataclass(frozen=True, slots=True)
class Registered:
    """An account came into being."""


@dataclass(frozen=True, slots=True)
class StaffChanged:
    """A member of staff has other grants."""


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """Where or how to write to the person changed."""


@dataclass(frozen=True, slots=True)
class LinkIssued:
    """A mail with a one-time link is to be written; `token` is its secret.

    It goes to the account's address, or to another one that nobody has proved to be the person's: `unproved`.
    """

    kind: MailKind
    path: str
    token: str
    expires_at: datetime
    unproved: str = ""


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """A mail is to say what was done with the account, at an address that was or is the person's.

    One that is not, or may not be, is `unproved`: nothing that somebody has typed is repeated there.
    """

    kind: NoticeKind
    email: str
    unproved: bool = False


@dataclass(frozen=True, slots=True)
class SecondFactorChanged:
    """How a member of staff gets in is another by now, or somebody tries to: the person is told.

    A device that shows codes was set up or reset, a recovery code was used in its place, as many wrong codes were shown as
    may be, or another login of the ENT, or none, comes in as them.
    """

    what: Literal["set", "reset", "recovery-used", "codes-used-up", "ent-changed", "ent-appointed"]


@dataclass(frozen=True, slots=True)
class Farewell:
    """The last mail to a person who is forgotten in this very moment; `certificate` is signed, and names nobody."""

    email: str
    given_name: str
    family_name: str
    file_number: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Validated:
    """The address is proved."""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """One login was ended before its time."""

    session: str


@dataclass(frozen=True, slots=True)
class SessionsEnded:
    """All logins of epochs before the account's present one were ended."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The account was never validated and is no more."""


@dataclass(frozen=True, slots=True)
class ErasureAnnounced:
    """The person is to be told on which day they are forgotten, since their campaign is long over."""

    day: date


@dataclass(frozen=True, slots=True)
class Erased:
    """The person is to be forgotten everywhere."""


@dataclass(frozen=True, slots=True)
class CardChanged:
    """The profile changed; `missing` are the required steps that still lack, in order."""

    missing: tuple[StepName, ...]


@dataclass(frozen=True, slots=True)
class ClosingChanged:
    """The account was closed for another one of its person, for another one than before, or is open again."""


@dataclass(frozen=True, slots=True)
class ProfileCompleted:
    """The required steps have been given for the first time."""


DomainEvent = (
    SessionEnded
    | SessionsEnded
    | Registered
    | StaffChanged
    | AddressChanged
    | LinkIssued
    | NoticeDue
    | SecondFactorChanged
    | Farewell
    | Validated
    | Expired
    | ErasureAnnounced
    | Erased
    | CardChanged
    | ClosingChanged
    | ProfileCompleted
)
