"""A running accounts service in an open campaign."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.service.accounts.desk import Desk, Person


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neutral answers keep their beat, a faster one."""
    monkeypatch.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")


@pytest.fixture
async def closed_desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Desk]:
    """Before any campaign."""
    async with run_suite(tmp_path, services=("accounts",), clock=clock) as suite:
        yield Desk(suite, clock)


@pytest.fixture
async def desk(closed_desk: Desk) -> Desk:
    await closed_desk.open_campaign()
    return closed_desk


@pytest.fixture
async def zoe(desk: Desk) -> Person:
    """Logged in, nothing of the profile given."""
    return await desk.zoe().arrive()
