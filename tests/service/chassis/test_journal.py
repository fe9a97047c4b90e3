"""The journal is gapless, in order per key, and has every event once, whoever relays; the publisher loses nothing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta

import pytest

from services.chassis.clock import SKEW, FixedClock
from services.chassis.events.journal import Journal
from services.chassis.events.leases import LEASES, TERM, Lease
from services.chassis.events.outbox import Outbox, Relay
from services.chassis.events.parking import PAUSES, Parking
from services.chassis.events.publisher import Publisher
from services.chassis.ports import BrokerUnavailable, Message, Store
from services.contracts.events.catalogue import Audience
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text
from tests.samples import sample
from tests.service.chassis.thing import NOW, Things, command, made, step

THINGS = [f"t{number}" for number in range(12)]


def relay(store: Store, outbox: Outbox) -> Relay:
    return Relay(store, outbox, ["things"], {Audience.PUBLIC: Journal(store, Audience.PUBLIC)}, parking(store))


def parking(store: Store) -> Parking:
    return Parking("tests", store, FixedClock(NOW))


async def steps(things: Things, each: int) -> None:
    for id in THINGS:
        await things.add(id, made(id), command())
    for _ in range(each):
        await asyncio.gather(*(things.change(id, step, command()) for id in THINGS))


async def rows(store: Store) -> list[Envelope]:
    found = await store.find("journal", {}, sort=(("_id", 1),), limit=1000)
    assert [row["_id"] for row in found] == list(range(1, len(found) + 1)), "a gap"
    return [Envelope.decode(row["body"].encode()) for row in found]


def assert_each_once_in_order(envelopes: list[Envelope], each: int) -> None:
    by_key: dict[str, list[int]] = defaultdict(list)
    for envelope in envelopes:
        by_key[envelope.partitionkey].append(int(envelope.sequence))
    assert by_key == {id: list(range(1, each + 2)) for id in THINGS}


async def test_two_relays_forced_active_on_one_store_leave_the_journal_gapless_and_in_order(
    store: Store, things: Things, outbox: Outbox
) -> None:
    first, second = relay(store, outbox), relay(store, Outbox())
    working = [asyncio.create_task(first.run()), asyncio.create_task(second.run())]
    polling = asyncio.create_task(_poll(second))
    await steps(things, 15)
    while await store.count("things", {"outbox_at": "2026-03-01T12:00:00.000Z"}):
        await asyncio.sleep(0.01)
    for task in (*working, polling):
        task.cancel()
    await asyncio.gather(*working, polling, return_exceptions=True)
    assert_each_once_in_order(await rows(store), 15)


async def _poll(relay: Relay) -> None:
    while True:
        await relay.step()


async def test_what_was_saved_while_no_relay_ran_is_found_by_polling(store: Store, things: Things) -> None:
    await steps(things, 3)
    late = relay(store, Outbox())
    while await late.step():
        pass
    assert_each_once_in_order(await rows(store), 3)


async def test_relaying_again_what_is_journaled_changes_nothing(store: Store, things: Things, outbox: Outbox) -> None:
    await steps(things, 2)
    journal = Journal(store, Audience.PUBLIC)
    envelopes = [
        Envelope.model_validate(entry)
        for saved in await things.find({"outbox_at": "2026-03-01T12:00:00.000Z"})
        for entry in saved.outbox
    ]
    await journal.append(envelopes)
    await Journal(store, Audience.PUBLIC).append(envelopes[3:9])
    await relay(store, outbox).step()
    assert_each_once_in_order(await rows(store), 2)


async def test_an_aggregate_that_never_rests_does_not_grow_its_outbox(
    store: Store, things: Things, outbox: Outbox
) -> None:
    """Nearly every time that the relay would empty the outbox, another change has come between."""
    relaying = asyncio.create_task(relay(store, outbox).run())
    await things.add("t0", made("t0"), command())
    sizes = []
    for _ in range(200):
        outcome = await things.change("t0", step, command())
        assert outcome is not None
        sizes.append(len(outcome.saved.outbox))
    while await store.count("things", {"outbox_at": "2026-03-01T12:00:00.000Z"}):
        await asyncio.sleep(0.01)
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
    assert [envelope.sequence for envelope in await rows(store)] == [f"{number:010d}" for number in range(1, 202)]
    assert max(sizes) < 100


async def test_what_a_dead_process_left_is_relayed_also_while_there_is_always_something_to_do(
    store: Store, things: Things, outbox: Outbox
) -> None:
    await Things(store, Outbox()).add("left", made("left"), command())
    await things.add("busy", made("busy"), command())
    relaying = asyncio.create_task(relay(store, outbox).run())
    while not await store.count("journal", {"event_id": "tests.things.left.1"}):
        await things.change("busy", step, command())
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)


class MoodyBroker:
    """A broker of which every second call confirms only a part, and every fifth fails."""

    def __init__(self) -> None:
        self.calls = 0
        self.got: list[str] = []

    async def publish(self, messages: list[Message]) -> int:
        self.calls += 1
        if self.calls % 5 == 0:
            raise BrokerUnavailable
        keys = [Envelope.decode(message.body).partitionkey for message in messages]
        assert len(set(keys)) == len(keys), "two events of one key under way together"
        confirmed = len(messages) if self.calls % 2 else len(messages) // 2
        self.got += [message.message_id for message in messages[: confirmed + 1]]
        return confirmed


async def test_the_publisher_starts_again_from_its_cursor_until_all_is_confirmed(
    store: Store, things: Things, outbox: Outbox
) -> None:
    await steps(things, 6)
    await relay(store, outbox).step()
    broker = MoodyBroker()
    lease = Lease(store, FixedClock(NOW), "p")
    publisher = Publisher("tests", store, broker, Journal(store, Audience.PUBLIC), lease, parking=parking(store))  # type: ignore[arg-type]
    running = asyncio.create_task(publisher.run())
    last = await Journal(store, Audience.PUBLIC).last()
    while await publisher.position() < last:
        await asyncio.sleep(0.01)
    running.cancel()
    first_seen = list(dict.fromkeys(broker.got))
    journaled = [envelope.id for envelope in await rows(store)]
    assert sorted(first_seen) == sorted(journaled)
    for id in THINGS:
        of_one = [event for event in first_seen if event.startswith(f"tests.things.{id}.")]
        assert of_one == [event for event in journaled if event.startswith(f"tests.things.{id}.")]


class Hearer:
    """A broker that confirms all."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def publish(self, messages: list[Message]) -> int:
        self.got += [message.message_id for message in messages]
        return len(messages)


@pytest.mark.parametrize("alone", [False, True])
async def test_what_two_processes_add_in_turns_is_published_by_one_in_the_order_of_the_journal(
    store: Store, alone: bool
) -> None:
    """Also by one that believes to be alone, and so looks for it more seldom."""
    here, there, broker = Journal(store, Audience.PUBLIC), Journal(store, Audience.PUBLIC), Hearer()
    lease = Lease(store, FixedClock(NOW), "p")
    publisher = Publisher("tests", store, broker, here, lease, parking=parking(store), alone=alone)  # type: ignore[arg-type]
    running = asyncio.create_task(publisher.run())
    for number in range(0, 40, 2):
        await here.append([envelope(number)])
        if number % 4:
            await asyncio.sleep(0.01)
        await there.append([envelope(number + 1)])
    while await publisher.position() < 40:
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert broker.got == [f"e{number}" for number in range(40)]


async def test_of_many_processes_the_one_that_publishes_looks_often_for_what_others_left_behind(store: Store) -> None:
    here, there, clock = Journal(store, Audience.PUBLIC), Journal(store, Audience.PUBLIC), FixedClock(NOW)
    first, other, single = [
        Publisher("tests", store, Hearer(), journal, Lease(store, clock, name), parking=parking(store), alone=alone)  # type: ignore[arg-type]
        for journal, name, alone in ((here, "p", False), (there, "p", False), (here, "s", True))
    ]
    running = asyncio.create_task(first.run())
    while not first.is_first_of_many():
        await asyncio.sleep(0.01)
    held = asyncio.create_task(single.run())
    while single.standing() is None:
        await asyncio.sleep(0.01)
    assert not other.is_first_of_many()
    assert not single.is_first_of_many()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    clock.advance(seconds=9)  # it is about to renew what it holds, or is at it
    assert first.standing() is None
    assert first.is_first_of_many()
    clock.advance(seconds=2)
    assert not first.is_first_of_many()
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)


@pytest.mark.parametrize("seconds", [3, 10, 60])
async def test_who_holds_a_lease_looks_again_while_it_is_fresh(store: Store, seconds: int) -> None:
    clock = FixedClock(NOW)
    lease = Lease(store, clock, "x", timedelta(seconds=seconds))
    assert await lease.hold()
    clock.advance(seconds=lease.look_within.total_seconds())
    assert lease.is_fresh()


def envelope(number: int) -> Envelope:
    return Envelope(
        id=f"e{number}",
        source="/parvis/tests",
        type="tests.thing.stepped.v1",
        subject=f"t{number}",
        time="2026-03-01T12:00:00.000Z",
        partitionkey=f"t{number}",
        sequence="0000000001",
        correlationid="c",
        data={},
    )


async def test_the_lag_is_shown_by_who_publishes_alone(store: Store, things: Things, outbox: Outbox) -> None:
    """A process that has lost its lease would else show for ever what was left to publish then."""
    await steps(things, 1)
    await relay(store, outbox).step()
    clock = FixedClock(NOW)
    lease = Lease(store, clock, "p")
    assert await lease.hold()
    running = asyncio.create_task(
        Publisher("tests", store, AbsentBroker(), Journal(store, Audience.PUBLIC), lease, parking=parking(store)).run()  # type: ignore[arg-type]
    )
    while lag() != 2 * len(THINGS):
        await asyncio.sleep(0.01)
    held = await store.get("leases", "p")
    assert held is not None
    later = held | {"holder": "another", "until": "2026-03-01T12:00:20.000Z", "version": held["version"] + 1}
    assert await store.replace("leases", later, version=held["version"])
    clock.advance(seconds=11)
    while lag():
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def lag() -> float | None:
    return sample("parvis_journal_lag", {"service": "tests", "journal": "journal"})


class AbsentBroker:
    """A broker that cannot be reached."""

    async def publish(self, messages: list[Message]) -> int:
        raise BrokerUnavailable


async def test_a_swept_journal_keeps_its_newest_row_and_goes_on_counting(
    store: Store, things: Things, outbox: Outbox
) -> None:
    await steps(things, 1)
    await relay(store, outbox).step()
    journal = Journal(store, Audience.PUBLIC)
    last = await journal.last()
    assert await journal.sweep(published=last, before="2026-03-02T00:00:00.000Z") == last - 1
    await things.change("t0", step, command())
    await relay(store, Outbox()).step()
    assert await Journal(store, Audience.PUBLIC).last() == last + 1


async def test_a_lease_is_held_by_one_and_lost_after_its_term(store: Store) -> None:
    clock = FixedClock(NOW)
    mine = Lease(store, clock, "x")
    assert await mine.hold()
    there = await store.get("leases", "x")
    assert there is not None
    await store.replace("leases", there | {"holder": "another", "version": 2}, version=1)
    clock.advance(seconds=5)
    assert not await mine.hold()
    clock.advance(seconds=6)
    assert await mine.hold()
    await mine.release()
    assert await store.get("leases", "x") is None


@pytest.mark.parametrize(("ahead", "is_free"), [(TERM + SKEW, False), (TERM + SKEW + timedelta(milliseconds=1), True)])
async def test_a_lease_of_a_clock_that_was_ahead_holds_nobody_up(store: Store, ahead: timedelta, is_free: bool) -> None:
    until = instant_text(NOW + ahead)
    await store.insert(LEASES.name, {"_id": "x", "version": 1, "holder": "another", "until": until})
    assert await Lease(store, FixedClock(NOW), "x").hold() is is_free


async def test_who_held_a_lease_while_the_clock_was_ahead_asks_for_it_again(store: Store) -> None:
    clock = FixedClock(NOW + timedelta(days=8))
    lease = Lease(store, clock, "x")
    assert await lease.hold() and lease.is_fresh() and lease.is_held()
    clock.moment = NOW
    assert not lease.is_fresh() and not lease.is_held()
    assert await lease.hold() and lease.is_fresh()


async def test_what_was_put_off_by_a_clock_that_was_ahead_is_tried_again(store: Store) -> None:
    item = {"_id": "w:i", "version": 1, "work": "w", "item": "i", "state": "retrying"}
    far = NOW + PAUSES.longest + SKEW
    assert parking(store).is_put_off(item | {"due_at": instant_text(far)})
    assert not parking(store).is_put_off(item | {"due_at": instant_text(far + timedelta(milliseconds=1))})
