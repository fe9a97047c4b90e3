"""What holds for the embedded broker alone: a message is confirmed by the hands that took it, or not at all."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.broker.local import MAX_BUFFERED, LocalBroker
from services.chassis.ports import BrokerUnavailable, Message
from tests.contracts.ports.places import TOPOLOGY

FIRST, SECOND = TOPOLOGY.queues


def event(name: str, key: str = "a.c") -> Message:
    return Message("test.events", key, b"{}", name)


async def test_without_a_consumer_nothing_is_confirmed() -> None:
    broker = LocalBroker(TOPOLOGY, confirm_within=0.01)
    with pytest.raises(BrokerUnavailable):
        await broker.publish([event("e1")])
    assert await broker.publish([event("unrouted", "x.y.z"), event("e1"), event("unrouted too", "x.y.z")]) == 1


async def test_confirmed_means_that_every_bound_handler_has_returned() -> None:
    broker = LocalBroker(TOPOLOGY, confirm_within=1)
    taken: list[str] = []

    async def handle(message: Message) -> None:
        taken.append(message.message_id)

    async with broker.consume(FIRST, handle):
        with pytest.raises(BrokerUnavailable):
            await broker.publish([event("to both", "a.b")])
        assert taken == ["to both"]
        async with broker.consume(SECOND, handle):
            assert await broker.publish([event("to both again", "a.b")]) == 1
    assert taken == ["to both", "to both again", "to both again"]


async def test_what_a_publisher_gave_up_is_not_kept_to_be_delivered_twice() -> None:
    broker = LocalBroker(TOPOLOGY, confirm_within=1)
    taken: list[str] = []

    async def handle(message: Message) -> None:
        taken.append(message.message_id)

    for _ in range(2):
        with pytest.raises(BrokerUnavailable):
            await broker.publish([event(f"e{n}") for n in range(MAX_BUFFERED + 1)])
    async with broker.consume(FIRST, handle):
        assert await broker.publish([event("last")]) == 1
    assert taken == ["last"]


async def test_a_queue_holds_no_more_than_its_bound() -> None:
    broker = LocalBroker(TOPOLOGY, confirm_within=1)
    begun: list[str] = []
    never = asyncio.Event()

    async def handle(message: Message) -> None:
        begun.append(message.message_id)
        await never.wait()

    async with broker.consume(FIRST, handle, prefetch=2 * MAX_BUFFERED):
        with pytest.raises(BrokerUnavailable):
            await broker.publish([event(f"e{n}") for n in range(MAX_BUFFERED + 1)])
    assert begun == [f"e{n}" for n in range(MAX_BUFFERED)]


async def test_a_consumer_has_a_task_for_each_message_in_hand_and_one_that_waits_for_more() -> None:
    broker = LocalBroker(TOPOLOGY)
    begun: list[str] = []
    go_on = asyncio.Event()

    async def handle(message: Message) -> None:
        begun.append(message.message_id)
        await go_on.wait()

    others = len(asyncio.all_tasks())
    async with broker.consume(FIRST, handle, prefetch=2):
        assert len(asyncio.all_tasks()) == others + 1
        publishing = asyncio.create_task(broker.publish([event("e1"), event("e2"), event("e3")]))
        while len(begun) < 2:
            await asyncio.sleep(0)
        for _ in range(10):
            await asyncio.sleep(0)
        assert begun == ["e1", "e2"]
        go_on.set()
        assert await publishing == 3
        assert begun == ["e1", "e2", "e3"]
    assert len(asyncio.all_tasks()) == others
