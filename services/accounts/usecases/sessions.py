"""Logging in, staying so, logging out."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from services.accounts.domain import file_numbers
from services.accounts.domain.account import Account, check_login
from services.accounts.domain.passwords import normal
from services.accounts.domain.refusals import BAD_CREDENTIALS, CAMPAIGN_OVER, SESSION_ENDED, TOO_MANY_ATTEMPTS
from services.accounts.domain.sessions import Presented, Session, digest, session_of, successor
from services.accounts.domain.states import Action
from services.accounts.domain.text import folded
from services.accounts.domain.throttles import PER_ACCOUNT, PER_ADDRESS
from services.accounts.repository.sessions import Kept
from services.accounts.repository.throttles import account_key, address_key, login_key
from services.accounts.usecases.app import Accounts
from services.chassis.aggregates import Saved
from services.chassis.commands import Actor, Command
from services.chassis.ports import DuplicateKey
from services.contracts.api.accounts import Tokens
from services.contracts.api.identity import ACCESS_TYPE, AUDIENCE, LIFETIME_SECONDS
from services.contracts.refusals import BUSY, Refusal

log = structlog.get_logger()

MAX_TRIES: Final = 20


async def log_in(app: Accounts, login: str, password: str, client: str | None, command: Command) -> Tokens:
    """Begin a session; `client` is the address of who asks, as far as it is known.

    Raises BAD_CREDENTIALS, ACCOUNT_NOT_VALIDATED, CAMPAIGN_OVER, TOO_MANY_ATTEMPTS, KEY_REUSED, BUSY. An unknown login is
    treated in every way as a known one.
    """
    login = login.strip()
    # The password is no part of what is remembered: a digest of it would be quick to try.
    command = replace(command, digest=hashlib.sha256(folded(login).encode()).hexdigest())
    await app.keys.claim(command)
    found = await _find(app, login)
    keys = [(account_key(found.id) if found else login_key(folded(login)), PER_ACCOUNT)]
    if client is not None:
        keys.append((address_key(client), PER_ADDRESS))
    async with app.hasher.turn():
        # Asked when the turn has come, so that no more can be tried at once than there are threads.
        waits = [await app.throttles.wait(key, limit, command.now) for key, limit in keys]
        if wait := max(waits):
            raise TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)
        right = await app.hasher.verify(found.state.password if found else "", normal(password))
        refusal = await _refusal(app, found, right=right)
        if refusal is not None and refusal.slug != CAMPAIGN_OVER:
            waits = [await app.throttles.fail(key, limit, command.now) for key, limit in keys]
            if wait := max(waits):
                refusal = TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)
    if found is None or refusal is not None:
        raise refusal or BAD_CREDENTIALS()
    return await _begin(app, found, command)


async def refresh(app: Accounts, token: str, command: Command) -> Tokens:
    """The next tokens of a session; the one before the latest gets the same again for a moment, or with its own key.

    A token older than that was copied: the session ends. Raises SESSION_ENDED, CAMPAIGN_OVER, KEY_REUSED, BUSY.
    """
    id = session_of(token)
    if id is None:
        raise SESSION_ENDED()
    await app.keys.claim(command)
    for _ in range(MAX_TRIES):
        kept = await app.sessions.get(id)
        if kept is None:
            raise SESSION_ENDED()
        await _check_alive(app, kept, command)
        match kept.session.recognise(token, command.key, command.now):
            case Presented.CURRENT:
                salt = app.ids.token()
                rotated = kept.session.rotated(token, salt, command.key, command.now)
                if await app.sessions.save(kept, rotated):
                    return _tokens(app, kept.id, kept.session.account, successor(token, salt), command)
            case Presented.REPEATED:
                return _tokens(app, kept.id, kept.session.account, successor(token, kept.session.salt), command)
            case Presented.SPENT:
                log.warning("session.reused", session=kept.id)
                await app.sessions.end(kept.id)
                raise SESSION_ENDED()
            case Presented.UNKNOWN:
                raise SESSION_ENDED()
    raise BUSY(retry_after=1)


async def log_out(app: Accounts, actor: Actor) -> None:
    """End the session that asks; one that has ended is ended."""
    await app.sessions.end(actor.session)


# --- parts ------------------------------------------------------------------------------------------------------------


async def _find(app: Accounts, login: str) -> Saved[Account] | None:
    """The account of a file number, or the latest of an address: accounts are yearly."""
    if "@" in login:
        return await app.accounts.latest_by_address(folded(login))
    number = file_numbers.as_typed(login)
    return await app.accounts.by_file_number(number or "")


async def _refusal(app: Accounts, found: Saved[Account] | None, *, right: bool) -> Refusal | None:
    campaigns = await app.campaigns.load()
    if found is None or (not right and found.state.allows(Action.LOG_IN)):
        return BAD_CREDENTIALS()
    try:
        check_login(found.state, campaign_is_over=campaigns.is_over(found.state.campaign))
    except Refusal as refusal:
        return refusal
    return None


async def _begin(app: Accounts, found: Saved[Account], command: Command) -> Tokens:
    id = app.ids.new() if command.key is None else _named(found.id, command.key)
    token = f"{id}.{app.ids.token()}"
    session = Session(
        account=found.id,
        epoch=found.state.epoch,
        created_at=command.now,
        used_at=command.now,
        expires_at=command.now + timedelta(days=app.settings.session_days),
        current=digest(token),
    )
    try:
        await app.sessions.begin(id, session)
    except DuplicateKey:
        # The answer to this very login was lost: the same session, with a secret that somebody knows.
        await _begin_again(app, id, session)
    return _tokens(app, id, found.id, token, command)


async def _begin_again(app: Accounts, id: str, session: Session) -> None:
    for _ in range(MAX_TRIES):
        kept = await app.sessions.get(id)
        if kept is None or await app.sessions.save(kept, session):
            return
    raise BUSY(retry_after=1)


def _named(account: str, key: str) -> str:
    """The id of the session that this key begins: the same however often it is sent."""
    number = int.from_bytes(hashlib.sha256(f"{account}\n{key}".encode()).digest()[:16])
    return "".join("0123456789abcdefghjkmnpqrstvwxyz"[number >> shift & 31] for shift in range(125, -1, -5))


async def _check_alive(app: Accounts, kept: Kept, command: Command) -> None:
    saved = await app.accounts.get(kept.session.account)
    if saved is None or not kept.session.lives(saved.state.epoch, command.now):
        await app.sessions.end(kept.id)
        raise SESSION_ENDED()
    if (await app.campaigns.load()).is_over(saved.state.campaign):
        await app.sessions.end(kept.id)
        raise CAMPAIGN_OVER()


def _tokens(app: Accounts, session: str, account: str, refresh_token: str, command: Command) -> Tokens:
    now = int(command.now.timestamp())
    claims = {
        "aud": AUDIENCE,
        "sub": account,
        "roles": [],
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": app.ids.new(),
        "sid": session,
    }
    access = app.signer.sign(claims, typ=ACCESS_TYPE)
    return Tokens(access_token=access, expires_in=LIFETIME_SECONDS, refresh_token=refresh_token)
