"""A suite as people have it, whole; every journey is made in both sizes, which differ in their settings alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.candidate import Candidate, Mailbox
from tests.cluster import SERVERS, Backing, Cluster
from tests.processes import SuiteProcess
from tests.servers.mongodb import MongoDB
from tests.servers.nginx import Nginx
from tests.servers.rabbitmq import RabbitMQ4
from tests.servers.s3 import S3
from tests.servers.session import SharedServers

Suite = SuiteProcess | Cluster

SIZES = [
    pytest.param("embedded"),
    pytest.param("cluster", marks=[pytest.mark.servers(*SERVERS), pytest.mark.xdist_group("cluster")]),
]


class OneCluster:
    """One for all journeys, made when the first asks for it: starting it takes longer than most of them."""

    def __init__(self, servers: SharedServers, data: Path) -> None:
        self._servers = servers
        self._data = data
        self._cluster: Cluster | None = None

    async def running(self) -> Cluster:
        if self._cluster is None:
            Nginx.make()
            mongodb, s3 = self._servers.get(MongoDB), self._servers.get(S3)
            backing = Backing(self._servers.get(RabbitMQ4), mongodb.new_database(), s3.new_bucket())
            self._cluster = Cluster(self._data, backing, pages=True)
            await self._cluster.open()
        await self._cluster.start()
        return self._cluster

    async def close(self) -> None:
        if self._cluster is not None:
            code = await self._cluster.stop()
            await self._cluster.close()
            assert code == 0


@pytest.fixture(scope="session")
def one_cluster(shared_servers: SharedServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneCluster]:
    one = OneCluster(shared_servers, tmp_path_factory.mktemp("cluster") / "var")
    yield one
    asyncio.run(one.close())


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[SuiteProcess]:
    async with running(tmp_path) as suite:
        yield suite


@pytest.fixture(params=SIZES)
async def suite(request: pytest.FixtureRequest, one_cluster: OneCluster, tmp_path: Path) -> AsyncIterator[Suite]:
    if request.param == "cluster":
        yield await one_cluster.running()
    else:
        async with running(tmp_path) as suite:
            yield suite


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[SuiteProcess]:
    """A suite in one process, its data in a folder."""
    suite = SuiteProcess(folder / "var")
    await suite.start()
    yield suite
    assert await suite.stop() == 0


@pytest.fixture
async def candidate(suite: Suite) -> AsyncIterator[Candidate]:
    async with aiohttp.ClientSession() as client:
        yield Candidate(client, suite.base, Mailbox(suite.data / "mail"), insist=True)
