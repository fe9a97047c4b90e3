"""Accounts of staff: of no campaign, with grants in place of a profile; who has one gets in as any account does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.accounts.domain import links
from services.accounts.domain.account import Account, Changed, EntIdentity, Person, erase
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.events import DomainEvent, LinkIssued, SecondFactorChanged, SessionsEnded, StaffChanged
from services.accounts.domain.grants import Grant, administration_lost, grant_faults, replaced, size_faults
from services.accounts.domain.links import PATHS, Link
from services.accounts.domain.states import GONE, TABLE, Action, State
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, STALE_VERSION
from services.contracts.refusals.accounts import OWN_ADMINISTRATION


def appoint(
    person: Person, file_number: str, grants: tuple[Grant, ...], token: str, *, now: datetime, good_for: timedelta
) -> Changed:
    """An account of staff, which waits for its link: the person sets a password there.

    Raises INVALID_FIELDS for more than a session bears.
    """
    if faults := size_faults((), grants):
        raise INVALID_FIELDS(fields=faults)
    link = Link(links.digest(token), "validation", now + good_for)
    account = Account(NO_CAMPAIGN, file_number, person, State.PENDING, now, link.expires_at, (link,), grants=grants)
    return account, (StaffChanged(), _invited(link, token))


def grant(account: Account, grants: tuple[Grant, ...]) -> Changed:
    """Other grants for a member of staff: all sessions end, so that no token bears the old ones; the same change nothing.

    Raises INVALID_FIELDS for more than a session bears.
    """
    if set(grants) == set(account.grants):
        return account, ()
    if faults := size_faults(account.grants, grants):
        raise INVALID_FIELDS(fields=faults)
    return replace(account, grants=grants, epoch=account.epoch + 1), (StaffChanged(), SessionsEnded())


def give(
    account: Account, wanted: Sequence[Grant], *, giver: Sequence[Grant], expected: int | None, today: date
) -> Changed:
    """The grants that an administrator wants in place of all others; `giver` are their own, none if these are.

    Days on which the account could administer may go where the giver can on each of them. `expected` is the epoch that
    they saw. Raises STALE_VERSION, INVALID_FIELDS, OWN_ADMINISTRATION, NOT_FOUND.
    """
    check_seen(account, expected)
    if faults := grant_faults(account.grants, wanted, today):
        raise INVALID_FIELDS(fields=faults)
    grants = replaced(account.grants, wanted)
    if administration_lost(account.grants, (*grants, *giver), today):
        raise OWN_ADMINISTRATION()
    return grant(account, grants)


def dismiss(account: Account, *, own: bool, giver: Sequence[Grant], expected: int | None, today: date) -> Changed:
    """Take all rights from a member of staff, who is forgotten as such; raises as `give` does, but INVALID_FIELDS."""
    check_seen(account, expected)
    if own or administration_lost(account.grants, giver, today):
        raise OWN_ADMINISTRATION()
    return erase(account)


def identify(account: Account, ent: EntIdentity | None, *, now: datetime) -> Changed:
    """Who at the ENT gets in as this member of staff, as an administrator says; None: nobody. All sessions end.

    With an identity nothing else is to be proved: an account that waited for its link is one that the ENT opens, and no
    link that was mailed, to an address that nobody has proved. The person is told. Raises NOT_FOUND past its deadline.
    """
    if account.has_lapsed(now):
        raise NOT_FOUND()
    if account.ent == ent:
        return account, ()
    changed = replace(account, ent=ent, epoch=account.epoch + 1)
    if ent is not None and account.state is State.PENDING:
        closed = links.closed(links.closed(account.links, "validation"), "password-reset")
        changed = replace(changed, state=TABLE[account.state, Action.VALIDATE], links=closed)
    return changed, (StaffChanged(), SecondFactorChanged("ent-changed"), SessionsEnded())


def check_seen(account: Account, expected: int | None) -> None:
    """Raise NOT_FOUND for who is gone, STALE_VERSION where the rights are others than were seen."""
    if account.state in GONE:
        raise NOT_FOUND()
    if expected is not None and expected != account.epoch:
        raise STALE_VERSION(version=account.epoch)


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
