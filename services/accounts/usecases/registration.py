"""Opening accounts, or mailing that there is one already (acceptance 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.accounts.domain.account import (
    Account,
    EntIdentity,
    Person,
    expire,
    register,
    renew_link,
    tell_that_it_exists,
)
from services.accounts.domain.text import folded
from services.accounts.repository.accounts import ADDRESS_TAKEN
from services.accounts.usecases.app import App
from services.accounts.usecases.mailing import mail_a_link
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import DuplicateKey
from services.contracts.refusals import BUSY

MAX_TRIES: Final = 5


async def open_or_tell(
    app: App, person: Person, campaign: str, ent: EntIdentity | None, command: CommandContext
) -> None:
    """Open an account and mail its link, or mail that there is one; raises BUSY if others always come first.

    `ent` is who asks by the ENT: they get in by it once the link in the mail is followed, and not before.
    """
    for _ in range(MAX_TRIES):
        there = await free_address(app, campaign, folded(person.email), command)
        if there is None:
            if await _open(app, person, campaign, ent, command):
                return
        elif ent is not None and there.state.waits_for(ent):
            await mail_a_link(
                app,
                there,
                "validation",
                lambda account, token: renew_link(account, token, now=command.now, good_for=app.link_time),
                command,
            )
            return
        else:
            await mail_a_link(
                app,
                there,
                "password-reset",
                lambda account, token: tell_that_it_exists(account, token, now=command.now, good_for=app.reset_time),
                command,
            )
            return
    raise BUSY(retry_after=1)


async def free_address(app: App, campaign: str, address: str, command: CommandContext) -> Versioned[Account] | None:
    """Who has a folded address, None if it is free: an account whose time is over is ended by this."""
    there = await app.accounts.by_address(campaign, address)
    if there is not None and there.state.has_lapsed(command.now) and not app.accounts.remembers(there, command):
        await app.accounts.change(there.id, lambda account: _free(account, command), replace(command, key=None))
        return await app.accounts.by_address(campaign, address)
    return there


def _free(account: Account, command: CommandContext) -> Decision[Account]:
    return Decision(*expire(account)) if account.has_lapsed(command.now) else Decision(account)


async def _open(app: App, person: Person, campaign: str, ent: EntIdentity | None, command: CommandContext) -> bool:
    """Open an account; False if somebody else has the address by now."""
    number = await app.numbers.take(app.rules.file_number_prefix, campaign, command.now)
    id, token = app.ids.new(), app.ids.token()
    await app.links.point(token, id, "validation", command.now + app.link_time)
    account, domain_events = register(person, campaign, number, token, now=command.now, good_for=app.link_time, ent=ent)
    try:
        await app.accounts.add(id, Decision(account, domain_events), command)
    except DuplicateKey as taken:
        if taken.index != ADDRESS_TAKEN:
            raise
        return False
    return True
