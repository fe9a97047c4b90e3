"""A suite as people have it, whole; every journey is made in both sizes, which differ in their settings alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.candidate import Candidate, Mailbox
from tests.cluster import SERVERS, Backing, Cluster
from tests.processes import SuiteProcess
from tests.servers.mongodb import MongoDB
from tests.servers.rabbitmq import RabbitMQ4
from tests.servers.s3 import S3

Suite = SuiteProcess | Cluster

SIZES = [
    pytest.param("embedded"),
    pytest.param("cluster", marks=[pytest.mark.servers(*SERVERS), pytest.mark.xdist_group("cluster")]),
]


@pytest.fixture(scope="session")
async def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """One for all journeys: people come and go, and leave it as it was."""
    rabbitmq, mongodb, s3, _ = (request.getfixturevalue(name) for name in SERVERS)
    cluster = Cluster(
        tmp_path_factory.mktemp("cluster") / "var", Backing(rabbitmq, mongodb.new_database(), s3.new_bucket())
    )
    try:
        await cluster.open()
        yield cluster
        assert await cluster.stop() == 0
    finally:
        await cluster.close()


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[SuiteProcess]:
    running = SuiteProcess(tmp_path / "var")
    await running.start()
    yield running
    assert await running.stop() == 0


@pytest.fixture(params=SIZES)
def suite(request: pytest.FixtureRequest) -> Suite:
    running: Suite = request.getfixturevalue(request.param)
    return running


@pytest.fixture
async def candidate(suite: Suite) -> AsyncIterator[Candidate]:
    async with aiohttp.ClientSession() as client:
        yield Candidate(client, suite.base, Mailbox(suite.data / "mail"))
