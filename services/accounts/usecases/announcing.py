"""Telling others anew how things stand with accounts, when they have missed it: never what was, and never a link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from services.accounts.domain.account import Account
from services.accounts.domain.facts import AddressChanged, CardChanged, Fact
from services.accounts.domain.profile import missing
from services.accounts.domain.states import GONE
from services.accounts.usecases.app import Accounts
from services.chassis.context import Command
from services.chassis.events.aggregates import Decision

PAGE: Final = 100


async def announce_addresses(app: Accounts, account: str | None, command: Command) -> None:
    """Where and how to write to the person of one account, or of all."""
    await _announce(app, account, lambda _: [AddressChanged()], command)


async def announce_cards(app: Accounts, account: str | None, command: Command) -> None:
    """The card of one account, or of all that have given a step of their profile."""

    def card(account: Account) -> Sequence[Fact]:
        if not account.profile.version:
            return ()
        return [CardChanged(missing(account.profile, app.settings.student_number_from))]

    await _announce(app, account, card, command)


async def _announce(
    app: Accounts, account: str | None, facts: Callable[[Account], Sequence[Fact]], command: Command
) -> None:
    def decide(account: Account) -> Decision[Account]:
        return Decision(account, facts(account) if account.state not in GONE else ())

    if account is not None:
        await app.accounts.change(account, decide, command)
        return
    after: tuple[str] | None = None
    while page := await app.accounts.find({}, limit=PAGE, after=after):
        for saved in page:
            await app.accounts.change(saved.id, decide, command)
        after = (page[-1].id,)
