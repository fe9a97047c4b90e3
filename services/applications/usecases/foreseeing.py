"""What would come of withdrawals from a programme, which is looked at and changes nothing (ADR 103)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from services.applications.domain import foreseeing, places
from services.applications.domain.foreseeing import Foresight, Listed, Waitlisted
from services.applications.domain.model import Moment
from services.applications.domain.places import Places
from services.applications.domain.states import DecisionKind
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.places import key_of, list_key
from services.applications.usecases.app import App
from services.applications.usecases.decisions import types_in_force
from services.applications.usecases.places import managed, of_group
from services.chassis.context import Actor
from services.chassis.store.rows import chunks, readable
from services.contracts.actors import Acting

AT_ONCE: Final = 20
"""Who waits is read so many at a time."""
MOST_LOOKED_AT: Final = 1000
"""Of those who wait, by rank: who is behind them is not foreseen."""


async def foresee(
    app: App,
    actor: Actor,
    programme: str,
    moment: Moment,
    *,
    ids: Sequence[str] | None,
    count: int | None,
    group: str | None = None,
) -> Foresight:
    """What would come if these gave their place up, or so many whoever they are, of a group where the programme has some.

    Raises NOT_FOUND, INVALID_FIELDS.
    """
    offer, version = await managed(app, actor, programme)
    foreseeing.check_size(ids, count)
    foreseeing.check_group(count, group, [each.code for each in offer.groups])
    key = key_of(offer.campaign, programme)
    there = await app.applications.of_ids(ids) if ids else ()
    holding = {each.id: each.state.place for each in there if each.document.get("takes_place") == key}
    taken = await app.ranks.taken(key)
    foreseeing.check(ids, count, [*holding], taken if group is None else await app.ranks.taken_of(key, group))
    withdrawals: list[str | None] = [group] * (count or 0)
    if ids is not None:
        withdrawals = [None if (place := holding[id]) is None else place.group for id in ids]
    saved = await app.places.get(key)
    known = Places(offer.campaign, programme) if saved is None else saved.state
    is_closed, rules = await app.closed.holds(offer.campaign), app.parameters.in_force.applications
    stands = places.stands(known, offer, version, taken, None, is_closed=is_closed)
    lists, passed = list[Listed](), list[tuple[str | None, Waitlisted]]()
    for each in (*offer.groups, None):
        code = None if each is None else each.code
        waiting, over = await _waiting(app, list_key(key, code), len(withdrawals))
        lists.append(Listed(stands if each is None else await of_group(app, stands, key, each), waiting))
        passed += [(code, who) for who in over]
    foreseen = foreseeing.foresee(
        known,
        lists,
        offer,
        moment,
        withdrawals=withdrawals,
        automatic=rules.promotes == "at-once",
        by=Acting(str(actor)),
        least_days=rules.promotion_days,
        type=types_in_force(app).unasked(DecisionKind.FAVOURABLE),
    )
    last: dict[str | None, int] = {}
    for who, decision in foreseen.promoted:
        last[decision.entered.group_code] = max(who.rank, last.get(decision.entered.group_code, 0))
    reached = tuple(who for code, who in passed if code in foreseen.ends or who.rank < last.get(code, 0))
    automatic = rules.promotes == "at-once"
    return Foresight(offer, known.until, stands, len(withdrawals), automatic, foreseen, reached)


async def _waiting(app: App, key: str, most: int) -> tuple[list[Waitlisted], list[Waitlisted]]:
    """The first of those who wait, by rank, and those before them whose account is closed."""
    waiting, passed, looked_at = list[Waitlisted](), list[Waitlisted](), 0
    if not most:
        return waiting, passed
    async with aclosing(app.ranks.by_rank(key, AT_ONCE)) as rows, aclosing(chunks(rows, AT_ONCE)) as read:
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
