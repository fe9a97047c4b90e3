"""Members of staff: appointed, given other grants, removed, by who gives commands at the machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final

from services.accounts.domain.account import Account, Person, erase
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.grants import Giving, Grant, with_grant
from services.accounts.domain.staff import appoint, grant, invite
from services.accounts.domain.text import folded
from services.accounts.repository.accounts import ADDRESS_TAKEN
from services.accounts.usecases.addresses import checked_email
from services.accounts.usecases.app import App
from services.accounts.usecases.mailing import mail_a_link
from services.accounts.usecases.registration import free_address
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.chassis.ports import DuplicateKey
from services.contracts.languages import Language
from services.contracts.refusals import BUSY, INVALID_FIELDS, FieldError

MAX_TRIES: Final = 5


async def add_staff(
    app: App, email: str, given: Grant, language: Language, command: CommandContext, *, by_link: bool = True
) -> Versioned[Account]:
    """Give somebody a role: the first mails them a link by which they set a password, and so does each until they have.

    Not so unless they are to come in `by_link`. Their sessions end when their grants are others. Raises INVALID_FIELDS for
    what is no address, BUSY.
    """
    given = replace(given, giving=Giving(str(command.actor), command.now))
    faults: list[FieldError] = []
    address = checked_email("email", email, faults)
    if faults:
        raise INVALID_FIELDS(fields=faults)
    for _ in range(MAX_TRIES):
        there = await free_address(app, NO_CAMPAIGN, folded(address), command)
        if there is None:
            person = Person("", "", address, language)
            if (opened := await appointed(app, person, (given,), command, by_link=by_link)) is not None:
                return opened.saved
            continue
        outcome = await app.accounts.change(
            there.id, lambda account: Decision(*grant(account, with_grant(account.grants, given))), command
        )
        if outcome is None:
            continue
        if not by_link:
            return outcome.saved
        await mail_a_link(
            app,
            outcome.saved,
            "validation",
            lambda account, token: invite(account, token, now=command.now, good_for=app.link_time),
            command,
        )
        return outcome.saved
    raise BUSY(retry_after=1)


async def remove_staff(app: App, email: str, command: CommandContext) -> str | None:
    """Take all rights from somebody, and forget them as staff; answers the id of their account, None if they were none."""
    there = await app.accounts.by_address(NO_CAMPAIGN, folded(email))
    if there is None:
        return None
    await app.accounts.change(there.id, lambda account: Decision(*erase(account)), command)
    return there.id


def all_staff(app: App) -> AsyncIterator[Versioned[Account]]:
    """All members of staff."""
    return app.accounts.staff()


async def appointed(
    app: App, person: Person, given: Sequence[Grant], command: CommandContext, *, by_link: bool = True
) -> Outcome[Account] | None:
    """A new member of staff, to whom a link is mailed if one is to be; None if there is one of this address by now."""
    number = await app.numbers.take(app.rules.file_number_prefix, NO_CAMPAIGN, command.now)
    id, token = app.ids.new(), app.ids.token() if by_link else None
    if token is not None:
        await app.links.point(token, id, "validation", command.now + app.link_time)
    account, events = appoint(person, number, tuple(given), token, now=command.now, good_for=app.link_time)
    try:
        return await app.accounts.add(id, Decision(account, events), replace(command, expected=None))
    except DuplicateKey as taken:
        if taken.index != ADDRESS_TAKEN:
            raise
        return None
