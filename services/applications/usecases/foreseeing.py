"""What would come of withdrawals from a programme, which is looked at and changes nothing (ADR 103)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from services.applications.domain import foreseeing, places
from services.applications.domain.foreseeing import Foresight, Waitlisted
from services.applications.domain.model import Moment
from services.applications.domain.places import Hindrance, Places
from services.applications.domain.states import DecisionKind
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.places import NEXT_ONES, key_of
from services.applications.usecases.app import App
from services.applications.usecases.decisions import types_in_force
from services.applications.usecases.places import managed
from services.chassis.context import Actor
from services.chassis.store.rows import chunks, readable
from services.contracts.actors import Acting

MOST_LOOKED_AT: Final = 1000
"""Of those who wait, by rank: who is behind them is not foreseen."""


async def foresee(
    app: App, actor: Actor, programme: str, moment: Moment, *, ids: Sequence[str] | None, count: int | None
) -> Foresight:
    """What would come if these gave their place up, or so many whoever they are; raises NOT_FOUND, INVALID_FIELDS."""
    offer, version = await managed(app, actor, programme)
    foreseeing.check_size(ids, count)
    key = key_of(offer.campaign, programme)
    there = await app.applications.of_ids(ids) if ids else ()
    holding = [each.id for each in there if each.document.get("takes_place") == key]
    taken = await app.ranks.taken(key)
    foreseeing.check(ids, count, holding, taken)
    withdrawals = len(ids) if ids is not None else count or 0
    saved = await app.places.get(key)
    known = Places(offer.campaign, programme) if saved is None else saved.state
    is_closed, rules = await app.closed.holds(offer.campaign), app.parameters.in_force.applications
    stands = places.stands(known, offer, version, taken, None, is_closed=is_closed)
    waiting, passed = await _waiting(app, key, withdrawals)
    foreseen = foreseeing.foresee(
        known,
        stands,
        waiting,
        offer,
        moment,
        withdrawals=withdrawals,
        automatic=rules.promotes == "at-once",
        by=Acting(str(actor)),
        least_days=rules.promotion_days,
        type=types_in_force(app).unasked(DecisionKind.FAVOURABLE),
    )
    last = max((who.rank for who, _ in foreseen.promoted), default=0)
    reached = tuple(each for each in passed if foreseen.because is Hindrance.NOBODY or each.rank < last)
    automatic = rules.promotes == "at-once"
    return Foresight(offer, known.until, stands, withdrawals, automatic, foreseen, reached)


async def _waiting(app: App, key: str, most: int) -> tuple[list[Waitlisted], list[Waitlisted]]:
    """The first of those who wait, by rank, and those before them whose account is closed."""
    waiting, passed, looked_at = list[Waitlisted](), list[Waitlisted](), 0
    if not most:
        return waiting, passed
    async with aclosing(app.ranks.by_rank(key)) as rows, aclosing(chunks(rows, NEXT_ONES)) as read:
        async for chunk in read:
            closed = await app.closed_accounts.among({row["account"] for row in chunk if "account" in row})
            for row in chunk:
                looked_at += 1
                for saved in readable("applications", APPLICATIONS.name, [row], app.applications.loaded):
                    found = passed if saved.state.account in closed else waiting
                    found.append(Waitlisted(saved.id, row["waiting_rank"], saved.state))
                if len(waiting) == most or looked_at == MOST_LOOKED_AT:
                    return waiting, passed
    return waiting, passed
