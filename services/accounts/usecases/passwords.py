"""Following one-time links: validation and reset both set a password."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources

from services.accounts.domain import throttles
from services.accounts.domain.account import Account, Changed, check_link, reset_password, validate
from services.accounts.domain.account import change_password as change
from services.accounts.domain.links import Purpose
from services.accounts.domain.passwords import WORDS_OF_THE_PLACE, normal, password_faults
from services.accounts.repository.accounts import ENT_TAKEN
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases.app import App
from services.accounts.usecases.hashing import Asker
from services.accounts.usecases.registrar import note_entry
from services.accounts.usecases.sessions import end_session, know_device, let_in
from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.chassis.ports import DuplicateKey
from services.contracts.api.accounts import PasswordChange, Validation
from services.contracts.refusals import INVALID_FIELDS, KEY_REUSED, NOT_FOUND, FieldError, RefusedError
from services.contracts.refusals.accounts import ENT_IDENTITY_TAKEN, LINK_EXPIRED, SESSION_ENDED, TOO_MANY_ATTEMPTS


@cache
def common_passwords() -> frozenset[str]:
    """The shipped list of passwords that everybody tries first, casefolded; read once."""
    text = resources.files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.casefold() for line in text.splitlines() if line and not line.startswith("#!"))


async def validate_account(
    app: App, body: Validation, client: Client | None, command: CommandContext
) -> tuple[Outcome[Account], str]:
    """Follow a validation link and set the password; the answer is `{login}`, beside the device that is known now.

    Where the account was asked for by the ENT, it opens the account if the body says so, and it alone if there is no
    password; a password without a word about the ENT leaves it out. Raises NOT_FOUND for a forged link,
    LINK_EXPIRED, ALREADY_VALIDATED, ENT_IDENTITY_TAKEN, INVALID_FIELDS, KEY_REUSED, BUSY.
    """
    by_ent = body.by_ent or body.password is None

    def change(account: Account, digest: str, hashed: str) -> Changed:
        return validate(account, digest, hashed, now=command.now, by_ent=by_ent)

    outcome = await _follow(
        app, body.token, "validation", client, command, password=body.password, change=change, by_ent=by_ent
    )
    if not outcome.repeated:
        await let_in(app, outcome.saved.state, client, command)
        ent = outcome.saved.state.ent
        await note_entry(app, outcome.saved.id, ent.student_number if ent is not None else "", command)
    return outcome, await know_device(app, outcome.saved.id, body.token, command)


async def set_new_password(
    app: App, token: str, password: str, client: Client | None, command: CommandContext
) -> tuple[Outcome[Account], str]:
    """Follow a reset link: a new password, every session ends, failures from there are forgotten (acceptance 13).

    Answers the device that is known now as well.

    Raises NOT_FOUND for a forged link, LINK_EXPIRED, LINK_USED, INVALID_FIELDS, KEY_REUSED, BUSY.
    """

    def change(account: Account, digest: str, hashed: str) -> Changed:
        return reset_password(account, digest, hashed, now=command.now)

    outcome = await _follow(app, token, "password-reset", client, command, password=password, change=change)
    await app.sessions.end_before(outcome.saved.id, outcome.saved.state.epoch)
    if not outcome.repeated:
        await let_in(app, outcome.saved.state, client, command)
    return outcome, await know_device(app, outcome.saved.id, token, command)


async def change_password(
    app: App, actor: Actor, body: PasswordChange, client: Client | None, command: CommandContext
) -> Outcome[Account]:
    """Set another password; the person's other sessions end, and reset links that were mailed do nothing any more.

    Raises SESSION_ENDED, INVALID_FIELDS (also for a wrong present password), TOO_MANY_ATTEMPTS, KEY_REUSED, BUSY.
    """
    saved = await require_live_session(app.accounts, app.sessions, actor, command.now)
    command = replace(command, digest=hashlib.sha256(f"password\n{actor.session}".encode()).hexdigest())
    _check_new(app, saved, body.password)
    hashed = ""
    if not app.accounts.remembers(saved, command):
        await prove(app, saved, {"current_password": body.current_password}, client, command)
        hashed = await _hashed(app, saved, body.password, client)
    outcome = await app.accounts.change(saved.id, lambda account: Decision(*change(account, hashed)), command)
    if outcome is None:
        raise SESSION_ENDED()
    if outcome.repeated:
        await _prove_repeated(app, outcome.saved, body.password, client, command)
    for other in await app.sessions.own(actor):
        if other.id != actor.session:
            await end_session(app, actor, other.id, command)
    return outcome


async def prove(
    app: App, saved: Versioned[Account], given: Mapping[str, str], client: Client | None, command: CommandContext
) -> None:
    """Make sure that who asks knows the password, the one member of `given`: the session may be of a browser left open.

    Raises INVALID_FIELDS naming the member, TOO_MANY_ATTEMPTS by account, so that nobody guesses with a stolen one, BUSY.
    """
    ((field, password),) = given.items()
    bounds = throttles.tries(saved.state.address, None, None, "logged-in", standing=True)
    if wait := await app.throttles.wait(bounds, command.now):
        raise TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)
    async with app.hasher.turn(Asker(client, owner=saved.id)):
        right = await app.hasher.verify(saved.state.password, normal(password))
        wait = 0 if right else await app.throttles.count(bounds, command.now)
    if wait:
        raise TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)
    if not right:
        raise INVALID_FIELDS(fields=[FieldError(field, "wrong-password")])


async def _prove_repeated(
    app: App, saved: Versioned[Account], password: str, client: Client | None, command: CommandContext
) -> None:
    """Make sure that a key comes again with the password that it has set; nothing of that one is remembered but its hash.

    Raises KEY_REUSED, TOO_MANY_ATTEMPTS, BUSY.
    """
    try:
        await prove(app, saved, {"password": password}, client, command)
    except RefusedError as refusal:
        if refusal.slug is INVALID_FIELDS:
            raise KEY_REUSED() from None
        raise


async def _follow(
    app: App,
    token: str,
    purpose: Purpose,
    client: Client | None,
    command: CommandContext,
    *,
    password: str | None,
    change: Callable[[Account, str, str], Changed],
    by_ent: bool = False,
) -> Outcome[Account]:
    pointer = await app.links.find(token)
    if pointer is None or pointer.purpose != purpose:
        raise NOT_FOUND()
    # What is remembered of the command must not let anyone try passwords quickly: the secret of the link is digest enough.
    command = replace(command, digest=hashlib.sha256(token.encode()).hexdigest())
    saved = await app.accounts.get(pointer.account)
    if saved is None:
        raise LINK_EXPIRED()
    hashed = ""
    if not app.accounts.remembers(saved, command):
        check_link(saved.state, pointer.digest, purpose, command.now)
        if password or not (by_ent and saved.state.ent is not None):
            hashed = await _hashed(app, saved, password, client)

    def decide(account: Account) -> Decision[Account]:
        return Decision(*change(account, pointer.digest, hashed), {"login": account.file_number})

    try:
        outcome = await app.accounts.change(saved.id, decide, command)
    except DuplicateKey as taken:
        if taken.index != ENT_TAKEN:
            raise
        raise ENT_IDENTITY_TAKEN() from None
    if outcome is None:
        raise LINK_EXPIRED()
    return outcome


async def _hashed(app: App, saved: Versioned[Account], password: str | None, client: Client | None) -> str:
    if not password:
        raise INVALID_FIELDS(fields=[FieldError("password", "required")])
    _check_new(app, saved, password)
    return await app.hasher.hash(normal(password), Asker(client, owner=saved.id))


def _check_new(app: App, saved: Versioned[Account], password: str) -> None:
    """Refuse a password that is none to choose; raises INVALID_FIELDS (acceptance 16)."""
    person = saved.state.person
    place = (app.parameters.in_force.institution.name, *WORDS_OF_THE_PLACE)
    personal = (person.email, person.family_name, person.given_name, saved.state.file_number, *place)
    if faults := password_faults("password", password, common=app.common, personal=personal):
        raise INVALID_FIELDS(fields=faults)
