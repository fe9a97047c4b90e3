"""Pairs of accounts that bear one student number: whether they are one person, and what becomes of them (acceptance 30)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.accounts.domain.account import Account, Changed, without_email_change
from services.accounts.domain.closing import Closing
from services.accounts.domain.events import DomainEvent, NoticeDue, SessionsEnded
from services.accounts.domain.helps import Help, HelpKind, with_help
from services.accounts.domain.states import State
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


def settled(account: Account, id: str, other: str, verdict: Verdict) -> Changed:
    """An account of the pair as a verdict would have it: closed, or open again if it was closed for the `other` one.

    The person reads what was done, each once; of the reason who is closed alone.
    """
    closing = account.closed
    if verdict.closed == id:
        if closing is not None:
            return account, ()
        return _close(account, other, verdict)
    if closing is not None and closing.kept == other:
        return _helped(replace(account, closed=None), "account-reopened", verdict), ()
    if verdict.kind == "two-persons":
        return _helped(account, "told-apart", verdict), ()
    return account, ()


def opened(account: Account, gone: str) -> Account:
    """An account that is closed no more if the one it was closed for is gone."""
    return replace(account, closed=None) if account.closed is not None and account.closed.kept == gone else account


def same(one: Account, other: Account) -> list[str]:
    """What both say alike, whatever the case and the accents."""
    pairs = {
        "family_name": (one.person.family_name, other.person.family_name),
        "given_name": (one.person.given_name, other.person.given_name),
        "birth_date": (_birth_date(one), _birth_date(other)),
    }
    return [name for name, (here, there) in pairs.items() if here and folded(here) == folded(there)]


def _close(account: Account, kept: str, verdict: Verdict) -> Changed:
    """All logins end; who has proved the address is told there."""
    proved = account.state is State.VALIDATED
    told: tuple[DomainEvent, ...] = (NoticeDue("account-closed", account.person.email),) if proved else ()
    account = without_email_change(account)
    closed = replace(account, closed=Closing(kept, verdict.at), epoch=account.epoch + 1)
    return _helped(closed, "account-closed", verdict), (*told, SessionsEnded())


def _helped(account: Account, what: HelpKind, verdict: Verdict) -> Account:
    given = Help(what, verdict.by, verdict.at, verdict.reason if what == "account-closed" else "")
    return account if given in account.helps else replace(account, helps=with_help(account.helps, given))


def _birth_date(account: Account) -> str:
    identity = account.profile.identity
    return "" if identity is None else identity.birth_date or ""
