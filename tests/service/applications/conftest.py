"""A running applications service that knows one candidate and some programmes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.service.applications.candidate import Candidate, Office


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 2, 1, 11, 0, tzinfo=UTC))


@pytest.fixture
async def office(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Office]:
    async with run_suite(tmp_path, services=("applications",), clock=clock) as suite:
        yield Office(suite, clock)


@pytest.fixture
async def zoe(office: Office) -> Candidate:
    """A candidate whose profile is complete; the programme M1-MER is open."""
    await office.publish_programme()
    return await office.candidate("zoe")
