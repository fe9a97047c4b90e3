"""A running accounts service in an open campaign."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.service.accounts.client import AccountsClient, Person


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neutral answers keep their beat, a faster one; passwords cost little, since no test here is about their cost."""
    monkeypatch.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")
    monkeypatch.setenv("PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES", "64")


@pytest.fixture
async def closed_client(tmp_path: Path, clock: FixedClock) -> AsyncIterator[AccountsClient]:
    """Before any campaign."""
    async with run_suite(tmp_path, services=("accounts",), clock=clock) as suite:
        yield AccountsClient(suite, clock)


@pytest.fixture
async def client(closed_client: AccountsClient) -> AccountsClient:
    await closed_client.open_campaign()
    return closed_client


@pytest.fixture
async def zoe(client: AccountsClient) -> Person:
    """Logged in, nothing of the profile given."""
    return await client.zoe().arrive()
