"""Who asks, and whether the session of the access token still lives: it may have ended since the token was signed."""

from __future__ import annotations

from datetime import datetime

from services.accounts.domain.account import Account
from services.accounts.repository.accounts import AccountRepository
from services.accounts.repository.sessions import SessionRepository
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.contracts.refusals.accounts import SESSION_ENDED


async def require_live_session(
    accounts: AccountRepository, sessions: SessionRepository, actor: Actor, now: datetime
) -> Versioned[Account]:
    """The account of who asks; raises SESSION_ENDED after logging out, a password reset, or the end of the account."""
    return await _live(await accounts.own(actor), sessions, actor, now)


async def require_live_staff(
    accounts: AccountRepository, sessions: SessionRepository, actor: Actor, now: datetime
) -> Versioned[Account]:
    """The account of a member of staff who asks; raises SESSION_ENDED, also when their rights are others by now."""
    saved = await accounts.get(actor.id)
    return await _live(saved if saved is not None and saved.state.is_staff else None, sessions, actor, now)


async def _live(
    saved: Versioned[Account] | None, sessions: SessionRepository, actor: Actor, now: datetime
) -> Versioned[Account]:
    kept = await sessions.get(actor.session)
    if saved is None or kept is None or kept.session.account != saved.id:
        raise SESSION_ENDED()
    if not kept.session.lives(saved.state.epoch, now):
        raise SESSION_ENDED()
    return saved
