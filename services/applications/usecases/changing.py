"""What every change of an open application has in common: it is its owner's, and a last day that was extended counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from services.applications.domain import deadline
from services.applications.domain.events import Change
from services.applications.domain.hands import OWN, Hand
from services.applications.domain.held import without_expired
from services.applications.domain.in_place import noted
from services.applications.domain.model import Application
from services.applications.repository.applications import owned_by
from services.applications.usecases.app import App
from services.applications.usecases.holding import naming_registrar
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.contracts.refusals import NOT_FOUND, RefusedError
from services.contracts.refusals.applications import DEADLINE_PASSED

MAX_TRIES: Final = 50
"""Races of one person with themselves before the answer is to come back later."""


async def change(
    app: App,
    actor: Actor,
    id: str,
    command: CommandContext,
    decide: Callable[[Application], Change],
    *,
    hand: Hand = OWN,
) -> Outcome[Application]:
    """Decide on the actor's own application, and anew if it is late by its own last day but that has been extended.

    What staff do by their `hand` is kept with it. What the registrar holds counts until its last day.
    """
    moment = app.moment(command)

    def decision(state: Application) -> Decision[Application]:
        state, expired = without_expired(state, moment)
        with naming_registrar(app, state):
            after, domain_events = noted(decide(state), hand, command.now, command.acting)
        return Decision(after, (*expired, *domain_events))

    try:
        outcome = await app.applications.change(id, decision, command, owned_by(actor))
    except RefusedError as refusal:
        if refusal.slug != DEADLINE_PASSED or (day := await _extended_deadline(app, actor, id)) is None:
            raise
        outcome = await app.applications.change(id, _after_extension(day, decision), command, owned_by(actor))
    if outcome is None:
        raise NOT_FOUND()
    return outcome


async def _extended_deadline(app: App, actor: Actor, id: str) -> date | None:
    """The programme's last day if it is now later than the one that the application keeps."""
    saved = await app.applications.of(actor, id)
    if saved is None:
        return None
    day = deadline.effective_deadline(saved.state, await app.programmes.of(saved.state.programme.code))
    return day if day > saved.state.submission_deadline else None


def _after_extension(
    day: date, decide: Callable[[Application], Decision[Application]]
) -> Callable[[Application], Decision[Application]]:
    def decision(state: Application) -> Decision[Application]:
        longer, extension = deadline.extended(state, day)
        decided = decide(longer)
        return Decision(decided.state, (*extension, *decided.domain_events), decided.answer)

    return decision
