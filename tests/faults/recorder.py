"""Everything that is published, as somebody hears it who listens to all."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aio_pika

from services.contracts.events.catalogue import CATALOGUE, Audience
from services.contracts.events.envelope import Envelope
from tests.faults.stores import Suite
from tests.rest import journaled
from tests.service.operations.broker import VirtualHost

QUEUE = "tests.tap"


@dataclass
class EventRecorder:
    """A durable queue bound to all events, and what has come out of it.

    `bodies` is what was published under each event id, with its exchange; `sequences` in which order under each key, what
    was published before left out.
    """

    virtual_host: VirtualHost
    bodies: dict[str, set[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(set))
    sequences: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    repeated: int = 0

    async def open(self) -> None:
        """Set it up, before anything is published."""
        durable = {"durable": True, "arguments": {"x-queue-type": "quorum"}}
        await self.virtual_host.admin("PUT", f"/api/queues/{{v}}/{QUEUE}", durable)
        for audience in Audience:
            path = f"/api/bindings/{{v}}/e/{audience.value}/q/{QUEUE}"
            await self.virtual_host.admin("POST", path, {"routing_key": "#"})

    async def catch_up(self, suite: Suite) -> None:
        """Bind it anew after `topology apply`, which knows no such queue, and take as heard what the journals hold.

        In this order: what a timer tells between the two is heard twice, and never missed.
        """
        await self.open()
        for row in (await journaled(suite)).values():
            self._hear(CATALOGUE[row["type"]].AUDIENCE.value, row["body"].encode())

    async def drain(self) -> None:
        """Take out what has come."""
        async with await aio_pika.connect(f"{self.virtual_host.server.url}/{self.virtual_host.vhost}") as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=500)
            queue = await channel.get_queue(QUEUE)
            left = queue.declaration_result.message_count or 0
            if not left:
                return
            async with asyncio.timeout(300), queue.iterator() as messages:
                async for message in messages:
                    self._hear(message.exchange or "", message.body)
                    await message.ack()
                    left -= 1
                    if not left:
                        break

    def assert_is(self, journaled: Mapping[str, Mapping[str, Any]]) -> None:
        """Compare with the rows of all journals: what they hold and nothing else was published, each in its order.

        An event may be published more than once, never with another content.
        """
        unheard, unknown = journaled.keys() - self.bodies.keys(), self.bodies.keys() - journaled.keys()
        assert not unheard, f"journaled and never published: {sorted(unheard)[:10]} of {len(unheard)}"
        assert not unknown, f"published and in no journal: {sorted(unknown)[:10]} of {len(unknown)}"
        for id, row in journaled.items():
            audience = CATALOGUE[row["type"]].AUDIENCE.value
            assert self.bodies[id] == {(audience, row["body"].encode())}, id
        for key, sequences in self.sequences.items():
            assert sequences == sorted(sequences), f"{key} was not published in order"

    def _hear(self, exchange: str, body: bytes) -> None:
        envelope = Envelope.decode(body)
        if envelope.id in self.bodies:
            self.repeated += 1
        else:
            self.sequences[exchange, envelope.order_key].append(envelope.sequence)
        self.bodies[envelope.id].add((exchange, body))
