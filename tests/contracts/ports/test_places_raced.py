"""Staff decide while places move, in two processes, on every store: one outcome, one mail (acceptance 80, 90)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.states import DecisionKind, FileState
from services.applications.repository.decisions import Entry
from services.applications.repository.places import key_of
from services.applications.usecases import decisions
from services.applications.usecases.app import App
from services.chassis.context import Actor
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Store
from services.contracts.actors import ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.events.applications import PlaceFreed
from services.contracts.refusals import RefusedError
from tests.contracts.ports.places import StorePlace
from tests.contracts.ports.test_places import KIM, NOW, Programme, app_on, stores
from tests.unit.applications.builders import draft, offer

__all__ = ["stores"]


@pytest.fixture
def rounds(store_place: StorePlace) -> int:
    """As many as find what goes wrong in one process; a few show that a store beside it does the same."""
    return 100 if store_place.url.startswith("sqlite:") else 10


MANAGERS = [Actor(name, ActorKind.STAFF, grants=(Grant(role=Role.MANAGER),)) for name in ("kim", "lou")]


async def enters(app: App, programme: Programme, name: str, kind: DecisionKind, **said: Any) -> str:
    """A decision is entered on the file of `name`; answer its id."""
    given = EnteredDecision(f"{name}-2", kind, NOW, KIM, **said)
    entry = Entry(name, given)
    await app.decisions.change_or_add(programme.id(name), Entry(name), lambda _: Decision(entry), programme.command())
    return given.id


async def validates(app: App, actor: Actor, programme: Programme, name: str, decision: str, late: int = 0) -> str:
    """What comes of it, begun a few reads of the store `late`."""
    for _ in range(late):
        await app.places.get(key_of("2027", programme.code))
    command = replace(programme.command(), actor=actor)
    try:
        await decisions.validate(app, actor, programme.id(name), command, decision=decision, until=None)
    except RefusedError as refusal:
        return refusal.slug.name
    return "validated"


async def complete(app: App, programme: Programme, *names: str) -> None:
    """Files that nobody has decided on."""
    for name in names:
        file = draft(account=name, state=FileState.COMPLETE, slot=f"{name}|{programme.code}")
        file = replace(file, programme=offer(code=programme.code).programme)
        await app.applications.add(programme.id(name), Decision(file), programme.command())


async def test_a_promotion_beside_a_new_decision_leaves_one_with_the_place(
    stores: list[Store], tmp_path: Path, rounds: int
) -> None:
    """Acceptance 90: who was next is refused, before or after they were promoted: the next one has the place, once."""
    apps = [app_on(store, tmp_path) for store in stores]
    for turn in range(rounds):
        programme = Programme(f"M{turn}", stores[0])
        await programme.begins(apps[0], 1, ["a"], ["p", "q"])
        decision = await enters(apps[1], programme, "p", DecisionKind.UNFAVOURABLE, reason="Non")
        await programme.withdraws(apps[0], "a")
        outcome, _ = await asyncio.gather(
            validates(apps[1], MANAGERS[0], programme, "p", decision, turn % 6 * 7), programme.heard(apps[0], "a")
        )
        assert outcome == "validated"
        was_promoted = await programme.told("p", PlaceFreed.TYPE)
        if was_promoted:
            await programme.heard(apps[1], "p")
        assert [await programme.told(name) for name in ("p", "q")] == [1 + was_promoted, 1], f"round {turn}"
        row = await programme.document("p")
        assert (row["decision"]["entered"]["kind"], "takes_place" in row) == ("unfavourable", False)
        assert await apps[0].ranks.taken(key_of("2027", programme.code)) == 1
        assert await programme.is_settled()


async def test_two_managers_who_validate_at_once_tell_it_once(stores: list[Store], tmp_path: Path, rounds: int) -> None:
    """Acceptance 80: the same decision; and of two that give one rank to two people one is refused."""
    apps = [app_on(store, tmp_path) for store in stores]
    for turn in range(rounds):
        programme = Programme(f"M{turn}", stores[0])
        await apps[0].programmes.keep(replace(offer(code=programme.code), places=2), 1)
        await complete(apps[0], programme, "a")
        decision = await enters(apps[0], programme, "a", DecisionKind.FAVOURABLE)
        pair = zip(apps, MANAGERS, strict=True)
        told = await asyncio.gather(*(validates(app, who, programme, "a", decision) for app, who in pair))
        assert told.count("validated") == 1 and await programme.told("a") == 1, f"round {turn}: {told}"
        if turn % 5:
            continue
        await complete(apps[0], programme, "p", "q")
        ranked = [await enters(apps[0], programme, name, DecisionKind.RANKED_WAITLIST, rank=7) for name in ("p", "q")]
        told = await asyncio.gather(
            *(
                validates(app, who, programme, name, decision)
                for app, who, name, decision in zip(apps, MANAGERS, ("p", "q"), ranked, strict=True)
            )
        )
        assert sorted(told) == ["rank-taken", "validated"], f"round {turn}"
        assert sum([await programme.told(name) for name in ("p", "q")]) == 1
