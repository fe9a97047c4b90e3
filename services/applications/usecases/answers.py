"""Answering the questions of a programme."""

from __future__ import annotations

from services.applications.domain import questions
from services.applications.domain.hands import OWN, Hand
from services.applications.domain.model import Application
from services.applications.usecases.app import App
from services.applications.usecases.changing import change
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome


async def answer(
    app: App, actor: Actor, id: str, question: str, command: CommandContext, *, given: str, hand: Hand = OWN
) -> Outcome[Application]:
    """Answer a question, or answer it otherwise."""
    moment = app.moment(command)
    return await change(
        app,
        actor,
        id,
        command,
        lambda state: questions.answer(state, question, given, moment, role=hand.role),
        hand=hand,
    )


async def take_back(
    app: App, actor: Actor, id: str, question: str, command: CommandContext, *, hand: Hand = OWN
) -> Outcome[Application]:
    """Leave a question unanswered again."""
    moment = app.moment(command)
    return await change(
        app, actor, id, command, lambda state: questions.take_back(state, question, moment, role=hand.role), hand=hand
    )
