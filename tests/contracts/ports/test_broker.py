"""What every broker does with messages, between one publisher and its consumers, and after a crash."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from services.chassis.ports import Broker, BrokerUnavailable, Message, Place
from tests.contracts.ports.places import TOPOLOGY, BrokerPlace, acknowledged, child, publish_all

FIRST, SECOND = TOPOLOGY.queues


def event(name: str, key: str = "a.c", exchange: str = "test.events") -> Message:
    return Message(exchange, key, f'{{"name": "{name}"}}'.encode(), name)


def events(number: int, key: str = "a.c") -> list[Message]:
    return [event(f"e{n}", key) for n in range(number)]


class Inbox:
    """A consumer that remembers, refuses and dawdles as a test wants."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.begun: list[str] = []
        self.refuse: Callable[[str, int], bool] = lambda _name, _attempt: False
        self.open = asyncio.Event()
        self.open.set()
        self.at_once = 0
        self.most_at_once = 0

    @property
    def names(self) -> list[str]:
        return [message.message_id for message in self.taken]

    async def handle(self, message: Message) -> None:
        self.begun.append(message.message_id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.open.wait()
            if self.refuse(message.message_id, self.begun.count(message.message_id)):
                raise RuntimeError("not now")
            self.taken.append(message)
        finally:
            self.at_once -= 1

    async def has(self, number: int) -> None:
        async with asyncio.timeout(120):
            while len(set(self.names)) < number:
                await asyncio.sleep(0.01)


async def test_a_message_arrives_as_it_was_sent(broker: Broker) -> None:
    inbox = Inbox()
    sent = Message("test.events", "a.é.c", bytes(range(256)), "e-1")
    async with broker.consume(FIRST, inbox.handle):
        await publish_all(broker, [sent])
        await inbox.has(1)
    assert inbox.taken == [sent]


async def test_the_place_of_an_event_in_its_journal_travels_beside_it(broker: Broker) -> None:
    inbox = Inbox()
    place = Place("a.thing.happened.v1", 2**40, 2**40 + 7)
    sent = Message("test.events", "a.b.c", b"", "e-1", place=place)
    async with broker.consume(FIRST, inbox.handle):
        await publish_all(broker, [sent])
        await inbox.has(1)
    assert inbox.taken == [sent]


async def test_a_message_of_which_an_age_was_said_arrives_if_it_is_younger(broker: Broker) -> None:
    inbox = Inbox()
    async with broker.consume(FIRST, inbox.handle):
        await publish_all(broker, [Message("test.events", "a.b.c", b"signal", "e-1", expires=60.5)])
        await inbox.has(1)
    assert inbox.taken[0].body == b"signal"


async def test_each_bound_queue_gets_a_message_once(broker: Broker) -> None:
    first, second = Inbox(), Inbox()
    sent = [
        event("to both, by two bindings of the second", "a.b"),
        event("to the first", "a.c.d"),
        event("to the second", "x.b"),
        event("to nobody", "x.y.z"),
        event("to the first, inside", "a.b", "test.internal"),
        event("to nobody, inside", "a.b.c", "test.internal"),
    ]
    async with broker.consume(FIRST, first.handle), broker.consume(SECOND, second.handle):
        await publish_all(broker, [*sent, event("last", "a.b")])
        await first.has(4)
        await second.has(3)
    assert first.names == [sent[0].message_id, sent[1].message_id, sent[4].message_id, "last"]
    assert second.names == [sent[0].message_id, sent[2].message_id, "last"]


async def test_what_nobody_is_bound_to_is_confirmed(broker: Broker) -> None:
    assert await broker.publish([event("e1", "x.y.z"), event("e2", "")]) == 2
    assert await broker.publish([]) == 0


async def test_order_is_kept(broker: Broker) -> None:
    inbox = Inbox()
    sent = events(500)
    async with broker.consume(FIRST, inbox.handle, prefetch=1):
        await publish_all(broker, sent)
        await inbox.has(500)
    assert inbox.taken == sent


async def test_messages_are_begun_in_order_and_no_more_at_once_than_prefetched(broker: Broker) -> None:
    inbox = Inbox()
    inbox.open.clear()
    sent = events(100)
    async with broker.consume(FIRST, inbox.handle, prefetch=5):
        publishing = asyncio.create_task(publish_all(broker, sent))
        async with asyncio.timeout(120):
            while len(inbox.begun) < 5:
                await asyncio.sleep(0.01)
        inbox.open.set()
        await publishing
        await inbox.has(100)
    assert inbox.begun == [message.message_id for message in sent]
    assert inbox.most_at_once == 5


async def test_a_handler_that_raises_is_given_the_message_again(broker: Broker) -> None:
    inbox = Inbox()
    inbox.refuse = lambda name, attempt: name == "e1" and attempt < 3
    sent = events(3)
    async with broker.consume(FIRST, inbox.handle):
        await publish_all(broker, sent)
        await inbox.has(3)
    assert Counter(inbox.begun) == {"e0": 1, "e1": 3, "e2": 1}
    assert sorted(inbox.names) == ["e0", "e1", "e2"]


async def test_a_handler_whose_own_work_is_cancelled_is_given_the_message_again(broker: Broker) -> None:
    inbox, attempts = Inbox(), 0

    async def handle(message: Message) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            work = asyncio.create_task(asyncio.sleep(60))
            work.cancel()
            await work
        await inbox.handle(message)

    async with broker.consume(FIRST, handle):
        await publish_all(broker, events(3))
        await inbox.has(3)


async def test_the_publisher_is_not_called_back(broker: Broker) -> None:
    """A handler that publishes must not wait for the publication that called it."""
    inbox = Inbox()

    async def handle(message: Message) -> None:
        await publish_all(broker, [event(f"{message.message_id} answered", "x.b")])

    async with broker.consume(FIRST, handle), broker.consume(SECOND, inbox.handle):
        await publish_all(broker, events(20))
        await inbox.has(20)
    assert sorted(inbox.names) == sorted(f"e{n} answered" for n in range(20))


async def test_a_consumer_that_was_away_gets_what_was_published_meanwhile(broker: Broker) -> None:
    inbox = Inbox()
    publishing = asyncio.create_task(publish_all(broker, events(10)))
    await asyncio.sleep(0.1)
    async with broker.consume(FIRST, inbox.handle):
        await inbox.has(10)
        await publishing
    publishing = asyncio.create_task(publish_all(broker, events(20)[10:]))
    await asyncio.sleep(0.1)
    async with broker.consume(FIRST, inbox.handle):
        await inbox.has(20)
        await publishing
    assert sorted(set(inbox.names)) == sorted(f"e{n}" for n in range(20))


async def test_what_a_consumer_had_in_hand_when_it_went_away_is_delivered_again_in_order(broker: Broker) -> None:
    gone, inbox = Inbox(), Inbox()
    gone.open.clear()
    async with broker.consume(FIRST, gone.handle, prefetch=4):
        publishing = asyncio.create_task(publish_all(broker, events(10)))
        async with asyncio.timeout(120):
            while len(gone.begun) < 4:
                await asyncio.sleep(0.01)
    assert gone.names == []
    async with broker.consume(FIRST, inbox.handle, prefetch=1):
        await inbox.has(10)
        await publishing
    assert inbox.names == [f"e{n}" for n in range(10)]


async def test_a_slow_queue_does_not_hold_up_the_others(broker: Broker) -> None:
    slow, quick = Inbox(), Inbox()
    slow.open.clear()
    async with broker.consume(FIRST, slow.handle), broker.consume(SECOND, quick.handle):
        publishing = asyncio.create_task(publish_all(broker, events(50, "a.b")))
        await quick.has(50)
        slow.open.set()
        await publishing
        await slow.has(50)


async def test_a_burst_larger_than_any_buffer_arrives_whole(broker: Broker) -> None:
    inbox = Inbox()
    inbox.open.clear()
    async with broker.consume(FIRST, inbox.handle):
        publishing = asyncio.create_task(publish_all(broker, events(2500)))
        await asyncio.sleep(0.1)
        inbox.open.set()
        await publishing
        await inbox.has(2500)
    assert list(dict.fromkeys(inbox.begun)) == [f"e{n}" for n in range(2500)]


async def test_two_consumers_share_a_queue(broker: Broker) -> None:
    left, right = Inbox(), Inbox()
    left.open.clear()
    right.open.clear()
    async with (
        broker.consume(FIRST, left.handle, prefetch=2),
        broker.consume(FIRST, right.handle, prefetch=2),
    ):
        publishing = asyncio.create_task(publish_all(broker, events(10)))
        async with asyncio.timeout(120):
            while not (left.begun and right.begun):
                await asyncio.sleep(0.01)
        left.open.set()
        right.open.set()
        await publishing
        async with asyncio.timeout(120):
            while len(left.names) + len(right.names) < 10:
                await asyncio.sleep(0.01)
    assert sorted(left.names + right.names) == sorted(f"e{n}" for n in range(10))


async def test_twenty_publishers_lose_nothing_and_each_keeps_its_order(broker: Broker) -> None:
    inbox = Inbox()
    async with broker.consume(FIRST, inbox.handle, prefetch=1):
        await asyncio.gather(*(publish_all(broker, [event(f"{who}-{n}") for n in range(30)]) for who in range(20)))
        await inbox.has(600)
    for who in range(20):
        mine = [name for name in inbox.names if name.startswith(f"{who}-")]
        assert mine == [f"{who}-{n}" for n in range(30)]


async def test_a_publisher_that_is_cancelled_can_publish_again(broker: Broker) -> None:
    inbox = Inbox()
    inbox.open.clear()
    async with broker.consume(FIRST, inbox.handle):
        publishing = asyncio.create_task(broker.publish(events(20)))
        await asyncio.sleep(0.05)
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        inbox.open.set()
        await publish_all(broker, events(20))
        await inbox.has(20)


async def test_a_routing_key_has_255_bytes_and_not_one_more(broker: Broker) -> None:
    inbox = Inbox()
    async with broker.consume(FIRST, inbox.handle):
        longest = "a." + "é" * 126 + "x"
        assert len(longest.encode()) == 255
        await publish_all(broker, [event("e1", longest)])
        await inbox.has(1)
        assert inbox.taken[0].routing_key == longest
        with pytest.raises(ValueError, match="255"):
            await broker.publish([event("e2", longest + "x")])


async def test_what_operations_did_not_declare_is_refused(broker: Broker) -> None:
    with pytest.raises(BrokerUnavailable):
        await broker.publish([event("e1", exchange="test.unknown")])
    with pytest.raises(BrokerUnavailable):
        async with broker.consume("test.unknown.in", Inbox().handle):
            pass
    # and does not harm what follows
    assert await broker.publish([event("e2", "x.y.z")]) == 1
    await broker.ping()


async def test_ping_answers_until_the_broker_is_closed(broker: Broker) -> None:
    await broker.ping()
    await broker.close()
    await broker.close()
    with pytest.raises(BrokerUnavailable):
        await broker.ping()
    with pytest.raises(BrokerUnavailable):
        await broker.publish([event("e1", "x.y.z")])
    with pytest.raises(BrokerUnavailable):
        async with broker.consume(FIRST, Inbox().handle):
            pass


async def test_what_was_confirmed_reaches_its_consumer_also_after_a_kill(
    broker_place: BrokerPlace, tmp_path: Path
) -> None:
    """The consumer's inbox is a file; what is not in it when the process dies is delivered to the next one."""
    confirmed: list[str] = []
    for _ in range(2):
        async with child("deliver", broker_place.url, tmp_path / "inbox") as process:
            confirmed += await acknowledged(process, 50)
    later = Inbox()
    async with AsyncExitStack() as stack:
        broker = await broker_place.open(stack, TOPOLOGY)
        await stack.enter_async_context(broker.consume(FIRST, later.handle))
        await publish_all(broker, [event("last")])
        await later.has(1)
        inbox = (tmp_path / "inbox").read_text().split()
        async with asyncio.timeout(120):
            while not set(confirmed) <= {*inbox, *later.names}:
                await asyncio.sleep(0.01)
    for pid in {name.split("-")[0] for name in confirmed}:
        mine = [name for name in dict.fromkeys(inbox) if name.startswith(f"{pid}-")]
        assert mine == [f"{pid}-{n}" for n in range(len(mine))]
