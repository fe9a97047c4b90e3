"""The embedded broker: inside of one process, with no storage of its own.

What makes it durable stands at both ends: the publisher's journal keeps a message until it is confirmed, and it is
confirmed once the handlers of all bound queues have returned, that is, once it lies in their inboxes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from services.chassis.broker.redelivery import hand_over
from services.chassis.broker.topics import check_routing_key, matches
from services.chassis.ports import BrokerUnavailable, Message, MessageHandler, Topology
from services.chassis.telemetry.supervisor import end

CONFIRM_WITHIN: Final = 5.0
"""Seconds that a publisher waits for the next message to be confirmed."""

MAX_BUFFERED: Final = 1000
"""Messages that wait in one queue; further publishers wait for room."""

_MAX_ROUTES: Final = 1000


class _Delivery:
    """One message on its way to the queues that it is bound to."""

    __slots__ = ("abandoned", "confirmed", "message", "open")

    def __init__(self, message: Message, queues: int) -> None:
        self.message = message
        self.open = queues
        self.abandoned = False
        self.confirmed = asyncio.Event()
        if not queues:
            self.confirmed.set()

    def acknowledge(self) -> None:
        self.open -= 1
        if not self.open:
            self.confirmed.set()


class _Queue:
    """A bounded line of deliveries; one that was taken counts until it is settled."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._line: deque[_Delivery] = deque()
        self._waiting = asyncio.Semaphore(0)
        self._room = asyncio.Semaphore(MAX_BUFFERED)

    async def put(self, delivery: _Delivery) -> None:
        await self._room.acquire()
        self._line.append(delivery)
        self._waiting.release()

    async def take(self) -> _Delivery:
        """The next delivery whose publisher still waits for it."""
        while True:
            await self._waiting.acquire()
            delivery = self._line.popleft()
            if not delivery.abandoned:
                return delivery
            self.settle()

    def settle(self) -> None:
        """Give free the place of one that was taken."""
        self._room.release()

    def give_back(self, deliveries: Sequence[_Delivery]) -> None:
        """Put some that were taken at the front again, in this order."""
        for delivery in reversed(deliveries):
            self._line.appendleft(delivery)
            self._waiting.release()


class LocalBroker:
    """The exchanges and queues of `topology`, shared by all services of one process."""

    def __init__(self, topology: Topology, *, confirm_within: float = CONFIRM_WITHIN) -> None:
        self._topology = topology
        self._confirm_within = confirm_within
        self._queues = {name: _Queue(name) for name in topology.queues}
        self._routes: dict[tuple[str, str], tuple[_Queue, ...]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._closed = False

    async def publish(self, messages: Sequence[Message]) -> int:
        """Confirm in order what the consumers' handlers have taken; give up after a while without progress."""
        self._refuse_when_closed()
        routed = [(message, self._route(message)) for message in messages]
        deliveries = [(_Delivery(message, len(queues)), queues) for message, queues in routed]
        feeding = asyncio.create_task(_feed(deliveries))
        confirmed = 0
        try:
            for delivery, _ in deliveries:
                async with asyncio.timeout(self._confirm_within):
                    await delivery.confirmed.wait()
                confirmed += 1
        except TimeoutError:
            if not confirmed:
                raise BrokerUnavailable("no consumer has taken the message") from None
        finally:
            # Their publisher sends them again: what nobody has taken yet must not pile up.
            for delivery, _ in deliveries[confirmed:]:
                delivery.abandoned = True
            feeding.cancel()
        return confirmed

    @asynccontextmanager
    async def consume(self, queue: str, handler: MessageHandler, *, prefetch: int = 32) -> AsyncIterator[None]:
        """Hand over messages, each in a task of its own, as many at once as `prefetch`."""
        self._refuse_when_closed()
        if queue not in self._queues:
            raise BrokerUnavailable(f"no queue {queue!r}")
        line = self._queues[queue]
        in_hand: dict[_Delivery, None] = {}
        handing_out = asyncio.create_task(self._hand_out(line, handler, in_hand, asyncio.Semaphore(prefetch)))
        self._workers.add(handing_out)
        try:
            yield
        finally:
            await end([handing_out])
            self._workers.discard(handing_out)
            line.give_back(list(in_hand))

    async def _hand_out(
        self, line: _Queue, handler: MessageHandler, in_hand: dict[_Delivery, None], hands: asyncio.Semaphore
    ) -> None:
        """Begin with each message in its turn, as long as a hand is free for it; end all that was begun with this."""
        busy: set[asyncio.Task[None]] = set()

        async def hand(delivery: _Delivery) -> None:
            if await hand_over(line.name, delivery.message, handler, wanted=lambda: not delivery.abandoned):
                delivery.acknowledge()
            del in_hand[delivery]
            line.settle()
            hands.release()

        try:
            while True:
                await hands.acquire()
                delivery = await line.take()
                in_hand[delivery] = None
                task = asyncio.create_task(hand(delivery))
                busy.add(task)
                task.add_done_callback(busy.discard)
        finally:
            await end(busy)

    async def ping(self) -> None:
        """Return until closed."""
        self._refuse_when_closed()

    async def close(self) -> None:
        """Stop deliveries; what was not handed over stays with its publisher."""
        self._closed = True
        await end(self._workers)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise BrokerUnavailable("closed")

    def _route(self, message: Message) -> tuple[_Queue, ...]:
        route = (message.exchange, message.routing_key)
        if route not in self._routes:
            if message.exchange not in self._topology.exchanges:
                raise BrokerUnavailable(f"no exchange {message.exchange!r}")
            check_routing_key(message.routing_key)
            if len(self._routes) >= _MAX_ROUTES:
                self._routes.clear()
            self._routes[route] = tuple(
                self._queues[name]
                for name, bindings in self._topology.queues.items()
                if any(
                    binding.exchange == message.exchange and matches(binding.pattern, message.routing_key)
                    for binding in bindings
                )
            )
        return self._routes[route]


async def _feed(deliveries: Sequence[tuple[_Delivery, tuple[_Queue, ...]]]) -> None:
    for delivery, queues in deliveries:
        for queue in queues:
            await queue.put(delivery)
