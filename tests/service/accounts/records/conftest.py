"""Accounts with an ENT and a registrar of the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.ents import NOON, Cas, cas_server
from tests.records import Sis, sis_server
from tests.service.accounts.client import AccountsClient, Person
from tests.service.accounts.ent.by_ent import PUBLIC, registered
from tests.service.accounts.records.asking import enter


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def cas() -> AsyncIterator[Cas]:
    async with cas_server() as made:
        yield made


@pytest.fixture
async def sis() -> AsyncIterator[Sis]:
    async with sis_server() as made:
        yield made


@pytest.fixture
async def client(cas: Cas, sis: Sis, tmp_path: Path, clock: FixedClock) -> AsyncIterator[AccountsClient]:
    async with run_suite(
        tmp_path, services=("accounts",), clock=clock, ent=cas.url, sis=sis.url, public_url=PUBLIC
    ) as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        yield client


@pytest.fixture
async def student(client: AccountsClient, cas: Cas) -> Person:
    """Logged in by the ENT, known to the registrar, nothing typed."""
    zoe = await registered(client, cas)
    await enter(client, cas, zoe)
    return zoe


@pytest.fixture
async def zoe(client: AccountsClient) -> Person:
    """Somebody who came by e-mail."""
    return await client.zoe().arrive()
