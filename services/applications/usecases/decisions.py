"""Decisions on applications: staff enter, delete and validate them, candidates answer (acceptance 45, 46, 78-85)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.applications.domain import decisions, grouping, offering
from services.applications.domain.concealing import is_concealed
from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.decided import TypesInForce
from services.applications.domain.decisions import Said
from services.applications.domain.events import Change
from services.applications.domain.model import Application
from services.applications.domain.reach import Reach
from services.applications.domain.states import PlaceAction
from services.applications.repository.decisions import Entry
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.changing import change
from services.applications.usecases.listing import listed_behind
from services.applications.usecases.offers_joined import join_late
from services.applications.usecases.reminders import is_night
from services.applications.usecases.review import (
    Decide,
    Examined,
    change_examined,
    examined,
    reached,
    settled_moment,
)
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.chassis.ports import Document as Row
from services.chassis.store.rows import UnreadableRow
from services.contracts.conditions import active_conditions
from services.contracts.decision_reasons import active_reasons
from services.contracts.decision_types import active_types
from services.contracts.refusals.applications import NO_DECISION


async def enter(
    app: App, actor: Actor, id: str, command: CommandContext, said: Said, *, instead_of: str | None
) -> Versioned[Application]:
    """Enter a decision, of which the candidate sees nothing; raises NOT_FOUND, RECUSED, BUSY and as the domain does."""
    saved, reach = await reached(app, actor, id)
    file = await examined(app, saved.state, reach)
    file.check_campaign(deciding=True)
    decide = entering(app, command, saved.state, reach, said, offer=file.offer, instead_of=instead_of)
    await enter_on(app, saved, taking_part(command, id, reach), decide)
    return (await reached(app, actor, id))[0]


def entering(
    app: App,
    command: CommandContext,
    application: Application,
    reach: Reach,
    said: Said,
    *,
    offer: ProgrammeCopy | None,
    instead_of: str | None,
) -> Callable[[Entry], Entry]:
    """What `enter` decides."""
    moment, decision, types = app.moment(command), app.ids.new(), types_in_force(app)
    groups = grouping.groups_for(application, offer)
    counting = None if application.decision is None else application.decision.entered

    def decide(entry: Entry) -> Entry:
        there = decisions.pending(application, entry.entered)
        given, reasoned = said.entered(decision, moment, command.acting, types, there, groups=groups, counting=counting)
        entered = decisions.enter(
            application, entry.entered, given, moment, role=reach.role, instead_of=instead_of, reasoned=reasoned
        )
        return replace(entry, entered=entered)

    return decide


async def enter_on(
    app: App,
    saved: Versioned[Application],
    command: CommandContext,
    decide: Callable[[Entry], Entry],
    answer: Callable[[Entry, Entry], Any] | None = None,
) -> Outcome[Entry]:
    """Keep what is entered on an application; `answer` is what is to be remembered with the command's key."""

    def decided(entry: Entry) -> Decision[Entry]:
        after = decide(entry)
        return Decision(after, answer=None if answer is None else answer(entry, after))

    account = saved.state.account
    async with listed_behind(app, saved.id, command):
        outcome = await app.decisions.change_or_add(saved.id, Entry(account), decided, of_staff(command))
        if await app.cards.is_erased(account):  # since we looked; what is entered goes with the rest
            await app.cards.erase(account, command.now)
        if is_concealed(saved.state):  # its person may have applied since we looked
            await join_late(app, saved.id, command)
    return outcome


def types_in_force(app: App) -> TypesInForce:
    """The institution's types of decisions, and its reasons for them, as they are now."""
    rules = app.parameters.in_force.applications
    french = rules.appeal_fr or rules.appeal_en
    appeal = {"fr": french, "en": rules.appeal_en or french} if french else None
    reasons = active_reasons(rules.decision_reasons) if rules.reasons_from == "list" else None
    return TypesInForce(active_types(rules.decision_types), appeal, reasons, active_conditions(rules.conditions))


async def delete(
    app: App, actor: Actor, id: str, command: CommandContext, *, decision: str | None
) -> Versioned[Application]:
    """Take away a decision that is entered and not validated; raises NOT_FOUND, RECUSED and whatever the domain's does.

    With it goes a file that was opened for nothing but to offer a place.
    """
    saved, reach = await reached(app, actor, id)
    own = of_staff(taking_part(command, id, reach))
    if offering.is_mere_offer(saved.state):
        return await _take_back(app, actor, id, own, decision=decision)

    def decide(entry: Entry) -> Decision[Entry]:
        decisions.delete(saved.state, entry.entered, role=reach.role, id=decision)
        return Decision(replace(entry, entered=None))

    gone = await app.decisions.entered(id)
    async with listed_behind(app, id, command):
        outcome = await app.decisions.change(id, decide, own)
        if outcome is None:
            decide(Entry(saved.state.account))
    fresh = (await reached(app, actor, id))[0]
    if gone is not None and fresh.state.decision is not None and fresh.state.decision.entered.id == gone.id:
        raise NO_DECISION()  # it was validated meanwhile: it counts
    return fresh


async def _take_back(
    app: App, actor: Actor, id: str, command: CommandContext, *, decision: str | None
) -> Versioned[Application]:
    """The file is given up first: what is entered on one that is given up counts for nothing, whatever stops in between."""
    moment = app.moment(command)

    def decide(file: Examined) -> Change:
        by, role = command.acting, file.reach.role
        return offering.take_back(file.application, file.entered, moment, role=role, by=by, id=decision)

    await change_examined(app, actor, id, command, decide, deciding=True, afterwards=True)
    async with listed_behind(app, id, command):
        await app.decisions.change(id, lambda entry: Decision(replace(entry, entered=None)), command)
    return (await reached(app, actor, id))[0]


async def validate(
    app: App, actor: Actor, id: str, command: CommandContext, *, decision: str, until: date | None
) -> Outcome[Application]:
    """Let a decision count, which is told and mailed once; raises NOT_FOUND, BUSY and whatever the domain's does."""
    decide = validating(app, command, decision, until=until)
    return await change_examined(app, actor, id, command, decide, deciding=True)


def validating(app: App, command: CommandContext, decision: str, *, until: date | None) -> Decide:
    """What `validate` decides on a file with what is entered on it."""
    moment = app.moment(command)
    two_persons = app.parameters.in_force.applications.decided_by == "two"

    def decide(file: Examined) -> Change:
        return decisions.validate(
            file.application,
            file.entered,
            decision,
            file.offer,
            moment,
            role=file.reach.role,
            by=command.acting,
            two_persons=two_persons,
            until=until,
        )

    return decide


async def answer(app: App, actor: Actor, id: str, command: CommandContext, action: PlaceAction) -> Outcome[Application]:
    """Take the place that is offered, or withdraw."""
    moment, at_once = app.moment(command), app.parameters.in_force.enrolment.conditional == "at-acceptance"

    def decide(state: Application) -> Change:
        return decisions.answer(state, action, moment, command.acting, at_once=at_once)

    return await change(app, actor, id, command, decide)


async def unanswered(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Places that are not answered and whose last day is near, or over.

    Those on which no step can be taken yet are left out, so that they keep no others from their turn.
    """
    settled, moment = await settled_moment(app, command, measures=False), app.moment(command)
    days = _reminder_days(app, command)
    async for row in app.applications.unanswered(moment.day + timedelta(days=days)):
        try:
            file = app.applications.loaded(row).state
        except UnreadableRow:
            yield row  # it is parked, and told of
            continue
        lapses = settled is not None and bool(decisions.lapse(file, settled, command.acting)[1])
        if lapses or decisions.remind(file, moment, days)[1]:
            yield row


async def look_after(app: App, row: Row, command: CommandContext) -> bool:
    """Remind of such a place, or let it lapse once all that could move its last day is known; whether a step was taken.

    Nobody is reminded who cannot log in, their account being closed: they are if it is opened again in time.
    """
    saved, days = app.applications.loaded(row), _reminder_days(app, command)
    after, happened = decisions.remind(saved.state, app.moment(command), days)
    if happened and await app.closed_accounts.of(saved.state.account) is not None:
        happened = ()
    reminds = bool(happened)
    if not happened and (settled := await settled_moment(app, command)) is not None:
        after, happened = decisions.lapse(saved.state, settled, command.acting)
    if not happened:
        return False
    return await app.applications.save(saved, Decision(after, happened, silent=reminds), command) is not None


def _reminder_days(app: App, command: CommandContext) -> int:
    """So many days before the last one a reminder is due now: by night none is."""
    return 0 if is_night(app, command) else app.parameters.in_force.applications.answer_reminder_days


def of_staff(command: CommandContext) -> CommandContext:
    """What is expected of a version is of the application's, which none of this changes; the day of commands is nobody's."""
    return replace(command, personal=False, expected=None)
