"""Rights of staff, given and taken by an administrator of everything who is logged in at this very moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from services.accounts.domain.account import Account, Changed, Person
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.grants import Giving, Grant, administers, beside, grant_faults, will_administer
from services.accounts.domain.staff import check_seen, dismiss, give, grant, invite
from services.accounts.domain.states import State
from services.accounts.domain.text import folded
from services.accounts.repository.live_sessions import require_live_staff
from services.accounts.usecases.addresses import checked_email
from services.accounts.usecases.app import App
from services.accounts.usecases.registration import free_address
from services.accounts.usecases.staff import MAX_TRIES, appointed
from services.chassis.context import Actor, CommandContext, EventRef
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.contracts import file_numbers
from services.contracts.actors import Role
from services.contracts.api import staff as api
from services.contracts.languages import DEFAULT
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION, FieldError
from services.contracts.refusals.accounts import RIGHT_OF_EVERYTHING

_OTHER: Final = FieldError("email", "not-this-person")


async def require_administrator(app: App, actor: Actor, command: CommandContext) -> Sequence[Grant]:
    """The rights of an administrator of everything; raises for all others (by now) SESSION_ENDED, NOT_FOUND.

    RIGHT_OF_EVERYTHING for who has rights for some centres or boards alone, which open nothing here.
    """
    if not any(grant.centres is None and grant.commissions is None for grant in actor.grants):
        raise RIGHT_OF_EVERYTHING()
    saved = await require_live_staff(app.accounts, app.sessions, actor, command.now)
    if not administers(saved.state.grants, app.today(command)):
        raise NOT_FOUND()
    return saved.state.grants


async def member(app: App, actor: Actor, login: str, command: CommandContext) -> Versioned[Account]:
    """The member of staff of a login or an address; raises SESSION_ENDED, NOT_FOUND."""
    await require_administrator(app, actor, command)
    if (saved := await _of_login(app, login)) is None:
        raise NOT_FOUND()
    return saved


async def set_rights(app: App, actor: Actor, login: str, body: api.Rights, command: CommandContext) -> Outcome[Account]:
    """Give somebody these rights in place of all others; whoever is new is invited by mail.

    Raises SESSION_ENDED, NOT_FOUND, INVALID_FIELDS, STALE_VERSION, OWN_ADMINISTRATION, BUSY.
    """
    await require_administrator(app, actor, command)
    email = _address(body.email)
    giving = Giving(str(command.actor), command.now)
    wanted = [_grant(each, giving) for each in body.grants]

    def given(account: Account, giver: Sequence[Grant], *, own: bool) -> Changed:
        return give(account, wanted, giver=giver, expected=command.expected, today=app.today(command))

    for _ in range(MAX_TRIES):
        there = await _of_login(app, login) or await _appointed_by(app, email, command)
        if there is None:
            if folded(login) != folded(email):
                raise INVALID_FIELDS(fields=[_OTHER]) if "@" in login else NOT_FOUND()
            if command.expected is not None:
                raise STALE_VERSION(version=0)
        elif there.state.address != folded(email):
            raise INVALID_FIELDS(fields=[_OTHER])
        if there is not None and (app.accounts.remembers(there, command) or not there.state.has_lapsed(command.now)):
            outcome = await _change(app, actor, there, given, command)
        else:
            outcome = await _appoint(app, None if there is None else there.state, body, wanted, command)
        if outcome is not None:
            return outcome
    raise BUSY(retry_after=1)


async def invite_to_commissions(
    app: App, actor: Actor, body: api.StaffInvitation, command: CommandContext
) -> Outcome[Account]:
    """Give somebody from elsewhere a seat on commissions until a day, beside what they may do already.

    Raises SESSION_ENDED, NOT_FOUND, INVALID_FIELDS, BUSY.
    """
    await require_administrator(app, actor, command)
    email = _address(body.email)
    if body.valid_until < app.today(command):
        raise INVALID_FIELDS(fields=[FieldError("valid_until", "day-is-past")])
    giving = Giving(str(command.actor), command.now)
    seat = Grant(Role.COMMISSION, None, _codes(body.commissions), body.valid_until, giving=giving)

    def seated(account: Account, giver: Sequence[Grant], *, own: bool) -> Changed:
        """Nothing is taken away from anybody by it."""
        return grant(account, beside(account.grants, seat, app.today(command)))

    for _ in range(MAX_TRIES):
        there = await free_address(app, NO_CAMPAIGN, folded(email), command)
        if there is None:
            person = Person("", "", email, body.language or DEFAULT)
            outcome = await appointed(app, person, (seat,), command)
        else:
            outcome = await _change(app, actor, there, seated, command, again=True)
        if outcome is not None:
            return outcome
    raise BUSY(retry_after=1)


async def dismiss_member(app: App, actor: Actor, login: str, command: CommandContext) -> Sequence[EventRef]:
    """Take all rights from somebody, and forget them as staff; answers the events caused.

    Raises SESSION_ENDED, NOT_FOUND, STALE_VERSION, OWN_ADMINISTRATION, BUSY.
    """
    there = await member(app, actor, login, command)

    def dismissed(account: Account, giver: Sequence[Grant], *, own: bool) -> Changed:
        return dismiss(account, own=own, giver=giver, expected=command.expected, today=app.today(command))

    outcome = await _change(app, actor, there, dismissed, command)
    if outcome is None:
        raise NOT_FOUND()
    return outcome.events


# --- parts ------------------------------------------------------------------------------------------------------------


async def _change(
    app: App,
    actor: Actor,
    there: Versioned[Account],
    make: Callable[..., Changed],
    command: CommandContext,
    *,
    again: bool = False,
) -> Outcome[Account] | None:
    """Change the rights of an account, and mail the link anew to who has not followed it and gets others.

    With `again` it is mailed to them even if they get no others.
    """
    own = there.id == actor.id
    waits = there.state.state is State.PENDING and not app.accounts.remembers(there, command)
    token = app.ids.token()
    administered = will_administer(there.state.grants, app.today(command))
    async with _turn(app, actor, command, needed=administered and not own) as giver:
        if waits and (again or make(there.state, giver, own=own)[1]):
            await app.links.point(token, there.id, "validation", command.now + app.link_time)

        def decide(account: Account) -> Decision[Account]:
            changed, events = make(account, giver, own=own)
            if will_administer(account.grants, app.today(command)) and not administered:
                raise BUSY(retry_after=1)  # it has become one meanwhile, and the turn is not ours
            if waits and (again or events):
                changed, mailed = invite(changed, token, now=command.now, good_for=app.link_time)
                events = (*events, *mailed)
            return Decision(changed, events)

        # What If-Match names is the epoch of the rights, not how often the account was written.
        return await app.accounts.change(there.id, decide, replace(command, expected=None))


async def _appoint(
    app: App, lapsed: Account | None, body: api.Rights, wanted: Sequence[Grant], command: CommandContext
) -> Outcome[Account] | None:
    """A new member of staff, in place of one whose link has lapsed; None if there is one of this address by now."""
    if lapsed is not None:
        check_seen(lapsed, command.expected)
    if faults := grant_faults(() if lapsed is None else lapsed.grants, wanted, app.today(command)):
        raise INVALID_FIELDS(fields=faults)
    email = _address(body.email)
    if await free_address(app, NO_CAMPAIGN, folded(email), replace(command, expected=None)) is not None:
        return None
    language = body.language or (DEFAULT if lapsed is None else lapsed.person.language)
    return await appointed(app, Person("", "", email, language), wanted, command)


@asynccontextmanager
async def _turn(app: App, actor: Actor, command: CommandContext, *, needed: bool) -> AsyncIterator[Sequence[Grant]]:
    """One administrator at a time changes another, and is one still when it is their turn: their rights; else none."""
    if not needed:
        yield ()
        return
    async with app.turns.taken(str(actor), command.now):
        yield await require_administrator(app, actor, command)


async def _appointed_by(app: App, email: str, command: CommandContext) -> Versioned[Account] | None:
    """Who was appointed by this very command, sent twice, in place of one who is gone."""
    found = await app.accounts.by_address(NO_CAMPAIGN, folded(email))
    return found if found is not None and app.accounts.remembers(found, command) else None


async def _of_login(app: App, login: str) -> Versioned[Account] | None:
    """The member of staff of an address or a login."""
    if "@" in login:
        return await app.accounts.by_address(NO_CAMPAIGN, folded(login))
    found = await app.accounts.by_file_number(file_numbers.as_typed(login) or "")
    return found if found is not None and found.state.is_staff else None


def checked_address(typed: str) -> tuple[str, list[FieldError]]:
    """The address of somebody, and what is wrong with it."""
    faults: list[FieldError] = []
    return checked_email("email", typed, faults), faults


def _address(typed: str) -> str:
    address, faults = checked_address(typed)
    if faults:
        raise INVALID_FIELDS(fields=faults)
    return address


def _grant(given: api.GrantGiven, giving: Giving) -> Grant:
    return Grant(
        given.role, _codes(given.centres), _codes(given.commissions), given.valid_until, given.valid_from, giving
    )


def _codes(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(sorted(set(given)))
