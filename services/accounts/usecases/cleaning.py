"""Timed work: accounts never validated go, and so does what is over. Every replica may do it, after whatever stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.accounts.domain.account import Account, expire
from services.accounts.domain.states import State
from services.accounts.usecases.app import Accounts
from services.chassis.aggregates import Decision, Saved
from services.chassis.commands import Command

BATCH: Final = 100


async def clean_up_accounts(app: Accounts, command: Command) -> int:
    """End accounts that were never validated and remove what is left of them (acceptance 9); answer how many steps it took.

    An account goes in two steps: emptied and announced first, removed once the announcement has left its outbox.
    """
    kept = timedelta(hours=app.settings.expired_kept_hours)
    done = 0
    for saved in await app.accounts.due(command.now - kept, BATCH):
        done += await _clean(app, saved, command, command.now - kept)
    return done


async def _clean(app: Accounts, saved: Saved[Account], command: Command, before: datetime) -> bool:
    if saved.state.state is State.EXPIRED:
        return not saved.outbox and await app.accounts.remove(saved.id, saved.version)

    def decide(account: Account) -> Decision[Account]:
        return Decision(*expire(account)) if account.has_lapsed(before) else Decision(account)

    outcome = await app.accounts.change(saved.id, decide, replace(command, key=None))
    return outcome is not None and bool(outcome.events)


async def sweep(app: Accounts, command: Command) -> int:
    """Take away sessions, links, failures and keys whose time is over; answer how many went."""
    return (
        await app.sessions.sweep(command.now)
        + await app.links.sweep(command.now)
        + await app.throttles.sweep(command.now)
        + await app.keys.sweep(command.now)
    )
