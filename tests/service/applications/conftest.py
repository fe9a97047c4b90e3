"""A running applications service that knows one candidate and some programmes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.parameters import begin_with
from tests.pre_enrolments import SECRET, SampleSis, sample_sis
from tests.service.applications.candidate import Candidate, PeerServices


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 2, 1, 11, 0, tzinfo=UTC))


@pytest.fixture
def code_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Candidates see the code of their pre-enrolment from the first day on."""
    begin_with(monkeypatch, tmp_path / "first.toml", '[enrolment]\ncode_shown = "yes"\n')


@pytest.fixture
async def peers(tmp_path: Path, clock: FixedClock) -> AsyncIterator[PeerServices]:
    async with run_suite(tmp_path, services=("applications",), clock=clock, timers_by_time=False) as suite:
        yield PeerServices(suite, clock)


@pytest.fixture
async def zoe(peers: PeerServices) -> Candidate:
    """A candidate whose profile is complete; the programme M1-MER is open."""
    await peers.publish_programme()
    return await peers.candidate("zoe")


@pytest.fixture
async def sis(clock: FixedClock) -> AsyncIterator[SampleSis]:
    """Sample student records."""
    async with sample_sis() as made:
        made.now = clock.now
        yield made


@pytest.fixture
async def connected(tmp_path: Path, clock: FixedClock, sis: SampleSis) -> AsyncIterator[PeerServices]:
    """A service that tells them whom to take."""
    told: dict[str, Any] = {"pre_enrolment": sis.url, "pre_enrolment_secret": SECRET}
    async with run_suite(tmp_path, services=("applications",), clock=clock, timers_by_time=False, **told) as suite:
        yield PeerServices(suite, clock)
