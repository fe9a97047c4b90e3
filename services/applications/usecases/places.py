"""Places that become free go to who waits for them, one after the other in each programme (ADR 75)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from typing import Final

import structlog

from services.applications.domain import passing_on, places, waiting
from services.applications.domain.copies import ListGroup, ProgrammeCopy
from services.applications.domain.model import Application, Moment
from services.applications.domain.places import First, Occupancy, Places, Promotion
from services.applications.domain.reach import recused_from
from services.applications.domain.states import DecisionKind
from services.applications.domain.waiting import Passed
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.places import key_of, list_key
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.changing import MAX_TRIES, change
from services.applications.usecases.decisions import types_in_force
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.chassis.ports import Document as Row
from services.chassis.store.rows import UnreadableRow, readable, tell
from services.contracts.actors import ActorKind, Role
from services.contracts.events.applications import PlaceFreed
from services.contracts.refusals import BUSY, NOT_FOUND
from services.contracts.refusals.applications import NEXT_CHANGED, RECUSED

log = structlog.get_logger()

STEPS_AT_ONCE: Final = 30
"""Steps of one programme while an event waits."""
MOST_UNREADABLE: Final = 20
"""Rows at the head of a list that are passed over because nobody can read them."""
MAX_STEPS: Final = 1000
"""Steps of one programme at once; what is left is gone on with by the clock."""


async def leave(app: App, actor: Actor, id: str, command: CommandContext) -> Outcome[Application]:
    """Wait for a place no more."""
    moment = app.moment(command)
    return await change(app, actor, id, command, lambda state: waiting.leave(state, moment, command.acting))


async def keep_freed(app: App, event: PlaceFreed, command: CommandContext) -> None:
    """Note that a place has become free, once for each time, and offer it to who is next."""
    id = key_of(event.campaign, event.programme)
    begun = Places(event.campaign, event.programme)
    note = places.place_taken_away if event.put_back else places.place_freed
    await app.places.change_or_add(id, begun, lambda state: Decision(note(state, event.group)), command)
    await settle_soon(app, id, command)


async def keep_leaving(app: App, row: Row, command: CommandContext) -> str | None:
    """Note that an application that has a place is about to go with its person; answer where, or None if it has none."""
    begun, application = Places(row["campaign"], row["programme"]["code"]), row["_id"]
    group = row.get("place", {}).get("group")
    if (id := row.get("takes_place")) is None:
        await _take_back(app, key_of(begun.campaign, begun.programme), application, command)
        return None
    await app.places.change_or_add(
        id, begun, lambda state: Decision(places.leaving(state, application, group)), command.by_itself()
    )
    return str(id)


async def tell_capacity(
    app: App, there: tuple[ProgrammeCopy, int], told: tuple[ProgrammeCopy, int], command: CommandContext
) -> None:
    """Note how many places a programme has now; `there` is what was known, with its version, before `told`.

    It is noted before the copy says so: else nobody would know any more that there were fewer.
    """
    (before, version), (offer, newer) = there, told
    same = (before.places, before.groups) == (offer.places, offer.groups)
    if before.campaign != offer.campaign or same or not before.places_known:
        return  # of what was not known nobody can say that there is more of it now
    id = key_of(offer.campaign, offer.programme.code)

    def decide(state: Places) -> Decision[Places]:
        known = state if state.told >= version else replace(state, capacity=before.places, told=version)
        return Decision(places.capacity_told(known, offer.places, newer, before.groups, offer.groups))

    await app.places.change_or_add(id, Places(offer.campaign, offer.programme.code), decide, command.by_itself())


def unsettled(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Programmes in which something is to be done that nobody has finished."""
    return app.places.unsettled()


async def settle_row(app: App, row: Row, command: CommandContext) -> int:
    """Finish one of them; answer how many steps that took."""
    return await settle(app, row["_id"], command)


async def settle_soon(app: App, id: str, command: CommandContext) -> None:
    """Go on as far as is quickly done: what fails holds no event up, for it is noted, and the clock goes on with it."""
    try:
        await settle(app, id, command, STEPS_AT_ONCE)
    except Exception as error:  # noqa: BLE001 - the timer meets it again, and parks this programme alone
        log.warning("places.unsettled", service="applications", id=id, error=type(error).__name__)


async def settle(app: App, id: str, command: CommandContext, most: int = MAX_STEPS) -> int:
    """Offer the free places of a programme, each step noted, until nothing is to be done; answer how many it took.

    Within a process they take turns, a step each: who is overtaken has read and reckoned for nothing, and a hundred who
    withdraw at once would do so a hundred times. Other processes may do the same meanwhile: a step of somebody who was
    overtaken is not written.
    """
    own = command.of_service("applications")
    for step in range(most):
        async with app.place_turns.of([id]):
            if not await _step(app, id, own):
                return step
    return most


async def _step(app: App, id: str, own: CommandContext) -> bool:
    """Do what is next; whether there was anything to do."""
    saved = await app.places.get(id)
    if saved is None or saved.state.is_settled:
        return False
    if saved.state.promotion is not None:
        await _carry_out(app, saved, _as_noted(saved.state.promotion, own))
        return True
    after = await _next(app, saved.state, own)
    if after == saved.state:
        return False
    await app.places.save(saved, Decision(after), own)
    return True


async def managed(app: App, actor: Actor, programme: str) -> tuple[ProgrammeCopy, int]:
    """A programme within the reach of a manager, with its publisher's version; raises NOT_FOUND."""
    known = await app.programmes.versioned(programme)
    reaches = await app.programmes.reaches(actor)
    if known is None or not any(reach.role is Role.MANAGER and reach.holds(programme) for reach in reaches):
        raise NOT_FOUND()
    return known


async def promote(app: App, actor: Actor, programme: str, command: CommandContext, *, application: str) -> str:
    """Offer a free place to who is next, whom staff have seen, and answer whose application that is; by the same key once.

    Where they have stopped waiting meanwhile nobody is offered it: NEXT_CHANGED.
    Raises NOT_FOUND, RECUSED, BUSY, KEY_REUSED, and whatever the domain's does.
    """
    offer, version = await managed(app, actor, programme)
    id, command = key_of(offer.campaign, programme), replace(command, personal=False, expected=None)
    await app.places.change_or_add(id, Places(offer.campaign, programme), Decision, command.by_itself())
    for _ in range(MAX_TRIES):
        saved = await app.places.get(id)
        if saved is None:
            raise BUSY(retry_after=1)
        if (outcome := app.places.repeated(saved, command)) is not None:
            break
        if saved.state.promotion is not None:
            await settle(app, id, command)
            continue
        if application in recused_from(await app.programmes.reaches(actor)):
            raise RECUSED()
        lists, moment = await lists_of(app, saved.state, offer, version), app.moment(command)
        stands = passing_on.free_place_for(application, lists, passes_on=offer.passes_on)
        after = places.offer_by_hand(
            saved.state, stands, moment, id=app.ids.new(), by=command.acting, application=application
        )
        await _pass_over(app, saved.state, stands, moment, command)
        made = None if after.promotion is None else after.promotion.id
        if (outcome := await app.places.save(saved, Decision(after, (), made), command)) is not None:
            break
    else:
        raise BUSY(retry_after=1)
    await settle(app, id, command)
    file = await app.applications.get(application)
    if file is None or file.state.promotion != outcome.answer:
        raise NEXT_CHANGED()
    return application


async def stop(app: App, actor: Actor, programme: str, command: CommandContext, *, until: date | None) -> None:
    """Say until when anybody is promoted; raises NOT_FOUND, INVALID_FIELDS, STALE_VERSION, BUSY."""
    offer, _ = await managed(app, actor, programme)
    id, begun, moment = key_of(offer.campaign, programme), Places(offer.campaign, programme), app.moment(command)
    own = replace(command.by_itself(), expected=command.expected)
    await app.places.change_or_add(id, begun, lambda state: Decision(places.stop(state, until, moment)), own)


async def lists_of(
    app: App, state: Places, offer: ProgrammeCopy, version: int, not_put_back_on: Moment | None = None
) -> Sequence[Occupancy]:
    """How a programme stands now, list by list; nobody is next whom staff have put back on a list on the day of that moment.

    One without groups has one list.
    """
    list_of = await _lister(app, state, offer, version, not_put_back_on)
    return [await list_of(group) for group in (*offer.groups, None)]


async def _lister(
    app: App, state: Places, offer: ProgrammeCopy, version: int, not_put_back_on: Moment | None
) -> Callable[[ListGroup | None], Awaitable[Occupancy]]:
    """How one list of a programme stands, of a group or of none."""
    id = key_of(state.campaign, state.programme)
    is_closed, taken = await app.closed.holds(state.campaign), await app.ranks.taken(id)

    async def list_of(group: ListGroup | None) -> Occupancy:
        first, passed = await _first(app, list_key(id, None if group is None else group.code), not_put_back_on)
        stands = places.stands(state, offer, version, taken, first, is_closed=is_closed, passed=passed)
        return stands if group is None else await of_group(app, stands, id, group)

    return list_of


async def of_group(app: App, stands: Occupancy, id: str, group: ListGroup) -> Occupancy:
    """How the places of a group stand in a programme that stands so."""
    taken = await app.ranks.taken_of(id, group.code)
    return replace(stands, group=group.code, group_places=group.places, group_taken=taken)


async def _first(app: App, id: str, not_put_back_on: Moment | None) -> tuple[First | None, tuple[Passed, ...]]:
    """Who is next, and of whom before them it was not said that they are passed over, since their account is closed.

    Rows at the head that nobody can read are passed over too, and told of.
    """
    unreadable, passed = 0, list[Passed]()
    async with aclosing(app.ranks.by_rank(id)) as rows:
        async for row in rows:
            known = readable("applications", APPLICATIONS.name, [row], app.applications.loaded)
            for saved in known:
                decision = saved.state.decision
                if decision is None or (not_put_back_on and waiting.is_put_back(saved.state, not_put_back_on)):
                    continue
                closed = await app.closed_accounts.of(saved.state.account)
                if closed is None:
                    return First(saved.id, decision.entered.id), tuple(passed)
                if saved.state.passed_over != closed.since:
                    passed.append(Passed(saved.id, decision.entered.id, closed.since))
            unreadable += not known
            if unreadable == MOST_UNREADABLE:
                break
    return None, tuple(passed)


async def _pass_over(app: App, state: Places, stands: Occupancy, moment: Moment, command: CommandContext) -> None:
    """Write down of whom a place goes by, in the name of the service: they are nobody's choice."""
    own = command.of_service("applications")
    for passed in places.passes_over(state, stands, moment):

        def decide(application: Application, passed: Passed = passed) -> Decision[Application]:
            return Decision(*waiting.pass_over(application, passed))

        await app.applications.change(passed.application, decide, own)


async def _next(app: App, state: Places, command: CommandContext) -> Places:
    """What is to be noted next."""
    known = await app.programmes.versioned(state.programme)
    automatic = app.parameters.in_force.applications.promotes == "at-once"
    for application in state.leaving:
        if not await app.applications.is_there(application):
            return places.gone(state, application)
    if known is None or known[0].campaign != state.campaign:
        return replace(state, freed=0, taken_away=0, of_groups=())
    if not state.pools:
        return state
    if known[0].groups and state.told > known[1]:
        return state  # how many places each group has is not known yet: whoever told of it goes on
    moment, pool = app.moment(command), state.pools[0]
    list_of = await _lister(app, state, *known, None if pool.freed else moment)
    groups = {None if each is None else each.code: each for each in (*known[0].groups, None)}
    stands = await list_of(groups[pool.group]) if pool.group in groups else None
    if stands is None or not passing_on.is_own(stands):  # mostly it is: the other lists are not looked at
        lists = [await list_of(group) for group in groups.values()]
        if (assigned := passing_on.assigned(state, pool, lists)) is not None:
            return assigned
        stands = passing_on.place_of(pool.group, lists, passes_on=known[0].passes_on)
    if automatic:
        await _pass_over(app, state, stands, moment, command)
    return places.offer_next(state, stands, moment, id=app.ids.new(), by=command.acting, automatic=automatic)


async def _carry_out(app: App, saved: Versioned[Places], command: CommandContext) -> None:
    """Offer the place that is noted, where that is still so, and take the note away."""
    state, promotion = saved.state, saved.state.promotion
    if promotion is None:
        return
    moment, known = app.moment(command), await app.programmes.versioned(state.programme)
    stands = None if known is None else await _for_promotion(app, state, promotion, *known)
    least = app.parameters.in_force.applications.promotion_days
    type = types_in_force(app).unasked(DecisionKind.FAVOURABLE)
    passed = await _is_passed_over(app, promotion.application)

    def decide(application: Application) -> Decision[Application]:
        if known is None or stands is None or passed or not places.still_offers(state, stands, moment):
            return Decision(application)
        return Decision(*places.promote(application, promotion, known[0], moment, least_days=least, type=type))

    try:
        outcome = await app.applications.change(promotion.application, decide, command)
    except UnreadableRow as error:
        tell("applications", error)
        outcome = None
    promoted = outcome is not None and outcome.saved.state.promotion == promotion.id
    after = places.carried_out(state, promotion, promoted=promoted)
    await app.places.save(saved, Decision(after), command)


async def _for_promotion(
    app: App, state: Places, promotion: Promotion, offer: ProgrammeCopy, version: int
) -> Occupancy | None:
    """How the place stands that is noted; None: the programme has its group no more."""
    id, is_closed = key_of(state.campaign, state.programme), await app.closed.holds(state.campaign)
    stands = places.stands(state, offer, version, await app.ranks.taken(id), None, is_closed=is_closed)
    if promotion.group is None:
        return stands
    group = next((each for each in offer.groups if each.code == promotion.group), None)
    return None if group is None else await of_group(app, stands, id, group)


async def _is_passed_over(app: App, application: str) -> bool:
    """Whether its account has been closed since it was noted; of a row that nobody can read that says whoever changes it."""
    row = await app.applications.document(application)
    return row is not None and await app.closed_accounts.of(row["account"]) is not None


async def _take_back(app: App, id: str, application: str, command: CommandContext) -> None:
    """What has no place any more makes none free when it goes: that was said by what took it away."""
    saved = await app.places.get(id)
    if saved is not None and application in saved.state.leaving:
        await app.places.change_or_add(
            id, saved.state, lambda state: Decision(places.stays(state, application)), command.by_itself()
        )


def _as_noted(noted: Promotion, command: CommandContext) -> CommandContext:
    """In the name of whoever noted it, of whom it was known then what part they have in it, also where the clock goes on."""
    kind, _, id = noted.by.actor.partition(":")
    if kind not in set(ActorKind):
        return command
    return replace(taking_part(command, noted.application), actor=Actor(id, ActorKind(kind)))
