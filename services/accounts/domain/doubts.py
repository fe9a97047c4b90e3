"""Pairs of accounts that bear one student number: whether they are one person, and what becomes of them (acceptance 30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.accounts.domain.account import Account, Changed, without_email_change
from services.accounts.domain.closing import Closing
from services.accounts.domain.events import ClosingChanged, DomainEvent, NoticeDue, NoticeKind, SessionsEnded
from services.accounts.domain.helps import Help, with_help
from services.accounts.domain.states import GONE, State
from services.accounts.domain.text import folded
from services.contracts.refusals import STALE_VERSION
from services.contracts.refusals.accounts import DOUBT_DECIDED

VerdictKind = Literal["two-persons", "one-person"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out of a pair, by whom, when and why; `closed` is the account that is by it, of one person."""

    kind: VerdictKind
    by: str
    at: datetime
    reason: str
    closed: str = ""

    def says(self, other: Verdict) -> bool:
        """Whether both find the same."""
        return (self.kind, self.closed) == (other.kind, other.closed)


Closer = tuple[str, Verdict]
"""What closes an account, and the one that its person goes on with by it."""


def decided(there: Verdict | None, version: int, given: Verdict, *, expected: int | None) -> Verdict:
    """The verdict in force after one is given; the same again changes nothing.

    Another one than there is must name the version that was seen. Raises STALE_VERSION, DOUBT_DECIDED.
    """
    if there is not None and there.says(given):
        return there
    if expected is not None and expected != version:
        raise STALE_VERSION(version=version)
    if there is not None and expected is None:
        raise DOUBT_DECIDED()
    return given


def settled(account: Account, id: str, other: str, verdict: Verdict, beside: Sequence[Closer] = ()) -> Changed:
    """An account of the pair as a verdict would have it: closed, or open again if nothing else, `beside`, closes it.

    The person reads what was done, each once; of the reason who is closed alone.
    """
    if account.state in GONE:
        return account, ()
    closers = [(other, verdict), *beside] if verdict.closed == id else beside
    reopened = Help("account-reopened", verdict.by, verdict.at)
    account, told = _as_found(account, closers, reopened)
    if verdict.kind == "two-persons" and reopened not in account.helps:
        account = _helped(account, Help("told-apart", verdict.by, verdict.at))
    return account, told


def opened(account: Account, beside: Sequence[Closer], reopened: Help) -> Changed:
    """An account that was closed for one that is gone: closed for another one by what is `beside` that, or no more."""
    return (account, ()) if account.state in GONE else _as_found(account, beside, reopened)


def same(one: Account, other: Account) -> list[str]:
    """What both say alike, whatever the case and the accents."""
    pairs = {
        "family_name": (one.person.family_name, other.person.family_name),
        "given_name": (one.person.given_name, other.person.given_name),
        "birth_date": (_birth_date(one), _birth_date(other)),
    }
    return [name for name, (here, there) in pairs.items() if here and folded(here) == folded(there)]


def _as_found(account: Account, closers: Sequence[Closer], reopened: Help) -> Changed:
    """Closed as long as one of these closes it, and for the account of one that does; who was told of the end is told."""
    closing = account.closed
    if closing is None:
        return _close(account, *closers[0]) if closers else (account, ())
    if not closers:
        told = _told(account, "account-reopened")
        return _helped(replace(account, closed=None), reopened), (*told, ClosingChanged())
    if closing.kept in {kept for kept, _ in closers}:
        return account, ()
    return replace(account, closed=Closing(closers[0][0], closing.at)), (ClosingChanged(),)


def _close(account: Account, kept: str, verdict: Verdict) -> Changed:
    """All logins end; who has proved the address is told there."""
    told = _told(account, "account-closed")
    account = without_email_change(account)
    closed = replace(account, closed=Closing(kept, verdict.at), epoch=account.epoch + 1)
    given = Help("account-closed", verdict.by, verdict.at, verdict.reason)
    return _helped(closed, given), (*told, SessionsEnded(), ClosingChanged())


def _told(account: Account, kind: NoticeKind) -> tuple[DomainEvent, ...]:
    return (NoticeDue(kind, account.person.email),) if account.state is State.VALIDATED else ()


def _helped(account: Account, given: Help) -> Account:
    return account if given in account.helps else replace(account, helps=with_help(account.helps, given))


def _birth_date(account: Account) -> str:
    identity = account.profile.identity
    return "" if identity is None else identity.birth_date or ""
