"""A campus system is dead: its queue is full, nobody reads it, and nobody else notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.chassis.broker.admin.topology import subscriber_queue
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Audience
from tests.faults.conftest import Stand
from tests.faults.crowd import PATIENCE, Crowd
from tests.faults.marks import cluster

pytestmark = cluster("rabbitmq3")

LIMIT = 10
"""Messages that the queue takes; the policy of operations has more patience."""


@asynccontextmanager
async def dead_subscriber(stand: Stand, name: str) -> AsyncIterator[str]:
    """One who asked for all public events and reads none of them; its queue."""
    corner = stand.cluster.corner
    await corner.subscriber(name, *sorted(type for type, of in CATALOGUE.items() if of.AUDIENCE is Audience.PUBLIC))
    policy: Any = await corner.admin("GET", "/api/policies/{v}/sub")
    small = policy["definition"] | {"max-length": LIMIT}
    await corner.admin("PUT", "/api/policies/{v}/sub", {**policy, "definition": small})
    yield subscriber_queue(name)
    await corner.admin("PUT", "/api/policies/{v}/sub", policy)
    assert (await corner.parvis("subscriber", "remove", name)).code == 0


async def test_a_full_queue_without_a_reader_slows_nobody(stand: Stand) -> None:
    """While it is full people go their way, every journal is published to its end, and all services hear all of it."""
    async with dead_subscriber(stand, "dead") as queue:
        async with Crowd(stand.cluster, at_once=2, writers=2) as crowd:
            async with asyncio.timeout(2 * PATIENCE):
                while await stand.depth(queue) < LIMIT:
                    await asyncio.sleep(0.5)
            await crowd.go_through(3)
            await crowd.write(20)
        await stand.find_everything(crowd)
        assert await stand.cluster.metric("parvis_journal_lag") == 0
        assert await stand.depth(queue) == LIMIT
