"""Changing the address of an account (acceptance 17, 18; ADR 60).

Whoever asks gets the same answer after the same work whether or not somebody else has the new address: what is mailed
there is decided afterwards, as for everybody who names an address (ADR 36).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from services.accounts.domain import email_changes as rules
from services.accounts.domain.account import Account
from services.accounts.domain.helps import Help
from services.accounts.domain.requests import Request
from services.accounts.domain.states import Action
from services.accounts.domain.text import folded
from services.accounts.repository.accounts import ADDRESS_TAKEN
from services.accounts.usecases.app import App
from services.accounts.usecases.mailing import mail_a_link
from services.accounts.usecases.registration import free_address
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.ports import DuplicateKey
from services.contracts.refusals import NOT_FOUND, RefusedError
from services.contracts.refusals.accounts import ALREADY_VALIDATED, LINK_EXPIRED, LINK_USED


def command_of(account: str, email: str, command: CommandContext, given: Help | None = None) -> CommandContext:
    """The command that begins a change, as it is remembered: whose, to which address, for what reason, and no password."""
    why = "" if given is None else f"\n{given.reason}"
    digest = hashlib.sha256(f"email-change\n{account}\n{email}{why}".encode()).hexdigest()
    return replace(command, digest=digest)


async def is_for_email_change(app: App, token: str) -> bool:
    """Whether a link is that of a change of address."""
    pointer = await app.links.find(token)
    return pointer is not None and pointer.purpose == "email-change"


async def work_off(app: App, request: Request, work: CommandContext) -> None:
    """Begin a change, if who took the request could not, and mail its link, or that somebody has the address already."""
    there = await app.accounts.get(request.account)
    if there is None or not there.state.allows(Action.CHANGE_ADDRESS):
        return  # forgotten meanwhile
    begun = await begin(app, request, command_of(request.account, request.person.email, work, request.given))
    saved = None if begun is None else await app.accounts.get(request.account)
    change = None if saved is None else saved.state.email_change
    if saved is None or change is None or (change.email, change.asked_at) != (request.person.email, request.at):
        return
    work = replace(work, key=f"{work.key}-link")
    if await free_address(app, saved.state.campaign, folded(change.email), work) is not None:
        await app.accounts.change(saved.id, lambda it: Decision(*rules.tell_that_it_is_taken(it, change)), work)
        return
    await mail_a_link(
        app,
        saved,
        "email-change",
        lambda account, token: rules.issue_email_change_link(account, change, token, now=work.now),
        work,
    )


async def follow_email_change(app: App, token: str, command: CommandContext) -> Outcome[Account]:
    """Put the new address into force; the answer is `{login}`.

    Where somebody else has it by now, the link has expired, and a mail there says why. Raises NOT_FOUND for a forged link,
    LINK_EXPIRED, ALREADY_VALIDATED, KEY_REUSED, BUSY.
    """
    pointer = await app.links.find(token)
    if pointer is None or pointer.purpose != "email-change":
        raise NOT_FOUND()
    command = replace(command, digest=pointer.digest)
    saved = await app.accounts.get(pointer.account)
    if saved is None:
        raise LINK_EXPIRED()
    change = saved.state.email_change

    def decide(account: Account) -> Decision[Account]:
        return Decision(*rules.change_email(account, pointer.digest, now=command.now), {"login": account.file_number})

    try:
        if change is not None and not app.accounts.remembers(saved, command):
            await free_address(app, saved.state.campaign, folded(change.email), command)
        outcome = await app.accounts.change(saved.id, decide, command)
    except RefusedError as refusal:
        if refusal.slug is LINK_USED:
            raise ALREADY_VALIDATED() from None
        raise
    except DuplicateKey as taken:
        if taken.index != ADDRESS_TAKEN or change is None:
            raise
        give_up = replace(command, key=None)
        await app.accounts.change(saved.id, lambda it: Decision(*rules.give_up_email_change(it, change)), give_up)
        raise LINK_EXPIRED() from None
    if outcome is None:
        raise LINK_EXPIRED()
    return outcome


async def begin(app: App, request: Request, command: CommandContext) -> Outcome[Account] | None:
    """Note the change and end all sessions, once; None if the account is no more. Raises ACCOUNT_NOT_VALIDATED."""

    def decide(account: Account) -> Decision[Account]:
        email, given = request.person.email, request.given
        return Decision(*rules.ask_email_change(account, email, now=request.at, good_for=app.link_time, given=given))

    outcome = await app.accounts.change(request.account, decide, command)
    if outcome is not None:
        await app.sessions.end_before(request.account, outcome.saved.state.epoch)
    return outcome
