"""A campus system is dead: its queue is full, nobody reads it, and nobody else notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.chassis.broker.admin.topology import subscriber_queue
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Audience
from tests.faults.conftest import FaultBench
from tests.faults.crowd import TIMEOUT, Crowd
from tests.faults.marks import cluster

pytestmark = cluster("rabbitmq3")

LIMIT = 10
"""Messages that the queue takes; the policy of operations has more timeout."""


@asynccontextmanager
async def dead_subscriber(bench: FaultBench, name: str) -> AsyncIterator[str]:
    """One who asked for all public events and reads none of them; its queue."""
    virtual_host = bench.cluster.virtual_host
    await virtual_host.subscriber(
        name, *sorted(type for type, of in CATALOGUE.items() if of.AUDIENCE is Audience.PUBLIC)
    )
    policy: Any = await virtual_host.admin("GET", "/api/policies/{v}/sub")
    small = policy["definition"] | {"max-length": LIMIT}
    await virtual_host.admin("PUT", "/api/policies/{v}/sub", {**policy, "definition": small})
    yield subscriber_queue(name)
    await virtual_host.admin("PUT", "/api/policies/{v}/sub", policy)
    assert (await virtual_host.parvis("subscriber", "remove", name)).code == 0


async def test_a_full_queue_without_a_reader_slows_nobody(bench: FaultBench) -> None:
    """While it is full people go their way, every journal is published to its end, and all services hear all of it."""
    async with dead_subscriber(bench, "dead") as queue:
        async with Crowd(bench.cluster, at_once=2, writers=2) as crowd:
            async with asyncio.timeout(2 * TIMEOUT):
                while await bench.depth(queue) < LIMIT:
                    await asyncio.sleep(0.5)
            await crowd.go_through(3)
            await crowd.write(20)
        await bench.find_everything(crowd)
        await bench.nothing_lags()
        assert await bench.depth(queue) == LIMIT
