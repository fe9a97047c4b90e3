"""What the registrar holds of somebody stands in their files, from when it is known; they ask nobody (ADR 93)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from services.applications.domain.copies import ProfileCopy
from services.applications.domain.held import follow
from services.applications.domain.model import Application
from services.applications.usecases.app import App
from services.chassis.context import Actor, CommandContext, acting_service
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.contracts.refusals import RefusedError
from services.contracts.refusals.applications import MANAGED_BY_REGISTRAR


async def follow_card(app: App, account: str, command: CommandContext) -> None:
    """Have all files that are in this person's hands show what the registrar holds by now; raises UnreadableRow, BUSY."""
    card = await app.cards.of(account)
    if card is None:
        return
    for saved in await app.applications.active_of(Actor(account)):
        await _follow(app, saved, card, command)


async def follow_since(
    app: App, opened: Outcome[Application], card: ProfileCopy, command: CommandContext
) -> Outcome[Application]:
    """The same for one that was just opened by a card, if another one came meanwhile and did not find it."""
    now = await app.cards.of(card.account)
    if now is None or now.held == card.held:
        return opened
    saved = await _follow(app, opened.saved, now, command)
    return opened if saved is None else replace(opened, saved=saved)


async def _follow(
    app: App, saved: Versioned[Application], card: ProfileCopy, command: CommandContext
) -> Versioned[Application] | None:
    """What it is by then; None if it stays as it is: most news of a card are of something else."""
    moment = app.moment(command)
    if not follow(saved.state, card.held, moment)[1]:
        return None
    of_service = replace(
        command,
        actor=acting_service("applications"),
        on_behalf_of=None,
        key=None,
        digest=None,
        expected=None,
        personal=False,
        sequence=0,
    )

    def decide(application: Application) -> Decision[Application]:
        return Decision(*follow(application, card.held, moment))

    outcome = await app.applications.change(saved.id, decide, of_service)
    return None if outcome is None else outcome.saved


@contextmanager
def naming_registrar(app: App, application: Application) -> Iterator[None]:
    """Says whom to write to where a piece is managed by the registrar (acceptance 26)."""
    try:
        yield
    except RefusedError as refusal:
        if refusal.slug != MANAGED_BY_REGISTRAR:
            raise
        institution = app.parameters.in_force.institution
        raise MANAGED_BY_REGISTRAR(contact=institution.registrar_of(application.programme.centre["code"])) from None
