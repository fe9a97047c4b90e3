"""Events of the mailer; a mail is named by its delivery id, never by an address."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from services.contracts.events.catalogue import Audience, Event, Part

_FILES = [[{"application": "01jd5w8q3v7m2c9k4t6x0b1n5r", "kind": "decision-favourable"}]]


class MailedFile(Part):
    """A file that a mail tells of, and by a mail of which kind it would tell of it alone."""

    application: str
    kind: str

    @property
    def tells_decision(self) -> bool:
        """Whether it tells of a decision."""
        return self.kind == "promotion" or self.kind.startswith("decision-")


NEVER_LEFT: Final = ("refused", "not-composed", "gave-up")
"""Why a mail failed of which it is certain that it has not arrived; of `unknown` ones it is not."""


class MailSent(Event, type="mailer.mail.sent.v1", key="delivery"):
    """The mail server took the mail."""

    delivery: str
    account: str
    kind: str


class MailFailed(Event, type="mailer.mail.failed.v1", key="delivery"):
    """The mail will not be tried again by itself.

    `reason` is `refused` (for good), `not-composed` (no mail could be made of it), `gave-up`, `unknown` (its outcome)
    or `account-closed` (withheld, since its person goes on with another account).
    """

    delivery: str
    account: str
    kind: str
    reason: str
    files: Annotated[
        list[MailedFile],
        Field(
            default_factory=list,
            examples=_FILES,
        ),
    ]


class MailBounced(Event, type="mailer.mail.bounced.v1", key="delivery"):
    """The mail server took the mail, and another one returned it; `hard`: the address takes no mail at all.

    It is not tried again by itself; `files` are those that it tells of.
    """

    delivery: str
    account: str
    kind: str
    hard: bool
    files: Annotated[
        list[MailedFile],
        Field(
            default_factory=list,
            examples=_FILES,
        ),
    ]


class MailReaddressed(Event, type="mailer.mail.readdressed.v1", key="delivery"):
    """A mail has not arrived, and its person has given another address since; `files` are those that it tells of."""

    delivery: str
    account: str
    kind: str
    files: Annotated[list[MailedFile], Field(default_factory=list, examples=_FILES)]


class MailSentAgain(Event, type="mailer.mail.sent_again.v1", key="delivery"):
    """The mail server took a mail that a person had tried again; `files` are those that it tells of."""

    delivery: str
    account: str
    kind: str
    files: Annotated[list[MailedFile], Field(default_factory=list, examples=_FILES)]


class LinkOutdated(Event, type="mailer.link.outdated.v1", key="delivery", audience=Audience.INTERNAL):
    """A mail with a one-time link could not leave within the hour and never will: its link is to be made anew."""

    delivery: str
    account: str
    kind: str


class MailsErased(Event, type="mailer.account.erased.v1", key="account"):
    """The answer to `accounts.account.erased.v1`: the address and the words of all mails are gone here.

    The last mail, which says so, follows them as soon as it is handed over.
    """

    account: str
