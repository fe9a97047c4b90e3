"""What holds for RabbitMQ alone: its refusals, its absences, and the wire between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import aio_pika
import pytest
from structlog.testing import capture_logs

from services.chassis.broker.amqp import AmqpBroker
from services.chassis.broker.topics import matches
from services.chassis.ports import BrokerUnavailable
from tests.contracts.ports.cluster import AmqpPlace
from tests.contracts.ports.places import TOPOLOGY, publish_all
from tests.contracts.ports.test_broker import FIRST, Inbox, event, events
from tests.servers.proxy import Proxy
from tests.servers.rabbitmq import RabbitMQ, RabbitMQ3, RabbitMQ4


@pytest.fixture
async def place(rabbitmq: RabbitMQ) -> AsyncIterator[AmqpPlace]:
    place = AmqpPlace.on(rabbitmq)
    await place.declare(TOPOLOGY)
    yield place
    await place.clean(TOPOLOGY)


@pytest.fixture
async def proxy(place: AmqpPlace) -> AsyncIterator[Proxy]:
    async with Proxy.before(place.url) as proxy:
        yield proxy


@pytest.fixture
async def broker(place: AmqpPlace, proxy: Proxy) -> AsyncIterator[AmqpBroker]:
    """A broker behind the proxy, of little timeout."""
    broker = AmqpBroker(proxy.through(place.url), timeout=5)
    yield broker
    await broker.close()


@pytest.fixture
async def impatient(place: AmqpPlace, proxy: Proxy) -> AsyncIterator[AmqpBroker]:
    """One that waits for a silent wire no longer than a test must; for who asks again whatever was too slow."""
    broker = AmqpBroker(proxy.through(place.url), timeout=1)
    yield broker
    await broker.close()


async def until(what: str, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.01)


async def attached(broker: AmqpBroker) -> None:
    """Wait until the broker answers and all consumers are at their queues."""
    for _ in range(600):
        try:
            await broker.ping()
        except BrokerUnavailable:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("the broker did not come back")


# --- the wire ---------------------------------------------------------------------------------------------------


async def test_connections_reset_again_and_again_lose_nothing(broker: AmqpBroker, proxy: Proxy) -> None:
    inbox = Inbox()
    async with broker.consume(FIRST, inbox.handle):
        publishing = asyncio.create_task(publish_all(broker, events(1000)))
        for progress in (200, 400, 600, 800):
            await inbox.has(progress)
            proxy.drop()
        await publishing
        await inbox.has(1000)
    assert proxy.accepted > 2


@pytest.mark.parametrize("fault", [Proxy.blackhole, Proxy.lose_answers, Proxy.half_open, Proxy.cut])
async def test_a_wire_that_fails_in_any_way_is_unavailable_and_then_works_again(
    impatient: AmqpBroker, proxy: Proxy, fault: Callable[[Proxy], None]
) -> None:
    inbox = Inbox()
    async with impatient.consume(FIRST, inbox.handle):
        await publish_all(impatient, [event("before")])
        await inbox.has(1)
        fault(proxy)
        with pytest.raises(BrokerUnavailable):
            await impatient.publish([event("during")])
        proxy.restore()
        await publish_all(impatient, [event("after")])
        proxy.drop()  # a consumer on a silent wire is found out by its heartbeat, half a minute later
        await until("after", lambda: "after" in inbox.names)
        await attached(impatient)


async def test_whoever_asks_while_the_wire_is_reset_hears_that_the_broker_is_unavailable(
    broker: AmqpBroker, proxy: Proxy
) -> None:
    answered = 0

    async def ask() -> None:
        nonlocal answered
        while answered < 50 or proxy.accepted <= 2:
            try:
                await broker.ping()
            except BrokerUnavailable:
                await asyncio.sleep(0)
            else:
                answered += 1

    async def reset() -> None:
        pause = 0.01
        while True:  # ever more seldom, so that the slowest machine is answered in between
            await asyncio.sleep(pause)
            proxy.drop()
            pause = min(pause * 1.2, 1.0)

    resetting = asyncio.create_task(reset())
    try:
        await asyncio.gather(*(ask() for _ in range(10)))
    finally:
        resetting.cancel()
    assert answered and proxy.accepted > 2


async def test_a_broker_that_is_away_at_the_start_is_waited_for(broker: AmqpBroker, proxy: Proxy) -> None:
    inbox = Inbox()
    proxy.cut()
    async with broker.consume(FIRST, inbox.handle):
        with pytest.raises(BrokerUnavailable):
            await broker.ping()
        with pytest.raises(BrokerUnavailable):
            await broker.publish([event("e1")])
        proxy.restore()
        await attached(broker)
        await publish_all(broker, [event("e2")])
        await inbox.has(1)


async def test_a_consumer_cut_off_with_messages_in_hand_gets_them_again(broker: AmqpBroker, proxy: Proxy) -> None:
    inbox = Inbox()
    inbox.open.clear()
    async with broker.consume(FIRST, inbox.handle, prefetch=32):
        await publish_all(broker, events(100))
        await until("a full hand", lambda: len(inbox.begun) >= 32)
        proxy.drop()
        await until("the same again", lambda: len(inbox.begun) >= 64)
        inbox.open.set()
        await inbox.has(100)
    assert sorted(set(inbox.names)) == sorted(f"e{n}" for n in range(100))


async def test_nothing_that_is_said_of_a_failure_holds_the_password(place: AmqpPlace, proxy: Proxy) -> None:
    url = proxy.through(place.url).replace("guest:guest@", "guest:s3cret@")
    broker = AmqpBroker(url, timeout=5)
    with capture_logs() as logs:
        with pytest.raises(BrokerUnavailable) as refusal:
            await broker.ping()
        async with broker.consume(FIRST, Inbox().handle):
            pass
    await broker.close()
    assert "s3cret" not in str(refusal.value) + repr(refusal.value.__cause__) + str(logs)


# --- the broker's own words -------------------------------------------------------------------------------------


async def test_what_a_full_queue_refuses_is_not_confirmed(broker: AmqpBroker, place: AmqpPlace) -> None:
    async with await aio_pika.connect(place.url) as connection, connection.channel() as channel:
        full = await channel.declare_queue(
            "test.full", durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"}
        )
        await full.bind("test.events", "full")
    assert await broker.publish([event("e1", "full")]) == 1
    with pytest.raises(BrokerUnavailable):
        await broker.publish([event("e2", "full")])
    assert await broker.publish([event("e3", "x.y.z"), event("e4", "full"), event("e5", "x.y.z")]) == 1


async def test_what_an_exchange_without_alternate_sends_back_is_not_confirmed(
    broker: AmqpBroker, place: AmqpPlace
) -> None:
    """Such an exchange was not declared by `parvis topology apply`: better loud than lost."""
    async with await aio_pika.connect(place.url) as connection, connection.channel() as channel:
        await channel.declare_exchange("test.bare", "topic", durable=True)
    with pytest.raises(BrokerUnavailable):
        await broker.publish([event("e1", exchange="test.bare")])
    assert await broker.publish([event("e2", "x.y.z"), event("e3", exchange="test.bare")]) == 1


async def test_a_queue_taken_away_and_made_again_is_consumed_again(broker: AmqpBroker, place: AmqpPlace) -> None:
    inbox = Inbox()
    async with broker.consume(FIRST, inbox.handle):
        await publish_all(broker, [event("before")])
        await inbox.has(1)
        async with await aio_pika.connect(place.url) as connection, connection.channel() as channel:
            await channel.queue_delete(FIRST)
        with pytest.raises(BrokerUnavailable):  # noqa: PT012 - until it has noticed
            while True:
                await broker.ping()
                await asyncio.sleep(0.01)
        await place.declare(TOPOLOGY)
        await attached(broker)
        await publish_all(broker, [event("after")])
        await until("after", lambda: "after" in inbox.names)


async def test_topic_patterns_mean_what_they_mean_to_the_local_broker(place: AmqpPlace) -> None:
    words = ["a", "b", "", "*", "#"]
    patterns = [
        "",
        *words,
        *(f"{x}.{y}" for x in words for y in words),
        *(f"{x}.{y}.{x}" for x in words for y in words),
    ]
    keys = ["", *(f"{x}.{y}" for x in "ab" for y in ("a", "", "b")), "a", "b", ".", "a..b", "a.b.a", "b.a.a", "a.b.a.b"]
    async with await aio_pika.connect(place.url) as connection, connection.channel() as channel:
        exchange = await channel.declare_exchange("test.topics", "topic", auto_delete=True)
        bound = {}
        for pattern in dict.fromkeys(patterns):
            if pattern.count("#") > 2:
                continue  # RabbitMQ 4.3 takes two in a pattern at most
            queue = await channel.declare_queue(exclusive=True)
            await queue.bind(exchange, pattern)
            bound[pattern] = queue
        for key in keys:
            await exchange.publish(aio_pika.Message(key.encode()), key, mandatory=False)
        for pattern, queue in bound.items():
            arrived = []
            while (message := await queue.get(no_ack=True, fail=False)) is not None:
                arrived.append(message.body.decode())
            assert arrived == [key for key in keys if matches(pattern, key)], pattern


@pytest.mark.servers("rabbitmq3", "rabbitmq4")
@pytest.mark.parametrize("kind", [RabbitMQ3, RabbitMQ4])
async def test_what_was_confirmed_outlives_the_kill_of_the_broker(kind: type[RabbitMQ]) -> None:
    inbox = Inbox()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(kind())
        place = AmqpPlace.on(server)
        await place.declare(TOPOLOGY)
        await server.settle()
        broker = AmqpBroker(place.url)
        stack.push_async_callback(broker.close)
        await publish_all(broker, events(200))
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await broker.ping()
        await server.start()
        async with broker.consume(FIRST, inbox.handle):
            await inbox.has(200)
    assert inbox.begun == [f"e{n}" for n in range(200)]
