"""Accounts with an ENT of the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.ents import NOON, Cas, cas_server
from tests.service.accounts.client import AccountsClient
from tests.service.accounts.ent.by_ent import PUBLIC


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def cas() -> AsyncIterator[Cas]:
    async with cas_server() as made:
        yield made


@pytest.fixture
async def client(cas: Cas, tmp_path: Path, clock: FixedClock) -> AsyncIterator[AccountsClient]:
    async with run_suite(tmp_path, services=("accounts",), clock=clock, ent=cas.url, public_url=PUBLIC) as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        yield client
