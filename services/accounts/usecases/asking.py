"""What people ask before they are anybody: an account, a new link, their identifiers; checked here, done afterwards."""

from __future__ import annotations

from functools import partial

from services.accounts.domain.account import Language, Person
from services.accounts.domain.registration import registration_faults
from services.accounts.domain.requests import Request, What
from services.accounts.domain.text import unlinked
from services.accounts.usecases import ent
from services.accounts.usecases.addresses import checked_email
from services.accounts.usecases.app import App
from services.accounts.usecases.requests import take
from services.chassis.clients import Client
from services.chassis.context import CommandContext
from services.contracts.api.accounts import Registration
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.accounts import NO_ACTIVE_CAMPAIGN


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
