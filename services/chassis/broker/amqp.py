"""RabbitMQ, 3.10 and later, through aio-pika.

Exchanges and queues are declared by operations, each exchange with an alternate for what nobody is bound to. One
connection publishes and one consumes, so that a broker that holds publishers back still delivers. Nothing is ever
given back by `nack`: RabbitMQ 4 counts that and drops the message in the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from aio_pika import DeliveryMode, connect
from aio_pika import Message as AmqpMessage
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity
from aiormq.exceptions import ChannelAccessRefused
from yarl import URL

from services.chassis.broker.redelivery import hand_over
from services.chassis.broker.topics import check_routing_key
from services.chassis.ports import BrokerUnavailable, Message, MessageHandler, Place
from services.chassis.retries import Retries
from services.chassis.telemetry import metrics
from services.chassis.telemetry.supervisor import being_cancelled, end
from services.contracts.events.envelope import CONTENT_TYPE

TIMEOUT: Final = 10.0
"""Seconds that the broker has for an answer; after it the fate of what was asked is unknown."""

_HEARTBEAT: Final = 10
_WINDOW: Final = 500
_PLACE: Final = ("parvis-type", "parvis-after", "parvis-position")
"""Headers of an event's place in its journal."""

_log = structlog.get_logger(__name__)


class _Refused(BrokerUnavailable):
    """The broker knows no such thing, or does not let this user have it."""


class _Line:
    """One connection, made when first needed and anew when lost."""

    def __init__(self, url: URL, purpose: str, timeout: float) -> None:
        self._url = url
        self._purpose = purpose
        self.timeout = timeout
        self._connection: AbstractConnection | None = None
        self._lock = asyncio.Lock()

    async def channel(self, *, publisher_confirms: bool) -> AbstractChannel:
        """A new channel; raises BrokerUnavailable."""
        async with self._lock:
            try:
                async with _within(self.timeout):
                    if self._connection is None or not self._connection.connected.is_set():
                        self._connection = await connect(
                            self._url, client_properties={"connection_name": self._purpose}
                        )
                    channel = self._connection.channel(
                        publisher_confirms=publisher_confirms, on_return_raises=publisher_confirms
                    )
                    await channel.initialize()
                    return channel
            except BrokerUnavailable:
                await self._drop()
                raise

    async def ping(self) -> None:
        """A round trip; raises BrokerUnavailable."""
        await _close(await self.channel(publisher_confirms=False))

    async def close(self) -> None:
        """Say goodbye, not for long."""
        async with self._lock:
            await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(BrokerUnavailable):
                async with _within(1):
                    await connection.close()


class AmqpBroker:
    """The exchanges and queues of the virtual host that `url` names."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT) -> None:
        parsed = URL(url)
        if "heartbeat" not in parsed.query:
            parsed = parsed.update_query(heartbeat=str(_HEARTBEAT))
        self._publishing = _Line(parsed, "parvis publishes", timeout)
        self._consuming = _Line(parsed, "parvis consumes", timeout)
        self._channel: AbstractChannel | None = None
        self._opening = asyncio.Lock()
        self._consumers: dict[asyncio.Task[None], _Consumer] = {}
        self._closed = False

    async def publish(self, messages: Sequence[Message]) -> int:
        """Publish with a window of confirms; any nack, return, time-out or loss ends it, and the channel."""
        for message in messages:
            check_routing_key(message.routing_key)
        confirmed = 0
        while confirmed < len(messages):
            window = messages[confirmed : confirmed + _WINDOW]
            channel = await self._publishing_channel()
            reached = await _publish(channel, window, self._publishing.timeout)
            confirmed += reached
            if reached < len(window):
                await self._give_up(channel)
                if not confirmed:
                    raise BrokerUnavailable("nothing was confirmed")
                break
        return confirmed

    @asynccontextmanager
    async def consume(self, queue: str, handler: MessageHandler, *, prefetch: int = 32) -> AsyncIterator[None]:
        """Hand over messages in tasks of their own; while the broker is away, wait for it."""
        self._refuse_when_closed()
        consumer = _Consumer(self._consuming, queue, handler, prefetch)
        task = asyncio.create_task(consumer.run())
        self._consumers[task] = consumer
        try:
            await consumer.settled()
            yield
        finally:
            await end([task])
            self._consumers.pop(task, None)

    async def ping(self) -> None:
        """Return if both connections answer and every consumer is at its queue."""
        self._refuse_when_closed()
        await self._publishing.ping()
        await self._consuming.ping()
        for consumer in self._consumers.values():
            if not consumer.attached:
                raise BrokerUnavailable(f"not consuming {consumer.queue!r}")

    async def close(self) -> None:
        """Stop deliveries; what was not acknowledged is delivered to the next one."""
        self._closed = True
        await end(self._consumers)
        await self._publishing.close()
        await self._consuming.close()

    async def _publishing_channel(self) -> AbstractChannel:
        async with self._opening:
            self._refuse_when_closed()
            if self._channel is None or self._channel.is_closed:
                self._channel = await self._publishing.channel(publisher_confirms=True)
            return self._channel

    async def _give_up(self, channel: AbstractChannel) -> None:
        if self._channel is channel:
            self._channel = None
        await _close(channel)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise BrokerUnavailable("closed")


class _Consumer:
    """One consumer, attached to its queue again and again."""

    def __init__(self, line: _Line, queue: str, handler: MessageHandler, prefetch: int) -> None:
        self.queue = queue
        self.attached = False
        self._line = line
        self._handler = handler
        self._prefetch = prefetch
        self._retries = Retries()
        self._tried: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def settled(self) -> None:
        """Wait for the first attempt; raises BrokerUnavailable if the broker refuses, not if it is away."""
        await self._tried

    async def run(self) -> None:
        """Consume until cancelled."""
        while True:
            try:
                await self._attach()
            except _Refused as error:
                if not self._tried.done():
                    self._tried.set_exception(error)
                    return
                self._log_loss(error)
            except BrokerUnavailable as error:
                self._log_loss(error)
            except Exception:  # noqa: BLE001 - a fault of ours: told with its place, and the queue is attached anew
                metrics.BROKER_LOSSES.inc()
                _log.exception("consumer-failed", queue=self.queue)
            if not self._tried.done():
                self._tried.set_result(None)
            await self._retries.pause()

    async def _attach(self) -> None:
        """Consume on one channel until it is lost."""
        channel = await self._line.channel(publisher_confirms=False)
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()  # bounded by the prefetch
        lost = asyncio.Event()
        workers: list[asyncio.Task[None]] = []
        try:
            async with _within(self._line.timeout):
                channel.close_callbacks.add(lambda *_: lost.set())
                underlay = await channel.get_underlay_channel()
                underlay.on_consumer_cancel_callbacks.add(lambda _: lost.set())
                await channel.set_qos(prefetch_count=self._prefetch)
                queue = await channel.get_queue(self.queue, ensure=False)
                await queue.consume(arrived.put)
            self.attached = True
            self._retries.succeeded()
            if not self._tried.done():
                self._tried.set_result(None)
            workers = [asyncio.create_task(self._work(arrived, lost)) for _ in range(self._prefetch)]
            await lost.wait()
            raise BrokerUnavailable("the channel was lost")
        finally:
            self.attached = False
            # Handlers first: the broker gives their messages to another as soon as the channel is gone.
            await end(workers)
            await _close(channel)

    async def _work(self, arrived: asyncio.Queue[AbstractIncomingMessage], lost: asyncio.Event) -> None:
        try:
            await self._hand_over_all(arrived, lost)
        except Exception:  # noqa: BLE001 - a fault of ours: told with its place, and what is not acknowledged comes again
            _log.exception("consumer-failed", queue=self.queue)
            lost.set()

    async def _hand_over_all(self, arrived: asyncio.Queue[AbstractIncomingMessage], lost: asyncio.Event) -> None:
        while True:
            incoming = await arrived.get()
            message = _received(incoming)
            if await hand_over(self.queue, message, self._handler, wanted=lambda: not lost.is_set()):
                with suppress(BrokerUnavailable):  # then the channel is lost, and the message comes again
                    async with _within(self._line.timeout):
                        await incoming.ack()

    def _log_loss(self, error: BrokerUnavailable) -> None:
        metrics.BROKER_LOSSES.inc()
        _log.warning("consumer-detached", queue=self.queue, problem=str(error))


async def _publish(channel: AbstractChannel, messages: Sequence[Message], timeout: float) -> int:
    """Send messages in order without waiting in between; how many from the front were confirmed."""
    exchanges = {name: await channel.get_exchange(name, ensure=False) for name in {m.exchange for m in messages}}
    sending = [
        asyncio.create_task(exchanges[message.exchange].publish(_amqp(message), message.routing_key))
        for message in messages
    ]
    confirmed = 0
    deadline = asyncio.get_running_loop().time() + timeout
    try:
        for task in sending:
            if not task.done():
                await asyncio.wait([task], timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
            if not task.done() or task.cancelled() or task.exception() is not None:
                break
            confirmed += 1
    finally:
        await end(sending[confirmed:])
    return confirmed


def _amqp(message: Message) -> AmqpMessage:
    place = message.place
    return AmqpMessage(
        message.body,
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        expiration=message.expires,
        headers=dict(zip(_PLACE, (place.type, place.after, place.position), strict=True)) if place else {},
    )


def _received(incoming: AbstractIncomingMessage) -> Message:
    place: Place | None = None
    match [incoming.headers.get(name) for name in _PLACE]:
        case [str() as type, int() as after, int() as position]:
            place = Place(type, after, position)
    return Message(
        incoming.exchange or "", incoming.routing_key or "", incoming.body, incoming.message_id or "", place=place
    )


async def _close(channel: AbstractChannel) -> None:
    with suppress(BrokerUnavailable):
        async with _within(1):
            await channel.close()


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    """Bound what aio-pika does, and call every end of it but our own cancellation BrokerUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except asyncio.CancelledError:
        # A connection that dies cancels what waits for it.
        if being_cancelled():
            raise
        raise BrokerUnavailable("the connection was lost") from None
    except (ChannelNotFoundEntity, ChannelAccessRefused) as error:
        raise _Refused(type(error).__name__) from error
    except (AMQPError, RuntimeError, OSError, TimeoutError) as error:
        # aio-pika and aiormq raise RuntimeError about what was closed a moment ago and does not yet say so.
        raise BrokerUnavailable(type(error).__name__) from error
