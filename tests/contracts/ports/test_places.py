"""Places are given to who waits, on every store: whatever stops in between, and however many do it at once (ADR 75)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from services.applications.domain import decisions
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.model import Application
from services.applications.domain.states import DecisionKind, FileState, PlaceAction
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.audit import AUDIT
from services.applications.repository.campaigns import CLOSED
from services.applications.repository.cards import CARDS
from services.applications.repository.deadlines import DEADLINES
from services.applications.repository.decisions import DECISIONS
from services.applications.repository.places import PLACES, SOURCES, key_of
from services.applications.repository.programmes import PROGRAMMES
from services.applications.repository.recusals import RECUSALS
from services.applications.usecases import places
from services.applications.usecases.app import App
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import Actor, CommandContext, acting_service
from services.chassis.events.aggregates import Decision
from services.chassis.events.closed_accounts import CLOSED_ACCOUNTS
from services.chassis.events.outbox import Outbox
from services.chassis.ids import RandomIds
from services.chassis.ports import Document, Store
from services.chassis.service.service import Ports
from services.chassis.settings import Settings
from services.contracts.actors import Acting, Role
from services.contracts.events.applications import ApplicationDecided, ApplicationLeftWaitlist, PlaceFreed
from services.contracts.refusals import RefusedError
from tests.contracts.ports.places import StorePlace
from tests.unit.applications.builders import draft, offer, on

NOW = datetime(2027, 5, 3, 11, tzinfo=UTC)
KIM = Acting("staff:kim")
COLLECTIONS = (
    *(APPLICATIONS, AUDIT, CARDS, CLOSED, CLOSED_ACCOUNTS, DEADLINES, DECISIONS, PLACES, PROGRAMMES, RECUSALS),
)


class PowerFailed(BaseException):
    """Nothing more is done."""


class Mortal:
    """A store whose power fails at its n-th write: before it, or when it is done and nobody has heard."""

    def __init__(self, store: Store, last: int, *, done: bool) -> None:
        self.store, self.left, self.done = store, last, done

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.store, name)
        if name not in ("insert", "replace", "append", "delete"):
            return call

        async def write(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left:
                return await call(*arguments, **options)
            if self.done:
                await call(*arguments, **options)
            raise PowerFailed

        return write


def app_on(store: Store, data: Path) -> App:
    settings = Settings(data=data)
    nothing = cast("Any", None)  # what places never ask for
    ports = Ports(settings, FixedClock(NOW), RandomIds(), store, *(nothing,) * 8, Outbox())
    return use_cases(ports)


@dataclass
class Programme:
    """One programme, who has a place of it and who waits, as one process after the other sees it."""

    code: str
    store: Store

    async def begins(self, app: App, capacity: int, taken: Sequence[str], waiting: Sequence[str]) -> None:
        programme = replace(offer(code=self.code), places=capacity)
        await app.programmes.keep(programme, 1)
        await asyncio.gather(
            *(self.add(app, name, DecisionKind.FAVOURABLE) for name in taken),
            *(self.add(app, name, DecisionKind.RANKED_WAITLIST, rank=rank) for rank, name in enumerate(waiting, 1)),
        )

    async def add(self, app: App, name: str, kind: DecisionKind, **said: Any) -> None:
        file = draft(account=name, state=FileState.COMPLETE, slot=f"{name}|{self.code}")
        file = replace(file, programme=offer(code=self.code).programme)
        entered = EnteredDecision(f"{name}-1", kind, NOW, KIM, **said)
        decided, _ = decisions.validate(
            file, entered, entered.id, None, on(NOW.date()), role=Role.MANAGER, by=KIM, two_persons=False
        )
        await app.applications.add(self.id(name), Decision(decided), self.command())

    async def withdraws(self, app: App, name: str) -> None:
        def decide(file: Application) -> Decision[Application]:
            withdrawn, _ = decisions.answer(file, PlaceAction.WITHDRAW, on(NOW.date()), Acting(f"account:{name}"))
            return Decision(withdrawn)

        assert await app.applications.change(self.id(name), decide, self.command())

    async def heard(self, app: App, name: str) -> None:
        """The service hears, perhaps again, that the place of `name` has become free."""
        event = PlaceFreed(application=self.id(name), account=name, programme=self.code, campaign="2027")
        source = f"internal /parvis/applications/applications:{self.id(name)}"
        await places.keep_freed(app, event, replace(self.command(), event=f"{source}.7", sequence=7, source=source))

    async def by_the_clock(self, app: App) -> None:
        async for row in places.unsettled(app, self.command()):
            await places.settle_row(app, row, self.command())

    async def told(self, name: str, type: str = ApplicationDecided.TYPE) -> int:
        """How many mails are due to `name`: of each there is an event that is relayed once."""
        row = await self.document(name)
        return sum(entry["type"] == type for entry in row["outbox"])

    async def document(self, name: str) -> Document:
        row = await self.store.get(APPLICATIONS.name, self.id(name))
        assert row is not None
        return row

    async def is_settled(self) -> bool:
        row = await self.store.get(PLACES.name, key_of("2027", self.code))
        return row is not None and "unsettled" not in row

    def id(self, name: str) -> str:
        return f"{self.code}-{name}"

    @staticmethod
    def command() -> CommandContext:
        return CommandContext(NOW, "test", acting_service("applications"))


@pytest.fixture
async def stores(store_place: StorePlace) -> AsyncIterator[list[Store]]:
    """The same store, opened twice, as two replicas do."""
    async with AsyncExitStack() as stack:
        yield [await store_place.open(stack, *COLLECTIONS) for _ in range(2)]


@pytest.fixture
def rounds(store_place: StorePlace) -> int:
    """As many as find what goes wrong in one process; a store beside it shows that it is no other one."""
    return 100 if store_place.url.startswith("sqlite:") else 25


@pytest.mark.parametrize("done", [False, True])
async def test_whatever_write_the_power_fails_at_one_is_promoted_once(
    stores: list[Store], tmp_path: Path, *, done: bool
) -> None:
    """Acceptance 89: between the withdrawal and the promotion, and between any two steps of that."""
    whole, last = app_on(stores[0], tmp_path), 0
    while True:
        last += 1
        programme = Programme(f"M{last}", stores[0])
        await programme.begins(whole, 1, ["a"], ["p", "q"])
        await programme.withdraws(whole, "a")
        try:
            await programme.heard(app_on(cast("Store", Mortal(stores[1], last, done=done)), tmp_path), "a")
        except PowerFailed:
            await programme.by_the_clock(whole)
            await programme.heard(whole, "a")
            survived = False
        else:
            survived = True
        await programme.heard(whole, "a")
        assert [await programme.told(name) for name in ("p", "q")] == [1, 0], f"write {last}"
        assert (await programme.document("p"))["place"]["state"] == "offered"
        assert (await programme.document("q"))["waits_for"]
        assert await programme.is_settled()
        if survived:
            break
    assert last > 4, "it is noted, promoted, and the note is taken away"


async def test_two_who_withdraw_at_once_make_room_for_two_and_no_more(
    stores: list[Store], tmp_path: Path, rounds: int
) -> None:
    """Acceptance 90: in two processes, each of which hears of both; the one who is third waits on."""
    apps = [app_on(store, tmp_path) for store in stores]
    for turn in range(rounds):
        programme = Programme(f"M{turn}", stores[0])
        await programme.begins(apps[0], 2, ["a", "b"], ["p", "q", "r"])

        async def gives_up(app: App, name: str, programme: Programme = programme) -> None:
            await programme.withdraws(app, name)
            await programme.heard(app, name)

        await asyncio.gather(gives_up(apps[0], "a"), gives_up(apps[1], "b"))
        await asyncio.gather(*(programme.heard(app, name) for app in apps for name in ("a", "b")))
        assert [await programme.told(name) for name in ("p", "q", "r")] == [1, 1, 0], f"round {turn}"
        assert await apps[0].ranks.taken(key_of("2027", programme.code)) == 2
        assert await programme.is_settled()


async def test_who_leaves_while_being_promoted_does_one_or_the_other(
    stores: list[Store], tmp_path: Path, rounds: int
) -> None:
    """Acceptance 91: and the place goes to exactly one."""
    apps = [app_on(store, tmp_path) for store in stores]
    outcomes = set[str]()
    for turn in range(rounds):
        programme = Programme(f"M{turn}", stores[0])
        await programme.begins(apps[0], 1, ["a"], ["p", "q"])
        await programme.withdraws(apps[0], "a")

        async def leaves(programme: Programme = programme, turn: int = turn) -> str:
            for _ in range(turn % 8):
                await asyncio.sleep(0)
            try:
                await places.leave(apps[1], Actor("p"), programme.id("p"), programme.command())
            except RefusedError as refusal:
                return refusal.slug.name
            return "left"

        outcome, _ = await asyncio.gather(leaves(), programme.heard(apps[0], "a"))
        outcomes.add(outcome)
        promoted = [await programme.told(name) for name in ("p", "q")]
        assert promoted == ([0, 1] if outcome == "left" else [1, 0]), f"round {turn}: {outcome}"
        assert await programme.told("p", ApplicationLeftWaitlist.TYPE) == (outcome == "left")
        assert await programme.is_settled()
    assert outcomes <= {"left", "not-waiting"}


async def test_of_no_more_applications_it_is_remembered_that_they_were_heard(
    stores: list[Store], tmp_path: Path
) -> None:
    """The one heard longest ago is forgotten when there is one more; what is told twice is heard once all the same."""
    app, store = app_on(stores[0], tmp_path), stores[0]
    programme = Programme("M-MANY", store)
    await programme.begins(app, 9, [], ["p", "q"])
    await programme.heard(app, "first")
    key = key_of("2027", programme.code)

    async def heard() -> list[str]:
        row = await store.get(PLACES.name, key)
        assert row is not None
        return list(row["meta"]["applied"])

    (first,) = await heard()
    row = await store.get(PLACES.name, key)
    assert row is not None
    others = {f"of-{number}": 1 for number in range(SOURCES - 2)}
    meta = {**row["meta"], "applied": {**row["meta"]["applied"], **others}}
    assert await store.replace(PLACES.name, row | {"meta": meta, "version": row["version"] + 1}, version=row["version"])
    for name, known in (("second", [first, *others]), ("third", list(others))):
        for _ in range(2):
            await programme.heard(app, name)
        assert (await heard())[: len(known)] == known, name
        assert len(await heard()) == SOURCES
    assert [await programme.told(name) for name in ("p", "q")] == [1, 1]
