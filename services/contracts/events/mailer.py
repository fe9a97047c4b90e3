"""Events of the mailer; a mail is named by its delivery id, never by an address."""

from __future__ import annotations

from services.contracts.events.catalogue import Audience, Event


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
