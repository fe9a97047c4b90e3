"""A service that answers people by failures is an incident, which somebody judges (ADR 110)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.testing import Suite, run_suite
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_incidents import Admin


@pytest.fixture
async def peers(tmp_path: Path, clock: FixedClock) -> AsyncIterator[PeerServices]:
    both = ("applications", "documents")
    async with run_suite(tmp_path, services=both, clock=clock, timers_by_time=False) as suite:
        yield PeerServices(suite, clock)


async def a_minute(suite: Suite, status: int, *, path: str = "", times: int = 20) -> None:
    """So many people ask documents, and are answered so; then the minute is over."""
    for _ in range(times):
        async with suite.client.get(f"/api/documents/documents{path}", headers=suite.bearer("zoe")) as answer:
            assert answer.status == status
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(minutes=1)
    (timer,) = [each for each in suite.service("applications").service.timers if each.name == "beats"]
    for _ in range(2):
        await timer.run(CommandContext(suite.clock.now(), "test", acting_service("applications")))


async def test_two_minutes_of_failures_are_one_incident_that_grows_and_ordinary_refusals_are_none(
    peers: PeerServices, clock: FixedClock
) -> None:
    suite, admin = peers.suite, Admin(peers)
    clock.moment = clock.now().replace(second=0, microsecond=0)
    for _ in range(3):
        await a_minute(suite, 404, path="/01jd5w8q3v7m2c9k4t6x0b1n5r")
    await a_minute(suite, 200)
    await suite.service("documents").service.ports.store.close()
    begins = clock.now()
    await a_minute(suite, 503)
    assert await admin.incidents() == []
    await a_minute(suite, 503)
    await a_minute(suite, 503, times=19)
    (found,) = await admin.incidents()
    assert (found["source"], found["service"], found["state"]) == ("failing", "documents", "open")
    assert (found["begins"], found["seconds"]) == (begins.strftime("%Y-%m-%dT%H:%M:%S.000Z"), 120)
    for _ in range(3):
        await a_minute(suite, 503)
    first, second = sorted((each["begins"], each["seconds"]) for each in await admin.incidents())
    assert (first[1], second[1]) == (120, 180)
