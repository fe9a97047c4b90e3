"""What people ask by naming an address: an account, a new link, their identifiers, another address.

It is checked here and done afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from services.accounts.domain import email_changes as email_rules
from services.accounts.domain.account import Account, Language, Person
from services.accounts.domain.registration import registration_faults
from services.accounts.domain.requests import Request, What
from services.accounts.domain.text import unlinked
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases import email_changes, ent
from services.accounts.usecases.addresses import checked_email
from services.accounts.usecases.app import App
from services.accounts.usecases.proving import prove_person
from services.accounts.usecases.requests import take
from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.failpoints import failpoint
from services.contracts.api.accounts import Registration
from services.contracts.api.rights import EmailChange
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.accounts import NO_ACTIVE_CAMPAIGN, SESSION_ENDED, TOO_MANY_REQUESTS


def checked_registration(body: Registration) -> tuple[str, list[FieldError]]:
    """The address as it is kept, and all that is wrong with a registration."""
    faults = []
    if body.single_name and body.given_name:
        faults.append(FieldError("given_name", "one-name-only", given=("single_name",)))
    given_name = None if body.single_name else body.given_name or ""
    faults += registration_faults(body.family_name, given_name, body.email, body.email_confirmation)
    return (checked_email("email", body.email, faults) if body.email else ""), faults


def checked_address(email: str) -> tuple[str, list[FieldError]]:
    """The address as it is kept, and what is wrong with it."""
    faults: list[FieldError] = []
    return checked_email("email", email, faults), faults


async def ask_for_account(
    app: App, body: Registration, language: Language, client: Client | None, command: CommandContext
) -> None:
    """Ask for an account in the active campaign.

    A ticket of the ENT says for whom, and is good once. Raises INVALID_FIELDS with all that is wrong, NO_ACTIVE_CAMPAIGN,
    ENT_REGISTRATION_OVER, TOO_MANY_REQUESTS, KEY_REUSED.
    """
    email, faults = checked_registration(body)
    if faults:
        raise INVALID_FIELDS(fields=faults)
    campaign = (await app.campaigns.load()).active
    if campaign is None:
        raise NO_ACTIVE_CAMPAIGN()
    given_name = "" if body.single_name else unlinked(body.given_name or "")
    person = Person(unlinked(body.family_name), given_name, email, body.language or language)
    ticket = body.registration_ticket
    identity = None if ticket is None else await ent.registrant(app, ticket, command)
    request = Request("registration", person, command.now, command.correlation, campaign, identity, command.traceparent)
    await take(app, request, client, command, None if ticket is None else partial(ent.use_up, app, ticket, command))


async def ask_for_link(app: App, what: What, email: str, client: Client | None, command: CommandContext) -> None:
    """Ask for a mail with a link to an address; raises INVALID_FIELDS, TOO_MANY_REQUESTS, KEY_REUSED."""
    address, faults = checked_address(email)
    if faults:
        raise INVALID_FIELDS(fields=faults)
    person = Person("", "", address, "fr")
    request = Request(what, person, command.now, command.correlation, traceparent=command.traceparent)
    await take(app, request, client, command)


def checked_change(account: Account, body: EmailChange) -> tuple[str, list[FieldError]]:
    """The new address as it is kept, and all that is wrong with it."""
    faults = email_rules.email_faults(account, body.email, body.email_confirmation)
    if account.password and not body.password:
        faults.append(FieldError("password", "required"))
    return (checked_email("email", body.email, faults) if body.email else ""), faults


async def _repeated(app: App, actor: Actor, body: EmailChange, command: CommandContext) -> Outcome[Account] | None:
    """The outcome of this very request if it was done before: the login that sent it again has ended by it."""
    saved, (email, _) = await app.accounts.own(actor), checked_address(body.email)
    if saved is None or not email:
        return None
    command = email_changes.command_of(saved.id, email, command)
    return app.accounts.repeated(saved, command) if app.accounts.remembers(saved, command) else None


async def ask_for_email_change(
    app: App, actor: Actor, body: EmailChange, client: Client | None, command: CommandContext
) -> Outcome[Account]:
    """Ask for another address; the present one is told at once and stays in force, all sessions end.

    Raises SESSION_ENDED, INVALID_FIELDS (also for a wrong password), LOGIN_TOO_OLD, TOO_MANY_ATTEMPTS, TOO_MANY_REQUESTS,
    ACCOUNT_NOT_VALIDATED, KEY_REUSED, BUSY.
    """
    if (done := await _repeated(app, actor, body, command)) is not None:
        return done
    saved = await require_live_session(app.accounts, app.sessions, actor, command.now)
    email, faults = checked_change(saved.state, body)
    if faults:
        raise INVALID_FIELDS(fields=faults)
    if seconds := email_rules.wait(saved.state, command.now):
        raise TOO_MANY_REQUESTS(retry_after=seconds, seconds=seconds)
    await prove_person(app, saved, body.password, client, command)
    command = replace(command, key=command.key or app.ids.new())
    person = Person("", "", email, saved.state.person.language)
    request = Request(
        "email-change",
        person,
        command.now,
        command.correlation,
        saved.state.campaign,
        traceparent=command.traceparent,
        account=saved.id,
    )
    command = email_changes.command_of(saved.id, email, command)
    await take(app, request, client, command)
    failpoint("accounts.change-taken")
    outcome = await email_changes.begin(app, request, command)
    if outcome is None:
        raise SESSION_ENDED()
    return outcome
