"""What is answered to the right password where a code is to be shown beside it, and whether one is."""

from __future__ import annotations

from services.accounts.domain.account import Account
from services.accounts.domain.second_factors import CHALLENGE_TIME
from services.accounts.domain.sessions import Session
from services.accounts.repository.challenges import Challenge
from services.accounts.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Versioned
from services.contracts.refusals import RefusedError
from services.contracts.refusals.accounts import SECOND_FACTOR_REQUIRED


async def challenged(
    app: App, found: Versioned[Account], device: str | None, command: CommandContext
) -> RefusedError | None:
    """What whoever has shown the right password is answered instead of a session; None where that is enough.

    `device` is the digest of the device that is known of them. The secret of the challenge is in the refusal alone.
    """
    if found.state.second_factor is None:
        return None
    token = app.ids.token()
    await app.challenges.give(token, Challenge(found.id, found.state.epoch, device), command.now)
    return SECOND_FACTOR_REQUIRED(challenge=token, expires_in=int(CHALLENGE_TIME.total_seconds()))


def has_shown_enough(account: Account, session: Session) -> bool:
    """Whether a session may go on: by password alone it may not, once a code is asked for; the ENT sees to itself."""
    return account.second_factor is None or session.second_factor or bool(session.ent)


def may_use_rights(app: App, session: Session) -> bool:
    """Whether the rights of staff are in the tokens of a session; without, one can but set up a device."""
    return session.second_factor or bool(session.ent) or not app.second_factor_required
