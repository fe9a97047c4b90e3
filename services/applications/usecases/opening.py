"""Opening an application, and giving a draft up."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Final

from services.applications.domain import opening
from services.applications.domain.copies import ProfileCopy, ProgrammeCopy
from services.applications.domain.events import Change
from services.applications.domain.model import Application
from services.applications.repository.applications import ACTIVE_INDEX, owned_by
from services.applications.usecases.app import App
from services.applications.usecases.changing import MAX_TRIES, change
from services.applications.usecases.holding import follow_since
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.ports import DuplicateKey
from services.contracts.refusals import BUSY, NOT_FOUND
from services.contracts.refusals.applications import ALREADY_APPLIED, PROGRAMME_CLOSED, TOO_MANY_OPENINGS

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Way:
    """How an application comes about: whether it may, what it is then, and whether the maxima of candidates count."""

    check: Callable[[ProfileCopy | None, ProgrammeCopy], ProfileCopy]
    begin: Callable[[ProfileCopy, ProgrammeCopy, str], Awaitable[Change]]
    by_candidate: bool


async def open_application(app: App, actor: Actor, programme: str, command: CommandContext) -> Outcome[Application]:
    """Open a draft; the same idempotency key opens the same one.

    Raises NOT_FOUND for an unknown programme, PROFILE_INCOMPLETE, PROGRAMME_CLOSED, ALREADY_APPLIED, TOO_MANY_APPLICATIONS;
    TOO_MANY_OPENINGS past those of one day, before any of this is looked at.
    """
    moment = app.moment(command)

    async def begin(card: ProfileCopy, offer: ProgrammeCopy, slot: str) -> Change:
        return opening.open_application(card, offer, slot, moment, command.acting)

    way = Way(partial(opening.check_opening, moment=moment), begin, by_candidate=True)
    return await opened(app, new_id(app, command), actor, programme, command, way=way)


async def opened(
    app: App, id: str, person: Actor, programme: str, command: CommandContext, *, way: Way
) -> Outcome[Application]:
    """Open an application of a person under an id that is this command's alone; raises as `open_application` does."""
    lost = ""
    for _ in range(MAX_TRIES):
        if command.key is not None:
            owner = owned_by(person) if way.by_candidate else None  # from whom it may be concealed
            known = await app.applications.change(id, Decision, command, owner)
            if known is not None:
                return await follow_since(app, known, None, command)  # the first time may have ended before it did
        if lost == ACTIVE_INDEX:
            raise ALREADY_APPLIED()
        if way.by_candidate:
            await _check_day(app, person, command.now)
        card, offer = await asyncio.gather(app.cards.of(person.account), app.programmes.of(programme))
        if offer is None:
            raise NOT_FOUND()
        card = way.check(card, offer)
        await _check_campaign(app, card)
        there = await app.applications.active_in(person, card.campaign)
        twin = next((other.id for other in there if other.state.programme.code == programme), None)
        if twin is None and not way.by_candidate:
            offered = await app.applications.offered(person.account, programme, card.campaign)
            twin = None if offered is None else offered.id
        if twin == id:  # this very command, sent twice at once: the other one was faster
            continue
        if twin is not None:
            raise ALREADY_APPLIED()
        rules = app.parameters.in_force.applications
        active, scope = [other.state for other in there], opening.Scope(rules.max_active_per)
        slot = opening.free_slot(card, offer, active, rules.max_active if way.by_candidate else None, scope)
        state, domain_events = await way.begin(card, offer, slot)
        try:
            outcome = await app.applications.add(id, Decision(state, domain_events), command)
        except DuplicateKey as duplicate:  # another request was faster: look again at what there is now
            lost = duplicate.index
            continue
        if await app.cards.is_erased(person.account):  # since we looked; it goes as soon as it is told
            await app.cards.erase(person.account, command.now)
            way.check(None, offer)
        return await follow_since(app, outcome, card.held, command)
    raise BUSY(retry_after=1)


async def cancel(app: App, actor: Actor, id: str, command: CommandContext) -> Outcome[Application]:
    """Give a draft up."""
    moment = app.moment(command)
    return await change(app, actor, id, command, lambda state: opening.cancel(state, moment, command.acting))


async def _check_campaign(app: App, card: ProfileCopy) -> None:
    """Refuse what is opened in a campaign that is over: without another, its programmes and candidates are still there."""
    if await app.closed.holds(card.campaign):
        raise PROGRAMME_CLOSED(reason="campaign-over")


async def _check_day(app: App, actor: Actor, now: datetime) -> None:
    """Refuse one more opening than a person has within 24 hours; some sent at the same instant may slip through."""
    most = app.parameters.in_force.applications.max_openings
    opened = await app.applications.opened_since(actor, now - _DAY, most)
    if len(opened) == most:
        free_at = opened[-1] + _DAY
        raise TOO_MANY_OPENINGS(max=most, retry_after=max(1, ceil((free_at - now).total_seconds())))


def new_id(app: App, command: CommandContext) -> str:
    """The id of what a command creates: 26 characters `[a-z2-7]` of its key, which is of who asks; or any."""
    if command.key is None:
        return app.ids.new()
    return base64.b32encode(hashlib.sha256(f"application|{command.key}".encode()).digest())[:26].decode().lower()
