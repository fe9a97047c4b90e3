"""One cluster for all faults, two replicas of each service; its servers are reached through proxies that can fail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aio_pika
import pytest
import pytest_asyncio

from tests.cluster import Backing, Cluster
from tests.faults.crowd import TIMEOUT, Crowd
from tests.faults.recorder import EventRecorder
from tests.faults.stores import Suite, assert_applied_once_in_order, assert_every_promise_holds, stores_of
from tests.rest import Inboxes, come_to_rest, inboxes_of, journaled, lacking
from tests.servers.mongodb import MongoDB
from tests.servers.nginx import Nginx
from tests.servers.proxy import Proxy
from tests.servers.rabbitmq import RabbitMQ3
from tests.servers.s3 import S3

LONG = os.environ.get("PARVIS_TEST_LONG") == "1"
"""Whether faults last for minutes, or just long enough to be felt by every time limit that they meet."""
REPLICAS = 2
LEASE_SECONDS = 10 if LONG else 6
SETTINGS: dict[str, Any] = {
    # Nobody but the gateway is here; people and strangers may come from elsewhere on loopback.
    "trusted_proxies": "127.0.0.1/32",
    "lease_seconds": LEASE_SECONDS,
    **({"accounts_requests_per_address": 5000, "accounts_requests_per_network": 5000} if LONG else {}),
}


@dataclass(frozen=True)
class FaultBench:
    """What a test plays with; applications have a way of their own to the store.

    `suite` are the services' stores as operations see them, `tap` hears all that is published. `disordered` are keys
    whose events a test has delivered in disorder.
    """

    cluster: Cluster
    suite: Suite
    recorder: EventRecorder
    rabbitmq: RabbitMQ3
    broker: Proxy
    store: Proxy
    applications_store: Proxy
    objects: Proxy
    disordered: set[str] = field(default_factory=set)

    @property
    def stores(self) -> tuple[Proxy, ...]:
        """All ways to the store."""
        return self.store, self.applications_store

    def heal(self) -> None:
        for proxy in (self.broker, *self.stores, self.objects):
            proxy.restore()

    async def depth(self, queue: str) -> int:
        """How many messages stand in a queue, asked of the queue itself."""
        async with await aio_pika.connect(f"{self.rabbitmq.url}/{self.cluster.virtual_host.vhost}") as connection:
            declared = await (await connection.channel()).get_queue(queue)
            return declared.declaration_result.message_count or 0

    async def nothing_lags(self) -> None:
        """Wait until each publisher says that it is through with its journal: it does so when it looks the next time."""
        async with asyncio.timeout(TIMEOUT):
            while await self.cluster.metric("parvis_journal_lag"):
                await asyncio.sleep(0.1)

    async def find_everything(self, crowd: Crowd) -> None:
        """Compare every ledger with what the suite says, all promises with its stores, its journals with what was heard."""
        await crowd.find_what_was_told()
        await come_to_rest(self.suite, 2 * TIMEOUT)
        await assert_every_promise_holds(self.suite)
        published, inboxes = await self._read_while_nothing_is_told()
        assert_applied_once_in_order(self.suite, published, inboxes, self.disordered)
        self.recorder.assert_is(published)

    async def _read_while_nothing_is_told(self) -> tuple[dict[str, dict[str, Any]], Inboxes]:
        """Every row of every journal and inbox, and the tap emptied, as of one moment.

        Timers go on while stores are read, and what one of them tells between two readings would stand in one of them
        alone. What the journals held before all was at rest, and hold after the last reading, was there for all readings.

        What the broker has confirmed may stand in a queue as long as the consumer of that goes over to another process: it
        has two minutes to be received. What is lacking then is lost, and the comparison will say so.
        """
        received_by = asyncio.get_running_loop().time() + TIMEOUT
        rounds = 0
        while True:
            published = await journaled(self.suite)
            await come_to_rest(self.suite, 2 * TIMEOUT)
            inboxes = await inboxes_of(self.suite)
            await self.recorder.drain()
            quiet = published.keys() == (await journaled(self.suite)).keys()
            is_late = asyncio.get_running_loop().time() > received_by
            if quiet and (is_late or not lacking(self.suite, published, inboxes)):
                return published, inboxes
            rounds = 0 if quiet else rounds + 1
            assert rounds < 20, "events are told without an end"
            await asyncio.sleep(0.5)


async def make_stand(stack: AsyncExitStack, mongodb: MongoDB, s3: S3, folder: Path) -> FaultBench:
    """RabbitMQ is its own, to be stopped and killed."""
    rabbitmq = await stack.enter_async_context(RabbitMQ3())
    broker, store, applications_store, objects = [
        await stack.enter_async_context(Proxy.before(url)) for url in (rabbitmq.url, mongodb.url, mongodb.url, s3.url)
    ]
    database = mongodb.new_database()
    backing = Backing(
        rabbitmq, store.through(database), objects.through(s3.new_bucket()), amqp=broker.through(rabbitmq.url)
    )
    cluster = Cluster(folder, backing, replicas=REPLICAS, **SETTINGS)
    stack.push_async_callback(cluster.close)
    await cluster.open()
    recorder = EventRecorder(cluster.virtual_host)
    await recorder.open()
    await rabbitmq.settle()
    for process in cluster.processes["applications"]:
        process.settings["store"] = applications_store.through(database)
    suite = await stack.enter_async_context(stores_of(cluster))
    return FaultBench(cluster, suite, recorder, rabbitmq, broker, store, applications_store, objects)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def one_bench(
    mongodb: MongoDB, s3: S3, nginx: type[Nginx], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FaultBench]:
    async with AsyncExitStack() as stack:
        yield await make_stand(stack, mongodb, s3, tmp_path_factory.mktemp("faults") / "var")


@pytest_asyncio.fixture(loop_scope="session")
async def bench(one_bench: FaultBench) -> AsyncIterator[FaultBench]:
    """The cluster, up and well before and after."""
    await one_bench.cluster.start()
    yield one_bench
    one_bench.heal()
    for process in one_bench.cluster.every:
        if process.alive:
            process.thaw()
