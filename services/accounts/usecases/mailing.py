"""One-time links that somebody asks for; who asks is told nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from services.accounts.domain.account import Account, Changed, renew_link, send_login
from services.accounts.domain.links import Purpose
from services.accounts.domain.text import folded
from services.accounts.usecases.addresses import checked_email
from services.accounts.usecases.app import Accounts
from services.accounts.usecases.neutral import evenly
from services.chassis.aggregates import Decision, Saved
from services.chassis.commands import Command
from services.contracts.refusals import INVALID_FIELDS, FieldError

Make = Callable[[Account, str], Changed]
"""What an account makes of a fresh secret: itself with the link, and the mail to write; no mail, no link."""


async def send_new_link(app: Accounts, email: str, command: Command) -> None:
    """Mail a new validation link if an account waits for one (acceptance 7); raises INVALID_FIELDS, KEY_REUSED."""
    await _ask(
        app,
        email,
        "validation",
        lambda account, token: renew_link(account, token, now=command.now, good_for=app.link_time),
        command,
    )


async def send_identifiers(app: Accounts, email: str, command: Command) -> None:
    """Mail the login and a reset link if there is an account (acceptance 13, 14); raises INVALID_FIELDS, KEY_REUSED."""
    await _ask(
        app,
        email,
        "password-reset",
        lambda account, token: send_login(account, token, now=command.now, good_for=app.reset_time),
        command,
    )


async def mail_a_link(app: Accounts, saved: Saved[Account], purpose: Purpose, make: Make, command: Command) -> None:
    """Give an account a link and have its mail written, unless this command has done so or enough was mailed."""
    token = app.ids.token()
    if app.accounts.remembers(saved, command) or not make(saved.state, token)[1]:
        return
    await app.links.point(token, saved.id, purpose, command.now + _time(app, purpose))
    await app.accounts.change(saved.id, lambda account: Decision(*make(account, token)), command)


async def _ask(app: Accounts, email: str, purpose: Purpose, make: Make, command: Command) -> None:
    faults: list[FieldError] = []
    address = folded(checked_email("email", email, faults))
    if faults:
        raise INVALID_FIELDS(fields=faults)
    await app.keys.claim(command)
    async with evenly(app.settings.neutral_milliseconds):
        campaign = (await app.campaigns.load()).active
        saved = await app.accounts.by_address(campaign, address) if campaign is not None else None
        if saved is not None:
            await mail_a_link(app, saved, purpose, make, command)


def _time(app: Accounts, purpose: Purpose) -> timedelta:
    return app.link_time if purpose == "validation" else app.reset_time
