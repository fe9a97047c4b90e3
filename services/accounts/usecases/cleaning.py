"""Timed work: accounts never validated go, and so does what is over. Every replica may do it, after whatever stop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

from services.accounts.domain.account import Account, expire
from services.accounts.domain.states import GONE
from services.accounts.publications import without_person
from services.accounts.usecases.app import App
from services.accounts.usecases.doubts import open_beside
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import Document


def lapsed_accounts(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """Accounts never validated whose time is over, and what is left of them."""
    return app.accounts.due(_before(app, command))


async def clean_up_account(app: App, row: Document, command: CommandContext) -> bool:
    """End an account that was never validated and remove what is left of it (acceptance 9); answer whether a step was taken.

    It goes in two steps: emptied and announced first, removed once the announcement has left its outbox.
    """
    saved, before = app.accounts.loaded(row), _before(app, command)
    if saved.state.state in GONE:
        return not saved.outbox and await _forget(app, saved, command)

    def decide(account: Account) -> Decision[Account]:
        return Decision(*expire(account)) if account.has_lapsed(before) else Decision(account)

    outcome = await app.accounts.change(saved.id, decide, replace(command, key=None))
    return outcome is not None and bool(outcome.events)


def _before(app: App, command: CommandContext) -> datetime:
    return command.now - timedelta(hours=app.rules.expired_kept_hours)


async def _forget(app: App, saved: Versioned[Account], command: CommandContext) -> bool:
    """Take the last traces away: what was told of the person, sessions, devices, drafts, the account itself."""
    if saved.state.farewell and not await app.is_published(app.accounts.order_key(saved.id)):
        return False  # a last mail waits for its way: by a name that is rewritten it would reach nobody
    await app.told.rewrite(app.accounts.order_key(saved.id), without_person)
    await app.sessions.end_all(saved.id)
    await app.devices.forget_all(saved.id)
    await open_beside(app, saved.id, command)
    await app.doubts.forget_all(saved.id)
    await app.drafts.forget_all(saved.id)
    await app.lookups.forget_all(saved.id)
    return await app.accounts.remove(saved.id, saved.version)


async def sweep(app: App, command: CommandContext) -> int:
    """Take away sessions, links, failures, keys, devices and drafts whose time is over; answer how many went."""
    return (
        await app.sessions.sweep(command.now)
        + await app.links.sweep(command.now)
        + await app.throttles.sweep(command.now)
        + await app.keys.sweep(command.now)
        + await app.devices.sweep(command.now)
        + await app.drafts.sweep(command.now)
        + await app.lookups.sweep(command.now)
        + await app.ent_visits.sweep(command.now)
        + await app.challenges.sweep(command.now)
    )


async def forget_strays(app: App, command: CommandContext) -> int:
    """Take away what is kept for accounts that are no more; answer for how many.

    Who comes in while their account is erased takes back what they have written; here goes what a process left that was
    killed before it could, or whose store fell silent.
    """

    async def forget_doubts(gone: str) -> None:
        await open_beside(app, gone, command)
        await app.doubts.forget_all(gone)

    strays = 0
    for holders, forget in (
        (app.sessions.holders, app.sessions.end_all),
        (app.devices.holders, app.devices.forget_all),
        (app.doubts.holders, forget_doubts),
        (app.drafts.holders, app.drafts.forget_all),
        (app.lookups.holders, app.lookups.forget_all),
    ):
        after = ""
        while accounts := await holders(after):
            for gone in set(accounts) - await app.accounts.there(accounts):
                await forget(gone)
                strays += 1
            after = accounts[-1]
    return strays


async def make_findable(app: App, command: CommandContext) -> int:
    """Have people found by their names whose accounts an earlier release has written; answer how many were not."""
    return await app.finder.make_findable()
