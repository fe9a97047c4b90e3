"""The same mail again, where one with a one-time link could not leave within the hour (acceptance 116)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, cast

from services.accounts.domain import links
from services.accounts.domain.account import Account, Changed
from services.accounts.domain.events import LinkIssued, MailKind
from services.accounts.domain.links import PATHS, Link, Purpose
from services.accounts.domain.states import Action

PURPOSES: Final[Mapping[str, Purpose]] = {
    "account-created": "validation",
    "link-resent": "validation",
    "staff-invited": "validation",
    "identifiers-forgotten": "password-reset",
    "account-exists": "password-reset",
}
"""Kinds of mail whose link is made anew."""


def renew_late_link(account: Account, kind: str, token: str, *, now: datetime, good_for: timedelta) -> Changed:
    """A fresh link of the same purpose, and its mail; nothing if there is no use for it any more.

    What never left is not counted among the mails that a person may ask for.
    """
    purpose = PURPOSES.get(kind)
    if purpose is None or account.has_lapsed(now) or account.is_by_ent_alone:
        return account, ()
    if not account.allows(Action.RENEW_LINK if purpose == "validation" else Action.SEND_LOGIN):
        return account, ()
    link = Link(links.digest(token), purpose, now + good_for)
    if purpose == "validation":
        account = replace(account, deadline=max(account.deadline, link.expires_at))
    else:
        link = replace(link, expires_at=account.end_of_reset(link.expires_at))
    renewed = replace(account, links=links.added(account.links, link, now))
    return renewed, (LinkIssued(cast("MailKind", kind), PATHS[purpose], token, link.expires_at),)
