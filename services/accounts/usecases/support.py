"""What support does for people who asked them to: never for staff, whom administrators look after (ADR 84)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

import structlog

from services.accounts.domain import email_changes as email_rules
from services.accounts.domain import support as rules
from services.accounts.domain import throttles
from services.accounts.domain.account import Account, Changed, Person
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.finding import starts
from services.accounts.domain.grants import administers, in_force
from services.accounts.domain.helps import Help, HelpKind
from services.accounts.domain.links import Purpose
from services.accounts.domain.requests import Request
from services.accounts.domain.states import Action
from services.accounts.repository.finding import FoundPage, Place
from services.accounts.repository.live_sessions import require_live_staff
from services.accounts.usecases import email_changes
from services.accounts.usecases.addresses import checked_email
from services.accounts.usecases.app import App
from services.accounts.usecases.requests import take
from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.contracts.actors import ActorKind, Role
from services.contracts.api.support import PeopleQuery, PersonEmailChange
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError, RefusedError
from services.contracts.refusals.accounts import (
    ACCOUNT_NOT_VALIDATED,
    HELPED_LATELY,
    PERSON_OF_STAFF,
    PERSON_WRONG_STATE,
    RIGHT_OF_EVERYTHING,
    TOO_MANY_REQUESTS,
)

log = structlog.get_logger()

_ROLES: Final = (Role.SUPPORT, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who acts for whom, and over which line."""

    actor: Actor
    id: str
    client: Client | None


async def find_people(
    app: App, actor: Actor, query: PeopleQuery, place: Place | None, command: CommandContext
) -> FoundPage:
    """Whose number, names or address begin so; members of staff for administrators alone.

    What was typed is written down nowhere. Raises SESSION_ENDED, NOT_FOUND, TOO_MANY_REQUESTS.
    """
    admin = await require_support(app, actor, command)
    if wait := await app.throttles.count(throttles.searches(str(actor), query.limit), command.now):
        raise TOO_MANY_REQUESTS(retry_after=wait, seconds=wait)

    def is_shown(account: Account) -> bool:
        return not account.has_lapsed(command.now) and (admin or not account.is_staff)

    found = await app.finder.page(starts(query.q), place, query.limit, is_shown)
    log.info("support.searched", by=str(actor), rows=len(found.people))
    return found


async def person(app: App, actor: Actor, id: str, command: CommandContext) -> Versioned[Account]:
    """One person; raises SESSION_ENDED, NOT_FOUND."""
    admin = await require_support(app, actor, command)
    saved = await _there(app, id, command, admin=admin)
    log.info("support.looked", by=str(actor), account=id)
    return saved


async def mail_validation(app: App, asking: Asking, command: CommandContext) -> Outcome[Account]:
    """Mail a validation link anew; raises as `_helping`, PERSON_WRONG_STATE, HELPED_LATELY."""
    helping = await _helping(app, asking, "validation-mail", command)

    def make(account: Account, token: str) -> Changed:
        return rules.mail_validation(account, token, helping.given, good_for=app.link_time)

    return await _mail(app, helping, "validation", make)


async def mail_reset(app: App, asking: Asking, command: CommandContext) -> Outcome[Account]:
    """Mail a reset link to the address in force; raises as `_helping`, HELPED_LATELY, BY_ENT_ALONE."""
    helping = await _helping(app, asking, "password-reset", command)

    def make(account: Account, token: str) -> Changed:
        return rules.mail_reset(account, token, helping.given, good_for=app.reset_time)

    return await _mail(app, helping, "password-reset", make)


async def end_sessions(app: App, asking: Asking, command: CommandContext) -> Outcome[Account]:
    """End all logins of a person, and know none of their browsers any more; raises as `_helping`, PERSON_WRONG_STATE."""
    helping = await _helping(app, asking, "sessions-ended", command)
    outcome = await _change(app, helping, lambda account: rules.end_sessions(account, helping.given))
    await app.sessions.end_before(asking.id, outcome.saved.state.epoch)
    await app.devices.forget_all(asking.id)
    return outcome


async def change_email(app: App, asking: Asking, body: PersonEmailChange, command: CommandContext) -> Outcome[Account]:
    """Ask for another address in the place of a person; it is in force once somebody has followed the link mailed there.

    Raises as `_helping`, PERSON_WRONG_STATE, INVALID_FIELDS, HELPED_LATELY, KEY_REUSED.
    """
    helping = await _helping(app, asking, "email-change", command, body.reason)
    saved, command = helping.saved, replace(helping.command, key=command.key or app.ids.new())
    if saved.state.is_staff:
        raise PERSON_OF_STAFF()
    if faults := typed_faults(body):
        raise INVALID_FIELDS(fields=faults)
    email = _address(body)[0]
    command = email_changes.command_of(asking.id, email, command, helping.given)
    if app.accounts.remembers(saved, command):
        return app.accounts.repeated(saved, command) or Outcome(saved)
    if not saved.state.allows(Action.CHANGE_ADDRESS):
        raise PERSON_WRONG_STATE()
    if faults := email_rules.email_faults(saved.state, email, body.email_confirmation):
        raise INVALID_FIELDS(fields=faults)
    if seconds := email_rules.wait(saved.state, command.now, by_staff=True):
        raise HELPED_LATELY(retry_after=seconds, seconds=seconds)
    request = Request(
        "email-change",
        Person("", "", email, saved.state.person.language),
        command.now,
        command.correlation,
        saved.state.campaign,
        traceparent=command.traceparent,
        account=asking.id,
        given=helping.given,
    )
    await take(app, request, asking.client, command)
    try:
        outcome = await email_changes.begin(app, request, command)
    except RefusedError as refusal:
        if refusal.slug is not ACCOUNT_NOT_VALIDATED:
            raise
        outcome = None  # forgotten in this very moment
    if outcome is None:
        raise NOT_FOUND()
    _tell(helping)
    return outcome


def typed_faults(body: PersonEmailChange) -> list[FieldError]:
    """What is wrong with a new address, whoever is to have it."""
    return [*email_rules.typed_faults(body.email, body.email_confirmation), *_address(body)[1]]


# --- parts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Helping:
    """One act for a person as they are: by a command that says for whom."""

    saved: Versioned[Account]
    given: Help
    command: CommandContext


async def require_support(app: App, actor: Actor, command: CommandContext) -> bool:
    """Make sure that support, or an administrator, of everything asks; answer whether it is the latter.

    Raises for all others (by now) SESSION_ENDED, NOT_FOUND; RIGHT_OF_EVERYTHING for who has it for some centres or boards
    alone: people belong to none.
    """
    if not any(_supports(grant.role, grant.centres, grant.commissions) for grant in actor.grants):
        raise RIGHT_OF_EVERYTHING()
    saved = await require_live_staff(app.accounts, app.sessions, actor, command.now)
    today = app.today(command)
    valid = in_force(saved.state.grants, today)
    if not any(_supports(grant.role, grant.centres, grant.commissions) for grant in valid):
        raise NOT_FOUND()
    return administers(saved.state.grants, today)


def _supports(role: str, centres: Collection[str] | None, commissions: Collection[str] | None) -> bool:
    return role in _ROLES and centres is None and commissions is None


async def _there(app: App, id: str, command: CommandContext, *, admin: bool) -> Versioned[Account]:
    saved = await app.accounts.get(id)
    if saved is None or saved.state.has_lapsed(command.now) or (saved.state.is_staff and not admin):
        raise NOT_FOUND()
    return saved


async def _helping(app: App, asking: Asking, what: HelpKind, command: CommandContext, reason: str = "") -> _Helping:
    """Whom one is to help, unless they are of staff and one is no administrator.

    It counts against the one who acts; mails with links are paced by address as well, whoever asks for them. Raises
    SESSION_ENDED, NOT_FOUND, PERSON_OF_STAFF, TOO_MANY_REQUESTS, PERSON_WRONG_STATE for who is of a campaign that another
    has followed.
    """
    admin = await require_support(app, asking.actor, command)
    saved = await _there(app, asking.id, command, admin=admin)
    if not admin and await is_of_staff(app, saved.state):
        raise PERSON_OF_STAFF()
    if not app.accounts.remembers(saved, command):
        if wait := await app.throttles.count(throttles.helps(str(asking.actor)), command.now):
            raise TOO_MANY_REQUESTS(retry_after=wait, seconds=wait)
        if saved.state.closed is not None or (await app.campaigns.load()).is_over(saved.state.campaign):
            raise PERSON_WRONG_STATE()
    whose = Actor(asking.id, ActorKind.STAFF if saved.state.is_staff else ActorKind.ACCOUNT)
    command = replace(command, personal=False, on_behalf_of=whose)
    return _Helping(saved, Help(what, str(asking.actor), command.now, reason), command)


def _address(body: PersonEmailChange) -> tuple[str, list[FieldError]]:
    """The new address as it is kept, and what is wrong with its form."""
    faults: list[FieldError] = []
    return (checked_email("email", body.email, faults) if body.email else ""), faults


async def is_of_staff(app: App, account: Account) -> bool:
    """Whether somebody of staff has the address, or the identity at the ENT, of a candidate: they are one person."""
    same = [await app.accounts.by_address(NO_CAMPAIGN, account.address)]
    if account.ent is not None:
        same.append(await app.accounts.by_ent(NO_CAMPAIGN, account.ent.subject))
    return account.is_staff or any(saved is not None for saved in same)


async def _mail(
    app: App, helping: _Helping, purpose: Purpose, make: Callable[[Account, str], Changed]
) -> Outcome[Account]:
    """Mail a link, unless this command has done so."""
    token, command = app.ids.token(), helping.command
    if not app.accounts.remembers(helping.saved, command):
        make(helping.saved.state, token)  # what is refused leaves no link behind
        good_for = app.link_time if purpose == "validation" else app.reset_time
        await app.links.point(token, helping.saved.id, purpose, command.now + good_for)
    return await _change(app, helping, lambda account: make(account, token))


async def _change(app: App, helping: _Helping, make: Callable[[Account], Changed]) -> Outcome[Account]:
    outcome = await app.accounts.change(helping.saved.id, lambda account: Decision(*make(account)), helping.command)
    if outcome is None:
        raise NOT_FOUND()
    if not outcome.repeated:
        _tell(helping)
    return outcome


def _tell(helping: _Helping) -> None:
    given = helping.given
    log.warning("support.helped", by=given.by, account=helping.saved.id, verb=given.what)
