"""Mails of decisions that came back or never left, and whose person has another address since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from services.applications.domain import unreached
from services.applications.domain.events import Change
from services.applications.domain.model import Application
from services.applications.usecases.app import App
from services.applications.usecases.incidents import unjudged
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.contracts.events.mailer import (
    NEVER_LEFT,
    MailBounced,
    MailedFile,
    MailFailed,
    MailReaddressed,
    MailSentAgain,
)


async def lose(app: App, event: MailBounced | MailFailed, command: CommandContext) -> None:
    """Note on each file whose decision it told of that this mail has not arrived; of what may have arrived nothing."""
    if isinstance(event, MailFailed) and event.reason not in NEVER_LEFT:
        return
    why = event.reason if isinstance(event, MailFailed) else "hard" if event.hard else "soft"
    holds = app.parameters.in_force.applications.unreached_holds == "yes"
    moment = replace(app.moment(command), unjudged=await unjudged(app, command))
    for id, told in _decided(event.files).items():
        lose = partial(unreached.lose, told=told, why=why, moment=moment, holds=holds)
        await app.applications.change(id, partial(_silently, lose), command.by_itself())


async def reach(app: App, event: MailReaddressed, command: CommandContext) -> None:
    """Tell such decisions anew, to the address that there is now."""
    moment = replace(app.moment(command), unjudged=await unjudged(app, command))
    for id in _decided(event.files):
        await app.applications.change(id, lambda file: Decision(*unreached.reach(file, moment)), command.by_itself())


async def resend(app: App, event: MailSentAgain, command: CommandContext) -> None:
    """Take such a mark back: staff had the mail sent once more, and nothing has come back so far."""
    moment = app.moment(command)
    for id, told in _decided(event.files).items():
        resend = partial(unreached.resend, told=told, moment=moment)
        await app.applications.change(id, partial(_openly, resend), command.by_itself())


def _openly(resend: Callable[[Application], Change], file: Application) -> Decision[Application]:
    return Decision(*resend(file))


def _silently(lose: Callable[[Application], Change], file: Application) -> Decision[Application]:
    return Decision(*lose(file), silent=True)


def _decided(files: list[MailedFile]) -> dict[str, set[str]]:
    """The files whose decision such a mail tells, each with the kinds of what it says of it."""
    found: dict[str, set[str]] = {}
    for each in files:
        if each.tells_decision:
            found.setdefault(each.application, set()).add(each.kind)
    return found
