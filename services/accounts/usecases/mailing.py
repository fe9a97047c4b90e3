"""One-time links that somebody has asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from services.accounts.domain import late_links as domain
from services.accounts.domain.account import Account, Changed, renew_link, send_login
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.late_links import PURPOSES
from services.accounts.domain.links import Purpose
from services.accounts.domain.text import folded
from services.accounts.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.contracts.events.mailer import LinkOutdated

Make = Callable[[Account, str], Changed]
"""What an account makes of a fresh secret: itself with the link, and the mail to write; no mail, no link."""


async def mail_new_link(app: App, email: str, command: CommandContext) -> None:
    """Mail a new validation link if an account waits for one (acceptance 7)."""
    await _mail(
        app,
        email,
        "validation",
        lambda account, token: renew_link(account, token, now=command.now, good_for=app.link_time),
        command,
    )


async def mail_identifiers(app: App, email: str, command: CommandContext) -> None:
    """Mail the login and a reset link if there is an account (acceptance 13, 14)."""
    await _mail(
        app,
        email,
        "password-reset",
        lambda account, token: send_login(account, token, now=command.now, good_for=app.reset_time),
        command,
    )


async def renew_late_link(app: App, event: LinkOutdated, command: CommandContext) -> None:
    """Mail a fresh link in place of one whose mail could not leave within the hour (acceptance 116)."""
    purpose, saved = PURPOSES.get(event.kind), await app.accounts.get(event.account)
    if purpose is None or saved is None:
        return
    good_for = _time(app, purpose)

    def make(account: Account, token: str) -> Changed:
        return domain.renew_late_link(account, event.kind, token, now=command.now, good_for=good_for)

    await mail_a_link(app, saved, purpose, make, command)


async def mail_a_link(
    app: App, saved: Versioned[Account], purpose: Purpose, make: Make, command: CommandContext
) -> None:
    """Give an account a link and have its mail written, unless this command has done so or enough was mailed."""
    token = app.ids.token()
    if app.accounts.remembers(saved, command) or not make(saved.state, token)[1]:
        return
    await app.links.point(token, saved.id, purpose, command.now + _time(app, purpose))
    await app.accounts.change(saved.id, lambda account: Decision(*make(account, token)), command)


async def _mail(app: App, email: str, purpose: Purpose, make: Make, command: CommandContext) -> None:
    """To each account of an address that is in use: that of the campaign, and that of staff."""
    for campaign in ((await app.campaigns.load()).active, NO_CAMPAIGN):
        saved = await app.accounts.by_address(campaign, folded(email)) if campaign is not None else None
        if saved is not None:
            await mail_a_link(app, saved, purpose, make, command)


def _time(app: App, purpose: Purpose) -> timedelta:
    return app.link_time if purpose == "validation" else app.reset_time
