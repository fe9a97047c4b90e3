"""What a broker lost is noticed by who has missed it, and told again from the journal (acceptance 110)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from services.chassis import urls
from services.chassis.broker.local import LocalBroker
from services.chassis.broker.signals import EXCHANGE, Position
from services.chassis.broker.topics import queue_of
from services.chassis.broker.topology import topology
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext
from services.chassis.events.heard import HEARD, MAX_SPANS, TRUST, Heard, Hearing, load, order
from services.chassis.events.inbox import INBOX, Inbox
from services.chassis.events.journal import JOURNALS, Journal
from services.chassis.events.leases import LEASES, Lease
from services.chassis.events.listener import ASKS, Listener
from services.chassis.events.outbox import Outbox, Relay
from services.chassis.events.parking import PARKED, Parking
from services.chassis.events.publisher import CURSORS, Publisher
from services.chassis.events.teller import BY_HAND, LONGEST_COMMAND, REPLAYS, Teller
from services.chassis.events.witness import WITNESS
from services.chassis.ids import RandomIds
from services.chassis.ports import Message, Store
from services.contracts.backoff import Backoff
from services.contracts.events.catalogue import Audience, Event
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text
from tests.service.chassis.thing import NOW, Stepped, Things, command, made, step


def nothing(message: Message) -> bool:
    return False


def is_event(message: Message) -> bool:
    return message.exchange == Audience.PUBLIC.value


class LossyBroker(LocalBroker):
    """Confirms what it then loses, as a queue does that is deleted."""

    def __init__(self) -> None:
        super().__init__(topology({"tests": (), "hearer": (Stepped,)}))
        self.loses: Callable[[Message], bool] = nothing

    async def publish(self, messages: Sequence[Message]) -> int:
        left = [message for message in messages if not self.loses(message)]
        confirmed = await super().publish(left) if left else 0
        return len(messages) if confirmed == len(left) else 0


@dataclass
class TellerAndHearer:
    """One who tells, and one who hears; `heard` are the steps that were applied."""

    clock: FixedClock
    broker: LossyBroker
    told: Store
    store: Store
    things: Things
    relay: Relay
    publisher: Publisher
    teller: Teller
    inbox: Inbox
    listener: Listener
    heard: list[tuple[str, int]]

    async def steps(self, *things: str) -> None:
        """Let each thing go a step, and tell of it."""
        now = replace(command(), now=self.clock.now())
        for id in things:
            if await self.things.change(id, step, now) is None:
                await self.things.add(id, made(id), now)
        while await self.relay.step():
            pass
        while await self.publisher.position() < await self.last():
            await asyncio.sleep(0.01)

    async def last(self) -> int:
        return await Journal(self.told, Audience.PUBLIC).last()

    async def says_its_position(self) -> None:
        async with asyncio.timeout(120):
            while not await self.teller.say_position():
                await asyncio.sleep(0.01)
        await self.listener.look()

    async def knows_all(self) -> bool:
        """Whether the hearer knows all that there was until a minute ago."""
        while await self.inbox.step():
            pass
        return await Heard(self.store, self.clock).everything(Stepped, until=self.clock.now() - LONGEST_COMMAND)

    async def learns_the_rest(self) -> None:
        """Wait until what is missing has been asked for, and told again."""
        async with asyncio.timeout(120):
            while not await self.knows_all():
                await self.listener.look()
                await asyncio.sleep(0.01)


@asynccontextmanager
async def standing(
    folder: Path,
    *,
    from_now: Sequence[type[Event]] = (),
    teller_in: Path | None = None,
    now: datetime = NOW,
    asks: Backoff = ASKS,
) -> AsyncIterator[TellerAndHearer]:
    async with AsyncExitStack() as stack:
        told, store = await opened(stack, teller_in or folder, "tests"), await opened(stack, folder, "hearer")
        clock, broker, ids, outbox = FixedClock(now), LossyBroker(), RandomIds(), Outbox()
        stack.push_async_callback(broker.close)
        journals = {audience: Journal(told, audience) for audience in Audience}
        parking = Parking("tests", told, clock)
        publishers = {
            audience: Publisher("tests", told, broker, journal, Lease(told, clock, journal.collection), parking=parking)
            for audience, journal in journals.items()
        }
        teller = Teller(
            "tests",
            told,
            broker,
            clock,
            ids,
            aggregates=["things"],
            journals=journals,
            publishers=publishers,
            present={},
            parking=parking,
        )
        heard: list[tuple[str, int]] = []

        async def apply(event: Stepped, command: CommandContext) -> None:
            heard.append((event.thing, event.count))

        inbox = Inbox("hearer", store, clock, {Stepped: apply}, Lease(store, clock, "inbox"))
        listener = Listener(
            "hearer",
            store,
            broker,
            clock,
            ids,
            listens=[Stepped],
            from_now=from_now,
            on_ask=teller.ask,
            timeout=0,
            asks=asks,
        )
        await stack.enter_async_context(listener.consume(partial(broker.consume, queue_of("hearer")), inbox.receive))
        ear = Listener("tests", told, broker, clock, ids, listens=[], on_ask=teller.ask)
        await stack.enter_async_context(ear.consume(partial(broker.consume, queue_of("tests")), inbox.receive))
        working = [asyncio.create_task(each.run()) for each in publishers.values()]
        working.append(asyncio.create_task(teller.keep_telling()))
        stack.push_async_callback(_end, working)
        relay, publisher = Relay(told, outbox, ["things"], journals, parking), publishers[Audience.PUBLIC]
        things = Things(told, outbox)
        yield TellerAndHearer(clock, broker, told, store, things, relay, publisher, teller, inbox, listener, heard)


async def opened(stack: AsyncExitStack, folder: Path, name: str) -> Store:
    store = urls.open_store("sqlite:", service=name, data=folder)
    stack.push_async_callback(store.close)
    await store.prepare(
        [Things.collection, INBOX, HEARD, REPLAYS, CURSORS, LEASES, PARKED, WITNESS, *JOURNALS.values()]
    )
    return store


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[TellerAndHearer]:
    async with standing(tmp_path) as made:
        yield made


async def test_who_has_received_everything_knows_it_once_the_publisher_says_so(pair: TellerAndHearer) -> None:
    await pair.steps("a", "b", "a")
    assert not await pair.knows_all()
    await pair.says_its_position()
    assert await pair.knows_all()
    assert sorted(pair.heard) == [("a", 0), ("a", 1), ("b", 0)]
    pair.clock.advance(seconds=1)
    assert not await pair.knows_all()


async def test_what_is_left_in_an_outbox_was_not_told(pair: TellerAndHearer) -> None:
    """Only what arrived a minute ago is known to be saved by now."""
    await pair.steps("a")
    await pair.things.change("a", step, command())
    pair.clock.advance(seconds=59)
    await pair.says_its_position()
    assert await pair.knows_all()
    pair.clock.advance(seconds=1)
    for _ in range(3):
        assert not await pair.teller.say_position()
    assert not await pair.knows_all()


async def test_a_lost_event_is_asked_for_and_told_again_without_a_person(pair: TellerAndHearer) -> None:
    """Acceptance 110."""
    await pair.steps("a", "b")
    pair.broker.loses = lambda message: message.message_id.endswith((".a.2", ".b.2"))
    await pair.steps("a", "b", "a")
    pair.broker.loses = nothing
    await pair.says_its_position()
    assert not await pair.knows_all()
    await pair.learns_the_rest()
    assert sorted(pair.heard) == [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1)]


async def test_everything_lost_is_told_again_also_when_nothing_comes_after_it(pair: TellerAndHearer) -> None:
    """As after a queue was deleted, of whatever age."""
    pair.broker.loses = is_event
    await pair.steps(*(f"t{number}" for number in range(300)))
    pair.clock.advance(days=7)
    pair.broker.loses = nothing
    await pair.says_its_position()
    await pair.learns_the_rest()
    assert len(pair.heard) == 300


async def test_what_was_told_again_and_what_had_come_is_applied_once(pair: TellerAndHearer) -> None:
    await pair.steps("a", "b")
    assert await pair.teller.tell_again("hearer", {Stepped.TYPE: 0}) == 2
    assert await pair.teller.tell_again("all", {Stepped.TYPE: 1}) == 1
    await pair.says_its_position()
    assert await pair.knows_all()
    assert sorted(pair.heard) == [("a", 0), ("b", 0)]


async def test_what_operations_order_is_told_again_to_everybody(pair: TellerAndHearer) -> None:
    """Acceptance 110: `parvis replay` leaves an order in the store, which the process that publishes carries out."""
    pair.broker.loses = is_event
    await pair.steps("a", "b", "a")
    pair.broker.loses = nothing
    await pair.told.insert(REPLAYS.name, {"_id": BY_HAND, "version": 1, "after": 1})
    saying = asyncio.create_task(pair.teller.keep_saying())
    async with asyncio.timeout(120):
        while await pair.told.get(REPLAYS.name, BY_HAND):
            await asyncio.sleep(0.01)
    await _end([saying])
    await pair.inbox.step()
    assert sorted(pair.heard) == [("a", 1), ("b", 0)]


async def test_a_restart_knows_what_was_known_before_it(pair: TellerAndHearer) -> None:
    await pair.steps("a", "b")
    await pair.says_its_position()
    after = Listener(
        "hearer", pair.store, pair.broker, pair.clock, RandomIds(), listens=[Stepped], on_ask=pair.teller.ask
    )
    async with after.consume(partial(pair.broker.consume, queue_of("hearer")), pair.inbox.receive):
        assert await pair.knows_all()


async def test_who_acts_on_what_it_hears_does_not_want_the_past(tmp_path: Path) -> None:
    """A mailer that begins to listen to a type writes no mails about what was long ago; a copy is filled."""
    async with standing(tmp_path, from_now=[Stepped]) as pair:
        pair.broker.loses = is_event
        await pair.steps("a", "b")
        pair.broker.loses = nothing
        await pair.says_its_position()
        assert await pair.knows_all()
        assert pair.heard == []
        pair.broker.loses = is_event
        await pair.steps("a")
        pair.broker.loses = nothing
        await pair.says_its_position()
        pair.clock.advance(seconds=1)
        await pair.says_its_position()
        await pair.learns_the_rest()
        assert pair.heard == [("a", 1)]


@asynccontextmanager
async def put_back_alone(folder: Path) -> AsyncIterator[TellerAndHearer]:
    """Who tells was put back to before it had told anything, and tells of another `a`; who hears has heard of the first."""
    async with standing(folder) as pair:
        await pair.steps("a", "b", "a")
        await pair.says_its_position()
        assert await pair.knows_all()
    later = NOW + timedelta(hours=1)
    async with standing(folder, teller_in=folder / "older", now=later) as pair:
        yield pair


async def test_who_tells_another_past_than_was_heard_proves_nothing_until_a_person_trusts_it(tmp_path: Path) -> None:
    """Acceptance 102: one store was put back to an earlier state alone, and counts anew."""
    async with put_back_alone(tmp_path) as pair:
        await pair.steps("c")
        for _ in range(3):
            await pair.says_its_position()
            assert not await pair.knows_all()
        for _ in range(100):
            await pair.listener.look()
            await asyncio.sleep(0)
        assert await pair.inbox.step() in (0, 1)
        pair.clock.advance(days=30)
        await pair.says_its_position()
        assert not await pair.knows_all()
        assert (await load(pair.store, "tests.journal")).went_back
        await order(pair.store, "tests.journal", TRUST)
        assert not await pair.knows_all()
        await pair.says_its_position()
        await pair.says_its_position()
        await pair.learns_the_rest()
        assert sorted(pair.heard) == [("c", 0)]


async def test_another_event_under_a_known_id_is_parked_and_proves_nothing(tmp_path: Path) -> None:
    """Its journal is as long as the lost one by now, so that nothing else tells."""
    async with put_back_alone(tmp_path) as pair:
        await pair.steps("a", "b", "a", "c")
        await pair.says_its_position()
        for _ in range(3):
            await pair.inbox.step()
            await pair.says_its_position()
        assert not await pair.knows_all()
        rows = await pair.store.find(INBOX.name, {"state": "parked"}, sort=(("received", 1),))
        assert {row["_id"].partition("-")[0] for row in rows} == {"conflict"}
        assert len(rows) == 3
        assert pair.heard == [("c", 0)]
        assert await pair.inbox.skip(rows[0]["_id"])
        for row in rows[1:]:
            assert await pair.inbox.retry(row["_id"])
        await pair.learns_the_rest()
        assert len(pair.heard) == 3
        await pair.teller.tell_again("hearer", {Stepped.TYPE: 0})
        assert await pair.knows_all(), "what comes again is known"


async def test_the_same_event_is_known_also_when_a_person_was_forgotten_in_it(pair: TellerAndHearer) -> None:
    await pair.steps("a")
    (row,) = await pair.told.find(JOURNALS[Audience.PUBLIC].name, {})
    said = Envelope.decode(row["body"].encode())
    other = said.model_copy(update={"data": {"thing": "a", "count": 7}})
    await pair.inbox.receive(Message(Audience.PUBLIC.value, said.type, other.encode(), said.id))
    await pair.says_its_position()
    assert await pair.knows_all()


async def test_a_time_that_has_not_come_proves_nothing(pair: TellerAndHearer) -> None:
    """Acceptance 102: the clock of who tells is days ahead, or was when it was heard here."""
    pair.clock.advance(days=8)
    await pair.steps("a")
    await pair.says_its_position()
    assert await pair.knows_all()
    pair.clock.advance(days=-8)
    assert await Heard(pair.store, pair.clock).until(Stepped) is None
    await pair.listener.look()
    assert not (await load(pair.store, "tests.journal")).until
    ahead = {"service": "tests", "journal": "journal", "position": 1, "heads": {Stepped.TYPE: 1}}
    for until, is_believed in ((NOW + timedelta(milliseconds=1), False), (NOW, True)):
        said = Position.model_validate(ahead | {"until": instant_text(until)})
        await pair.broker.publish([Message(EXCHANGE, "tests.position", said.model_dump_json().encode(), "said")])
        await pair.listener.look()
        assert (await Heard(pair.store, pair.clock).until(Stepped) == NOW) is is_believed


@pytest.mark.parametrize(
    "lost", [("state",), ("type",), ("key", "type"), ("body",), ("received", "key"), ("body", "type")]
)
async def test_a_row_that_was_damaged_here_proves_nothing_until_it_was_told_again(
    pair: TellerAndHearer, lost: Sequence[str]
) -> None:
    """Acceptance 102, 104: nobody knows what it said, and whoever told it still does."""
    await pair.steps("b")
    await pair.steps("a")
    await pair.says_its_position()
    row = await pair.store.get(INBOX.name, "tests.things.a.1")
    assert row is not None and row["state"] == "pending"
    kept = {name: value for name, value in row.items() if name not in lost}
    assert await pair.store.replace(INBOX.name, kept | {"version": 2}, version=1)
    for _ in range(3):
        assert not await pair.knows_all()
    assert pair.heard == [("b", 0)]
    if "state" in lost:
        return
    assert await pair.inbox.retry(row["_id"])
    assert not await pair.knows_all()
    await pair.says_its_position()
    await pair.says_its_position()
    await pair.learns_the_rest()
    assert pair.heard == [("b", 0), ("a", 0)]


async def test_signals_that_cannot_be_read_are_passed_over(pair: TellerAndHearer) -> None:
    for key in ("tests.position", "hearer.ask.tests"):
        await pair.broker.publish([Message(EXCHANGE, key, b"\xff", "broken")])
    await pair.steps("a")
    await pair.says_its_position()
    assert await pair.knows_all()


def test_what_is_known_of_a_journal_grows_together_in_any_order() -> None:
    hearing = Hearing()
    for after, position in ((5, 7), (7, 9), (2, 5)):
        hearing.add("t", after, position)
        assert hearing.reached("t") == 0
    hearing.add("t", 0, 2)
    assert hearing.reached("t") == 9
    for gap in range(2 * MAX_SPANS):
        hearing.add("t", 20 + 2 * gap, 21 + 2 * gap)
    assert len(hearing.spans["t"]) == MAX_SPANS
    assert hearing.reached("t") == 9
