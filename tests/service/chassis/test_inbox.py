"""Every event is received once, applied in order per key, tried again, and at worst parked with its key alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext
from services.chassis.events.inbox import INBOX, MAX_ATTEMPTS, Inbox, NotYet
from services.chassis.events.leases import LEASES, Lease
from services.chassis.ports import Document, Message, MessageHandler, Store, StoreUnavailable
from services.chassis.store.sqlite import SqliteStore
from services.contracts.events.envelope import Envelope
from tests.samples import sample
from tests.service.chassis.thing import NOW, Stepped


def message(thing: str, number: int, **changes: object) -> Message:
    """A step of a thing as the broker delivers it."""
    fields = {
        "id": f"{thing}.{number}",
        "source": "/parvis/tests",
        "type": Stepped.TYPE,
        "subject": thing,
        "time": "2026-03-01T12:00:00.000Z",
        "partitionkey": thing,
        "sequence": f"{number:010d}",
        "correlationid": "c",
        "data": {"thing": thing, "count": number},
    }
    envelope = Envelope.model_validate(fields | changes)
    return Message("parvis.events", envelope.type, envelope.encode(), envelope.id)


class Ledger:
    """Writes down what is applied; fails on the steps named in `failures` for as many times as it says."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.failures: dict[str, tuple[int, type[Exception]]] = {}

    async def apply(self, event: Stepped, command: CommandContext) -> None:
        name = f"{event.thing}.{event.count}"
        times, error = self.failures.get(name, (0, ValueError))
        if times:
            self.failures[name] = (times - 1, error)
            raise error(name)
        assert command.event == name
        self.steps.append(name)


def inbox(store: Store, ledger: Ledger, clock: FixedClock) -> Inbox:
    return Inbox("tests", store, clock, {Stepped: ledger.apply}, Lease(store, clock, "inbox"))


async def drain(inbox: Inbox, clock: FixedClock, rounds: int = 1) -> None:
    for _ in range(rounds):
        await inbox.step()
        clock.advance(seconds=61)


async def test_events_are_applied_in_order_per_key_whatever_the_order_of_arrival(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    for number in (2, 1, 3):
        await box.receive(message("a", number))
        await box.receive(message("b", number))
    await drain(box, clock)
    assert [step for step in ledger.steps if step.startswith("a")] == ["a.1", "a.2", "a.3"]
    assert sorted(ledger.steps) == ["a.1", "a.2", "a.3", "b.1", "b.2", "b.3"]


class StumblingStore(SqliteStore):
    """Away for its first two insertions."""

    stumbles = 2

    async def insert(self, collection: str, document: Document) -> None:
        if self.stumbles:
            self.stumbles -= 1
            raise StoreUnavailable
        await super().insert(collection, document)


async def test_an_event_that_the_store_did_not_take_is_not_overtaken_by_the_next(tmp_path: Path) -> None:
    store = StumblingStore(tmp_path / "tests.sqlite")
    await store.prepare([INBOX, LEASES])
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    first, second = (asyncio.create_task(box.receive(message("a", number))) for number in (1, 2))
    await second
    await drain(box, clock)
    await first
    await drain(box, clock)
    assert ledger.steps == ["a.1", "a.2"]
    await store.close()


async def test_an_event_delivered_twenty_times_is_applied_once(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    await asyncio.gather(*(box.receive(message("a", 1)) for _ in range(20)))
    await drain(box, clock)
    await box.receive(message("a", 1))
    await drain(box, clock)
    assert ledger.steps == ["a.1"]


async def test_a_failure_holds_its_key_and_no_other_and_is_tried_again(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    ledger.failures["a.1"] = (3, ValueError)
    box = inbox(store, ledger, clock)
    for number in (1, 2):
        await box.receive(message("a", number))
        await box.receive(message("b", number))
    await box.step()
    await box.step()
    assert ledger.steps == ["b.1", "b.2"]
    await drain(box, clock, rounds=5)
    assert ledger.steps == ["b.1", "b.2", "a.1", "a.2"]


async def test_what_failed_while_the_clock_was_ahead_is_tried_again_when_it_is_right(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW + timedelta(days=8))
    ledger.failures["a.1"] = (1, ValueError)
    ears = inbox(store, ledger, clock)
    await ears.receive(message("a", 1))
    await ears.receive(message("a", 2))
    await ears.step()
    assert ledger.steps == []
    clock.moment = NOW
    await drain(inbox(store, ledger, clock), clock, rounds=2)
    assert ledger.steps == ["a.1", "a.2"]


async def test_after_ten_failures_the_key_is_parked_until_a_person_has_looked(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    ledger.failures["a.1"] = (MAX_ATTEMPTS, ValueError)
    box = inbox(store, ledger, clock)
    await box.receive(message("a", 1))
    await box.receive(message("a", 2))
    await drain(box, clock, rounds=MAX_ATTEMPTS + 5)
    parked = await store.get("inbox", "a.1")
    assert parked is not None and parked["state"] == "parked" and parked["attempts"] == MAX_ATTEMPTS
    assert ledger.steps == []
    assert not await box.retry("a.2")
    assert await box.retry("a.1")
    await drain(box, clock, rounds=3)
    assert ledger.steps == ["a.1", "a.2"]
    assert not await box.retry("a.1")


async def test_a_person_may_skip_what_is_parked_and_its_key_goes_on(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    ledger.failures["a.1"] = (1000, ValueError)
    box = inbox(store, ledger, clock)
    await box.receive(message("a", 1))
    await box.receive(message("a", 2))
    await drain(box, clock, rounds=MAX_ATTEMPTS + 5)
    assert await box.skip("a.1")
    await drain(box, clock, rounds=3)
    assert ledger.steps == ["a.2"]
    assert await box.wait_applied(["a.1"], 1)


async def test_parked_events_raise_the_alarm_until_a_person_has_dealt_with_them(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    ledger.failures["a.1"] = (1000, ValueError)
    box = inbox(store, ledger, clock)
    await drain(box, clock)
    assert parked() == 0
    await box.receive(message("a", 1))
    await box.receive(Message("parvis.events", "x", b"not an envelope", "m"))
    await drain(box, clock, rounds=MAX_ATTEMPTS + 1)
    assert parked() == 2
    another = inbox(store, ledger, clock)
    await another.step()
    assert parked() == 2
    for row in await store.find("inbox", {"state": "parked"}, sort=(("received", 1),)):
        assert await another.skip(row["_id"])
    await another.step()
    assert parked() == 0


def parked() -> float | None:
    return sample("parvis_inbox_parked", {"service": "tests"})


async def test_what_a_person_skips_while_no_process_runs_lets_its_key_go_on(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    ledger.failures["a.1"] = (MAX_ATTEMPTS, ValueError)
    box = inbox(store, ledger, clock)
    for number in (1, 2):
        await box.receive(message("a", number))
    await drain(box, clock, rounds=MAX_ATTEMPTS + 5)
    assert await inbox(store, ledger, clock).skip("a.1")
    await inbox(store, ledger, clock).step()
    assert ledger.steps == ["a.2"]


async def test_waiting_for_the_world_or_another_event_never_parks(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    ledger.failures["a.1"] = (MAX_ATTEMPTS * 2, NotYet)
    ledger.failures["b.1"] = (MAX_ATTEMPTS * 2, StoreUnavailable)
    box = inbox(store, ledger, clock)
    await box.receive(message("a", 1))
    await box.receive(message("b", 1))
    await drain(box, clock, rounds=MAX_ATTEMPTS * 2 + 1)
    assert sorted(ledger.steps) == ["a.1", "b.1"]


async def test_what_a_newer_release_says_besides_is_no_reason_to_park_an_event(store: Store) -> None:
    """Acceptance 104: readers tolerate attributes that they do not know, and hand them on; writers make none."""
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    known = message("a", 1)
    newer = known.body.replace(b'"specversion"', b'"dataclassification":"dull","specversion"')
    assert b'"dataclassification":"dull"' in Envelope.decode(newer).encode()
    await box.receive(replace(known, body=newer))
    await drain(box, clock)
    assert ledger.steps == ["a.1"]
    with pytest.raises(ValidationError):
        Envelope.model_validate_json(newer)


async def test_what_an_older_release_could_not_read_is_received_when_it_is_retried(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    await box.receive(replace(message("a", 1), body=b"{"))
    (row,) = await store.find("inbox", {"state": "parked"}, sort=(("received", 1),))
    assert await box.retry(row["_id"])
    readable = row | {"body": message("a", 1).body.decode(), "version": 2}
    assert await store.replace("inbox", readable, version=1)
    assert await box.retry(row["_id"])
    await drain(box, clock)
    assert ledger.steps == ["a.1"]
    assert await store.count("inbox", {"state": "parked"}) == 0


async def test_poison_is_parked_alone_and_acknowledged(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    await box.receive(Message("parvis.events", "x", b"\xff{not an envelope", "m"))
    await box.receive(Message("parvis.events", "x", b"\xff{not an envelope", "m"))
    await box.receive(message("a", 1))
    await drain(box, clock)
    assert ledger.steps == ["a.1"]
    assert await store.count("inbox", {"state": "parked"}) == 1


async def test_data_that_break_the_contract_are_parked_not_applied(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    await box.receive(message("a", 1, data={"thing": "a", "count": "one"}))
    await drain(box, clock, rounds=MAX_ATTEMPTS + 1)
    assert ledger.steps == []
    assert await store.count("inbox", {"state": "parked"}) == 1


async def test_a_restart_goes_on_where_the_last_process_stopped(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    ledger.failures["a.1"] = (1, ValueError)
    first = inbox(store, ledger, clock)
    await first.receive(message("a", 1))
    await first.receive(message("a", 2))
    await first.step()
    second = inbox(store, ledger, clock)
    await second.receive(message("a", 3))
    await second.step()
    assert ledger.steps == []
    await drain(second, clock, rounds=3)
    assert ledger.steps == ["a.1", "a.2", "a.3"]


class OtherStore(SqliteStore):
    """The same store, as another process sees it."""

    @property
    def instance(self) -> str:
        return "another"


@asynccontextmanager
async def two_processes(folder: Path) -> AsyncIterator[tuple[Store, Store]]:
    one, other = SqliteStore(folder / "tests.sqlite"), OtherStore(folder / "tests.sqlite")
    for store in (one, other):
        await store.prepare([INBOX, LEASES])
    yield one, other
    await one.close()
    await other.close()


async def test_one_process_hears_and_applies_and_another_takes_over(tmp_path: Path) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    async with two_processes(tmp_path) as stores:
        boxes = [inbox(store, ledger, clock) for store in stores]
        readers: list[Inbox] = []

        @asynccontextmanager
        async def consume(handler: MessageHandler, box: Inbox) -> AsyncIterator[None]:
            readers.append(box)
            yield
            readers.remove(box)

        async def settled(expected: list[Inbox]) -> None:
            async with asyncio.timeout(120):
                while readers != expected:
                    await asyncio.sleep(0)

        tasks = [asyncio.create_task(box.listen(partial(consume, box=box))) for box in boxes]
        await boxes[0].receive(message("a", 1))
        assert (await boxes[0].step(), await boxes[1].step()) == (1, 0)
        await settled([boxes[0]])
        clock.advance(seconds=11)
        assert (await boxes[1].step(), await boxes[0].step()) == (0, 0)
        await settled([boxes[1]])
        await boxes[1].release()
        await boxes[0].step()
        await settled([boxes[1], boxes[0]])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_was_held_up_for_long_does_not_apply_what_was_parked_meanwhile(tmp_path: Path) -> None:
    """Its lease was taken while it had two events of one key in hand, of which the first failed elsewhere."""
    clock, held_up, go_on = FixedClock(NOW), asyncio.Event(), asyncio.Event()
    applied: list[str] = []

    async def slowly(event: Stepped, command: CommandContext) -> None:
        if event.count == 1:
            held_up.set()
            await go_on.wait()
        applied.append(f"{event.thing}.{event.count}")

    failing = Ledger()
    failing.failures["a.1"] = (1, ValueError)
    async with two_processes(tmp_path) as (one, other):
        slow = Inbox("tests", one, clock, {Stepped: slowly}, Lease(one, clock, "inbox"))
        for number in (1, 2):
            await slow.receive(message("a", number))
        asleep = asyncio.create_task(slow.step())
        await held_up.wait()
        clock.advance(seconds=11)
        await inbox(other, failing, clock).step()
        go_on.set()
        assert await asleep == 0
        assert applied == ["a.1"]
        assert [row["state"] for row in await one.find("inbox", {})] == ["retrying", "blocked"]


async def test_no_key_goes_on_after_a_restart_however_many_wait(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    names = [f"thing-{number:04}" for number in range(1001)]
    ledger.failures |= {f"{name}.1": (1, NotYet) for name in names}
    box = inbox(store, ledger, clock)
    for name in names:
        await box.receive(message(name, 1))
    for _ in range(5):
        await box.step()
    assert await store.count("inbox", {"state": "retrying"}) == 1001
    after = inbox(store, ledger, clock)
    for name in names:
        await after.receive(message(name, 2))
    for _ in range(5):
        await after.step()
    assert ledger.steps == []
    for _ in range(10):
        clock.advance(seconds=61)
        await after.step()
    assert sorted(ledger.steps) == sorted(f"{name}.{number}" for name in names for number in (1, 2))


async def test_who_waits_for_an_event_is_told_when_it_is_applied(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    waiting = asyncio.create_task(box.wait_applied(["a.1", "a.2"], 10))
    await box.receive(message("a", 1))
    await box.receive(message("a", 2))
    await box.step()
    assert await waiting
    assert not await box.wait_applied(["a.3"], 0.05)


async def test_applied_rows_lose_their_body_at_once_and_go_after_their_time(store: Store) -> None:
    ledger, clock = Ledger(), FixedClock(NOW)
    box = inbox(store, ledger, clock)
    await box.receive(message("a", 1))
    await box.step()
    row = await store.get("inbox", "a.1")
    assert row is not None and row["state"] == "done" and "body" not in row
    clock.advance(days=30, seconds=1)
    assert await box.sweep(timedelta(days=30)) == 1


async def test_a_type_that_is_not_listened_to_is_passed_over(store: Store) -> None:
    box = inbox(store, Ledger(), FixedClock(NOW))
    await box.receive(message("a", 1, type="tests.other.v1"))
    assert await store.count("inbox", {}) == 0
    assert box.listens_to(Stepped.TYPE) and not box.listens_to("tests.other.v1")
