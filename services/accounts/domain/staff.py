"""Accounts of staff: of no campaign, with grants in place of a profile; who has one gets in as any account does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from services.accounts.domain import links
from services.accounts.domain.account import Account, Changed, Person
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.events import DomainEvent, LinkIssued, SessionsEnded, StaffChanged
from services.accounts.domain.grants import Grant
from services.accounts.domain.links import PATHS, Link
from services.accounts.domain.states import State


def appoint(
    person: Person, file_number: str, grants: tuple[Grant, ...], token: str, *, now: datetime, good_for: timedelta
) -> Changed:
    """An account of staff, which waits for its link: the person sets a password there."""
    link = Link(links.digest(token), "validation", now + good_for)
    account = Account(NO_CAMPAIGN, file_number, person, State.PENDING, now, link.expires_at, (link,), grants=grants)
    return account, (StaffChanged(), _invited(link, token))


def grant(account: Account, grants: tuple[Grant, ...]) -> Changed:
    """Other grants for a member of staff: all sessions end, so that no token bears the old ones; the same change nothing."""
    if grants == account.grants:
        return account, ()
    return replace(account, grants=grants, epoch=account.epoch + 1), (StaffChanged(), SessionsEnded())


def invite(account: Account, token: str, *, now: datetime, good_for: timedelta) -> Changed:
    """Mail one more link to a member of staff who has not followed the first."""
    if account.state is not State.PENDING:
        return account, ()
    link = Link(links.digest(token), "validation", now + good_for)
    invited = replace(
        account, links=links.added(account.links, link, now), deadline=max(account.deadline, link.expires_at)
    )
    events: tuple[DomainEvent, ...] = (_invited(link, token),)
    return invited, events


def _invited(link: Link, token: str) -> LinkIssued:
    return LinkIssued("staff-invited", PATHS[link.purpose], token, link.expires_at)
