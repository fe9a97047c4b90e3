"""What accounts tells others: its facts as events of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.accounts.domain import facts
from services.accounts.domain.account import Account
from services.accounts.domain.profile import StepName, plain
from services.accounts.domain.states import State
from services.contracts.events import accounts as events
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant_text


def account_events(id: str, account: Account, fact: Any) -> Sequence[Event]:
    """The events that say a fact of an account; its state is the one after the fact."""
    event: Event
    match fact:
        case facts.Registered():
            event = events.AccountRegistered(account=id, campaign=account.campaign)
        case facts.AddressChanged():
            event = _address(id, account)
        case facts.LinkIssued():
            event = _link(id, account, fact)
        case facts.SessionEnded(session):
            event = events.SessionRevoked(account=id, session=session)
        case facts.SessionsEnded():
            event = events.SessionRevoked(account=id, epoch=account.epoch)
        case facts.Validated():
            event = events.AccountValidated(account=id, campaign=account.campaign)
        case facts.Expired():
            event = events.AccountExpired(account=id, campaign=account.campaign)
        case facts.Erased():
            event = events.AccountErased(account=id, campaign=account.campaign)
        case facts.CardChanged(missing):
            event = _card(id, account, missing)
        case facts.ProfileCompleted():
            event = events.ProfileCompleted(account=id, campaign=account.campaign)
        case _:
            raise TypeError(f"not a fact of an account: {fact!r}")
    return [event]


def without_person(event: Event) -> Event:
    """What an event of an account says when the person is forgotten: that there was one."""
    match event:
        case events.AddressChanged():
            return event.model_copy(update=dict.fromkeys(("file_number", "email", "family_name", "given_name"), ""))
        case events.LinkIssued():
            secret = ("file_number", "email", "family_name", "given_name", "token")
            return event.model_copy(update=dict.fromkeys(secret, ""))
        case events.CardChanged():
            return event.model_copy(update={"file_number": "", "steps": {}})
        case _:
            return event


def _address(id: str, account: Account) -> Event:
    return events.AddressChanged(
        account=id,
        file_number=account.file_number,
        email=account.person.email,
        family_name=account.person.family_name,
        given_name=account.person.given_name,
        language=account.person.language,
    )


def _link(id: str, account: Account, fact: facts.LinkIssued) -> Event:
    """A mail to an address that nobody has proved to be theirs repeats nothing that somebody has typed there."""
    proved = account.state is State.VALIDATED
    return events.LinkIssued(
        account=id,
        kind=fact.kind,
        email=account.person.email,
        given_name=account.person.given_name if proved else "",
        family_name=account.person.family_name if proved else "",
        file_number=account.file_number,
        language=account.person.language,
        path=fact.path,
        token=fact.token,
        expires_at=instant_text(fact.expires_at),
    )


def _card(id: str, account: Account, missing: tuple[StepName, ...]) -> Event:
    return events.CardChanged(
        account=id,
        campaign=account.campaign,
        file_number=account.file_number,
        version=account.profile.version,
        missing=list(missing),
        steps={step: plain(given.data) for step, given in account.profile.steps.items()},
    )
