"""Logging in, staying so, logging out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from services.accounts.domain import throttles
from services.accounts.domain.account import Account
from services.accounts.domain.events import SessionEnded
from services.accounts.domain.grants import in_force
from services.accounts.domain.logins import check_login
from services.accounts.domain.passwords import normal
from services.accounts.domain.sessions import Presented, Session, digest, session_of, successor
from services.accounts.domain.states import GONE
from services.accounts.domain.text import folded
from services.accounts.domain.throttles import ThrottleLimit
from services.accounts.repository.sessions import StoredSession
from services.accounts.usecases.app import App
from services.accounts.usecases.challenges import challenged, has_shown_enough, may_use_rights
from services.accounts.usecases.hashing import Asker
from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext, EventRef
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import DuplicateKey
from services.contracts import file_numbers
from services.contracts.actors import ActorKind
from services.contracts.api.accounts import Credentials, Tokens
from services.contracts.api.identity import ACCESS_TYPE, AUDIENCE, BY_ENT, ENROLS, LIFETIME_SECONDS
from services.contracts.refusals import BUSY, NOT_FOUND, RefusedError
from services.contracts.refusals.accounts import (
    ACCOUNT_CLOSED,
    BAD_CREDENTIALS,
    CAMPAIGN_OVER,
    LINK_EXPIRED,
    SESSION_ENDED,
    TOO_MANY_ATTEMPTS,
)

log = structlog.get_logger()

MAX_TRIES: Final = 20


async def log_in(app: App, body: Credentials, client: Client | None, command: CommandContext) -> Tokens:
    """Begin a session; `client` is who asks, as far as it is known.

    Raises BAD_CREDENTIALS, SESSION_ENDED, CAMPAIGN_OVER, TOO_MANY_ATTEMPTS, BUSY. Who is unknown, or has not validated, is
    treated in every way as who is known: with the same words, after the same work (acceptance 109).
    """
    login = body.login.strip()
    found = await _find(app, login)
    known = await app.devices.recognise(found.id if found else "", body.device)
    # By address: were it by account, it would begin anew, and tell, when somebody registers an address that was unknown.
    whose = folded(login) if "@" in login or found is None else found.state.address
    line, network = (client.address, client.network) if client else (None, None)
    standing = await app.throttles.has_standing(line, command.now)
    bounds, logins = throttles.tries(whose, line, network, known, standing=standing), throttles.logins(whose)
    challenges = throttles.challenges(whose, network, known)
    owner = found.id if found is not None and known else None
    await _check_throttles(app, [*bounds, *logins, *challenges], command)
    async with app.hasher.turn(Asker(client, standing=standing, owner=owner)):
        # Asked again when the turn has come, so that no more can be tried at once than there are threads.
        await _check_throttles(app, [*bounds, *logins, *challenges], command)
        right = await app.hasher.verify(found.state.password if found else "", normal(body.password))
        refusal = await _refusal(app, found, right=right)
        if (
            refusal is not None
            and refusal.slug not in (CAMPAIGN_OVER, ACCOUNT_CLOSED)
            and (wait := await app.throttles.count(bounds, command.now))
        ):
            refusal = TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)
    if found is None or refusal is not None:
        raise refusal or BAD_CREDENTIALS()
    asked_further = found.state.second_factor is not None
    if wait := await app.throttles.count(challenges if asked_further else logins, command.now):
        raise TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)
    if (challenge := await challenged(app, found, known, command)) is not None:
        raise challenge
    await app.throttles.give_standing(line, command.now)
    tokens = await begin(app, found, command)
    device = body.device if known else await _new_device(app, found.id, command)
    if await is_gone(app, found.id):
        raise BAD_CREDENTIALS()
    return tokens.model_copy(update={"device": device})


async def let_in(app: App, account: Account, client: Client | None, command: CommandContext) -> None:
    """The person has proved, by a link that was mailed, who is at this line: failures at the account count no more.

    Those at other accounts do: else whoever has one account could guess at all of them.
    """
    line, network = (client.address, client.network) if client else (None, None)
    await app.throttles.give_standing(line, command.now)
    await app.throttles.clear(throttles.tries_at_one(account.address, line, network, standing=True))


async def know_device(app: App, account: str, secret: str, command: CommandContext) -> str:
    """Know the device from which a link was followed, so that nobody who guesses from the same line keeps it out.

    Answers its token, the same to the same key; without the link's `secret` nobody can tell it. Raises LINK_EXPIRED.
    """
    device = app.ids.token() if command.key is None else _device_named(secret, command.key)
    await app.devices.remember(account, device, command.now)
    if await is_gone(app, account):
        raise LINK_EXPIRED()
    return device


async def refresh(app: App, token: str, command: CommandContext) -> Tokens:
    """The next tokens of a session; the one before the latest gets the same again for a moment, or with its own key.

    A token older than that was copied: the session ends. Raises SESSION_ENDED, CAMPAIGN_OVER, BUSY.
    """
    id = session_of(token)
    if id is None:
        raise SESSION_ENDED()
    for _ in range(MAX_TRIES):
        kept = await app.sessions.get(id)
        if kept is None:
            raise SESSION_ENDED()
        account = await _check_alive(app, kept, command)
        match kept.session.recognise(token, command.key, command.now):
            case Presented.CURRENT:
                salt = app.ids.token()
                rotated = kept.session.rotated(token, salt, command.key, command.now)
                if await app.sessions.save(kept, rotated):
                    return _tokens(app, kept.id, kept.session, account, successor(token, salt), command)
            case Presented.REPEATED:
                return _tokens(app, kept.id, kept.session, account, successor(token, kept.session.salt), command)
            case Presented.SPENT:
                log.warning("session.reused", session=kept.id)
                await end(app, kept, command)
                raise SESSION_ENDED()
            case Presented.UNKNOWN:
                raise SESSION_ENDED()
    raise BUSY(retry_after=1)


async def log_out(app: App, actor: Actor, command: CommandContext) -> Sequence[EventRef]:
    """End the session that asks, everywhere; one that has ended is ended. Answers the events caused."""
    kept = await app.sessions.get(actor.session)
    return await end(app, kept, command) if kept is not None and kept.session.account == actor.id else ()


async def end_session(app: App, actor: Actor, session: str, command: CommandContext) -> Sequence[EventRef]:
    """End one of the sessions of who asks, everywhere; raises NOT_FOUND. Answers the events caused."""
    kept = await app.sessions.get(session)
    if kept is None or kept.session.account != actor.account:
        raise NOT_FOUND()
    return await end(app, kept, command)


async def mark_second_factor(app: App, actor: Actor) -> None:
    """Remember that in the session of who asks more than the password was shown; raises SESSION_ENDED, BUSY."""
    for _ in range(MAX_TRIES):
        kept = await app.sessions.get(actor.session)
        if kept is None:
            raise SESSION_ENDED()
        if kept.session.second_factor or await app.sessions.save(kept, replace(kept.session, second_factor=True)):
            return
    raise BUSY(retry_after=1)


async def end_others(app: App, actor: Actor, command: CommandContext) -> None:
    """End all logins of a member of staff but the one that asks."""
    for kept in await app.sessions.of_account(actor.id):
        if kept.id != actor.session:
            await end(app, kept, command)


async def know_new_device(app: App, account: str, secret: str, command: CommandContext) -> str:
    """Know the device from which somebody has shown a code; its token is the same to the same key, and to nobody else."""
    device = app.ids.token() if command.key is None else _device_named(secret, command.key)
    await app.devices.remember(account, device, command.now, shown=True)
    return device


# --- parts ------------------------------------------------------------------------------------------------------------


async def _find(app: App, login: str) -> Versioned[Account] | None:
    """The account of a file number, or the latest of an address: accounts are yearly."""
    if "@" in login:
        return await app.accounts.latest_by_address(folded(login))
    number = file_numbers.as_typed(login)
    return await app.accounts.by_file_number(number or "")


async def is_gone(app: App, account: str) -> bool:
    """Whether the person was erased meanwhile; then what was just written is taken away, which the clean-up no more does."""
    saved = await app.accounts.get(account)
    if saved is not None and saved.state.state not in GONE:
        return False
    await app.sessions.end_all(account)
    await app.devices.forget_all(account)
    return True


async def _new_device(app: App, account: str, command: CommandContext) -> str:
    token = app.ids.token()
    await app.devices.remember(account, token, command.now)
    return token


async def _check_throttles(app: App, bounds: Sequence[ThrottleLimit], command: CommandContext) -> None:
    if wait := await app.throttles.wait(bounds, command.now):
        raise TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)


async def _refusal(app: App, found: Versioned[Account] | None, *, right: bool) -> RefusedError | None:
    campaigns = await app.campaigns.load()
    if found is None or not right:
        return BAD_CREDENTIALS()
    try:
        check_login(found.state, campaign_is_over=campaigns.is_over(found.state.campaign))
    except RefusedError as refusal:
        return refusal
    return None


async def begin(
    app: App, found: Versioned[Account], command: CommandContext, *, ent: str = "", second_factor: bool = False
) -> Tokens:
    """Begin a session, whoever has said that it is due; `ent` is the digest of the login at the ENT that it comes from.

    `second_factor` says that a code was shown beside the password.

    Raises SESSION_ENDED where the one that this key has begun is over: whoever goes back in a browser is not let in.
    """
    id = app.ids.new() if command.key is None else _named(found.id, command.key)
    token = f"{id}.{app.ids.token()}"
    session = Session(
        account=found.id,
        epoch=found.state.epoch,
        created_at=command.now,
        used_at=command.now,
        expires_at=command.now + timedelta(days=app.rules.session_days),
        current=digest(token),
        ent=ent,
        second_factor=second_factor,
    )
    try:
        for ended in await app.sessions.begin(id, session):
            await end(app, ended, command)
    except DuplicateKey:
        # The answer to this very login was lost: the same session, with a secret that somebody knows.
        await _begin_again(app, id, session)
    return _tokens(app, id, session, found.state, token, command)


async def end(app: App, kept: StoredSession, command: CommandContext) -> Sequence[EventRef]:
    """End a session: told to all first, so that after a crash it can be ended again."""

    def decide(account: Account) -> Decision[Account]:
        return Decision(account, [SessionEnded(kept.id)])

    outcome = await app.accounts.change(
        kept.session.account, decide, replace(command, key=None, expected=None, personal=False)
    )
    await app.sessions.close(kept)
    return outcome.events if outcome is not None else ()


async def _begin_again(app: App, id: str, session: Session) -> None:
    for _ in range(MAX_TRIES):
        kept = await app.sessions.get(id)
        if kept is None:
            raise SESSION_ENDED()
        if await app.sessions.save(kept, session):
            return
    raise BUSY(retry_after=1)


def _device_named(secret: str, key: str) -> str:
    """The token of the device to which the answer of this link goes: the same however often it is sent."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{secret}\n{key}".encode()).digest()).decode().rstrip("=")


def _named(account: str, key: str) -> str:
    """The id of the session that this key begins: the same however often it is sent."""
    number = int.from_bytes(hashlib.sha256(f"{account}\n{key}".encode()).digest()[:16])
    return "".join("0123456789abcdefghjkmnpqrstvwxyz"[number >> shift & 31] for shift in range(125, -1, -5))


async def _check_alive(app: App, kept: StoredSession, command: CommandContext) -> Account:
    saved = await app.accounts.get(kept.session.account)
    if (
        saved is None
        or not kept.session.lives(saved.state.epoch, command.now)
        or not has_shown_enough(saved.state, kept.session)
    ):
        await app.sessions.end(kept.id)
        raise SESSION_ENDED()
    if (await app.campaigns.load()).is_over(saved.state.campaign):
        await app.sessions.end(kept.id)
        raise CAMPAIGN_OVER()
    return saved.state


def _tokens(  # noqa: PLR0917 - all that a token says
    app: App, id: str, session: Session, account: Account, refresh_token: str, command: CommandContext
) -> Tokens:
    now = int(command.now.timestamp())
    claims = {
        "aud": AUDIENCE,
        "sub": session.account,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": app.ids.new(),
        "sid": id,
        "epoch": session.epoch,
    }
    if session.ent:
        claims[BY_ENT] = True
    if account.is_staff:
        grants = in_force(account.grants, app.today(command))
        claims |= {"kind": ActorKind.STAFF.value, "grants": [grant.claim for grant in grants]}
        if not may_use_rights(app, session):
            claims |= {"grants": [], ENROLS: True}
    access = app.signer.sign(claims, typ=ACCESS_TYPE)
    return Tokens(
        access_token=access,
        expires_in=LIFETIME_SECONDS,
        refresh_token=refresh_token,
        session_expires_in=max(0, int((session.expires_at - command.now).total_seconds())),
    )
