"""Making sure that it is the person who asks for what cannot be taken back, and not who found a browser left open."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.accounts.domain.account import Account
from services.accounts.usecases.app import App
from services.accounts.usecases.passwords import prove
from services.chassis.clients import Client
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Versioned
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.accounts import LOGIN_TOO_OLD, SESSION_ENDED

FRESH: Final = timedelta(minutes=10)
"""How long a login at the ENT counts as a proof, of who has no password to show."""


async def prove_person(
    app: App, saved: Versioned[Account], password: str | None, client: Client | None, command: CommandContext
) -> None:
    """Ask for the password; of an account that the ENT alone opens, for a login there not longer ago than `FRESH`.

    Raises INVALID_FIELDS naming `password`, TOO_MANY_ATTEMPTS, LOGIN_TOO_OLD, SESSION_ENDED, BUSY.
    """
    if saved.state.password:
        if not password:
            raise INVALID_FIELDS(fields=[FieldError("password", "required")])
        await prove(app, saved, {"password": password}, client, command)
        return
    kept = await app.sessions.get(command.actor.session)
    if kept is None:
        raise SESSION_ENDED()
    if not kept.session.ent or command.now - kept.session.created_at > FRESH:
        raise LOGIN_TOO_OLD(seconds=int(FRESH.total_seconds()))
