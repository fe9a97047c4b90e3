"""Messages: how services hear of each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.chassis.ports.errors import PortError


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in its publisher's journal: of its type there is nothing between `after` and `position`."""

    type: str
    after: int
    position: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message to an exchange; `routing_key` at most 255 bytes; `message_id` is the event's id.

    `place` travels beside the body. A broker that stores messages may drop one that is older than `expires` seconds.
    """

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    place: Place | None = None
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """Messages of `exchange` whose routing key matches the topic `pattern` go to the queue."""

    exchange: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Topology:
    """Exchanges (topic) and queues by name; declared by operations, known to every process of the suite."""

    exchanges: tuple[str, ...]
    queues: Mapping[str, tuple[Binding, ...]]


class BrokerUnavailable(PortError):
    """The broker cannot be reached or refuses."""


MessageHandler = Callable[[Message], Awaitable[None]]


class Broker(Protocol):
    """Carries messages from exchanges to durable queues, each at least once, in order per publisher while all is well."""

    async def publish(self, messages: Sequence[Message]) -> int:
        """Publish in order, many at a time; answer how many *from the front* are confirmed.

        Confirmed means: it has reached, or will reach, the consumer of every bound queue, also after a crash. Fewer than
        all means that the fate of the rest is unknown and they are to be published again from there.
        Unroutable messages are confirmed. Raises BrokerUnavailable when none could be confirmed.
        """
        ...

    def consume(self, queue: str, handler: MessageHandler, *, prefetch: int = 32) -> AbstractAsyncContextManager[None]:
        """While open, call `handler` for each message of the queue, up to `prefetch` at once, begun in order.

        A handler that returns acknowledges. One that raises, or a crash, has the message delivered again, after a pause.
        Connections lost are made anew in silence (and counted).
        """
        ...

    async def ping(self) -> None:
        """Return if publishing and consuming work; raises BrokerUnavailable."""
        ...

    async def close(self) -> None:
        """Stop deliveries and let go."""
        ...
