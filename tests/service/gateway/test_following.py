"""What is told over minutes comes through the gateway as it is said, and counts for itself there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.processes import free_ports
from tests.service.applications.candidate import BASE, PeerServices
from tests.service.applications.following import Listener
from tests.service.gateway.conftest import AMPLE, Open
from tests.service.gateway.test_replicas import replica

MOMENT = datetime(2027, 2, 1, 11, tzinfo=UTC)


async def test_a_change_comes_through_at_once_and_one_listener_too_many_is_refused(
    gateway: Open, tmp_path: Path
) -> None:
    """What is refused there leaves room for everything else of the same line."""
    async with run_suite(tmp_path, services=("applications",), clock=FixedClock(MOMENT)) as suite:
        peers = PeerServices(suite, FixedClock(MOMENT))
        await peers.publish_programme()
        zoe = await peers.candidate("zoe")
        id = await zoe.opened()
        site = await gateway(suite.host.settings.port, limits=replace(AMPLE, following=1, under_way=1))
        headers, timeout = suite.bearer("zoe"), aiohttp.ClientTimeout(60)
        address = f"{BASE}/applications/{id}/events"
        async with (
            aiohttp.ClientSession(site.url, headers=headers, timeout=timeout) as client,
            client.get(address) as response,
        ):
            line = Listener(response)
            assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream")
            await line.begins()
            begun = await line.moved()
            assert (await zoe.deposit(id, "cv")).status == 200
            assert await line.change() == {"id": id, "version": begun + 1}
            for path, status in ((address, 429), (f"{BASE}/applications", 200)):
                async with client.get(path) as other:
                    assert other.status == status, path


@pytest.mark.parametrize("whose", ["following", "following_neighbours", "following_all"])
async def test_each_ceiling_of_lines_that_last_refuses_the_next_one(gateway: Open, whose: str) -> None:
    """Of a line, of its neighbours, of everybody: at it, and one past it; all else is answered."""
    (port,) = free_ports(1)
    limits: dict[str, Any] = {whose: 1}
    site = await gateway(port, limits=replace(AMPLE, **limits))
    address = f"{BASE}/applications/1/events"
    async with (
        replica(port),
        aiohttp.ClientSession(site.url, timeout=aiohttp.ClientTimeout(60)) as client,
        client.get(address) as listening,
        client.get(address) as refused,
        client.get(f"{BASE}/applications") as asked,
    ):
        assert [each.status for each in (listening, refused, asked)] == [200, 429, 200]
