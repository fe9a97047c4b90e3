"""Telling others anew how things stand with accounts, when they have missed it: never what was, and never a link."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence

from services.accounts.domain.account import Account
from services.accounts.domain.events import AddressChanged, CardChanged, ClosingChanged, DomainEvent, StaffChanged
from services.accounts.domain.profile import missing
from services.accounts.domain.states import GONE
from services.accounts.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision


def everybody(app: App) -> AsyncGenerator[str, None]:
    """All accounts, by id, also those that cannot be read."""
    return app.accounts.ids()


async def announce_address(app: App, account: str, command: CommandContext) -> None:
    """Where and how to write to the person of an account."""
    await _announce(app, account, lambda _: [AddressChanged()], command)


async def announce_card(app: App, account: str, command: CommandContext) -> None:
    """The card of a candidate, if a step of the profile was given."""

    def card(account: Account) -> Sequence[DomainEvent]:
        if account.is_staff or not account.profile.version:
            return ()
        return [CardChanged(missing(account.profile, app.rules.student_number_from))]

    await _announce(app, account, card, command)


async def announce_closing(app: App, account: str, command: CommandContext) -> None:
    """Whether an account is closed, if it is or was: of others there is nothing to say."""

    def closing(account: Account) -> Sequence[DomainEvent]:
        was_closed = any(each.what == "account-closed" for each in account.helps)
        return [ClosingChanged()] if account.closed is not None or was_closed else ()

    await _announce(app, account, closing, command)


async def announce_staff(app: App, account: str, command: CommandContext) -> None:
    """What a member of staff may do, and how they are known; of others there is nothing to say."""
    await _announce(app, account, lambda account: [StaffChanged()] if account.is_staff else (), command)


async def _announce(
    app: App, account: str, domain_events: Callable[[Account], Sequence[DomainEvent]], command: CommandContext
) -> None:
    def decide(account: Account) -> Decision[Account]:
        return Decision(account, domain_events(account) if account.state not in GONE else ())

    await app.accounts.change(account, decide, command)
