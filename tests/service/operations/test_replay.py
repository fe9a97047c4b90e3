"""`parvis replay`: what a service has missed is told again from the journals of the others (acceptance 110)."""

from __future__ import annotations

import asyncio

from services import SERVICES
from services.chassis.events.inbox import INBOX
from services.chassis.events.teller import BY_HAND, REPLAYS, order_replay
from services.chassis.service.integrity import violations
from services.chassis.settings import Settings
from services.chassis.testing import run_suite
from services.cli.offline import opened
from services.contracts.events.accounts import CardChanged
from tests.service.operations.conftest import Parvis

SUBMITTED = "applications.application.submitted.v1"


async def test_what_verify_finds_missing_is_told_again_and_no_mail_goes_out_twice(
    settings: Settings, parvis: Parvis
) -> None:
    """Acceptance 110."""
    async with opened(settings) as suite:
        lost = []
        for name in ("mailer", "documents"):
            rows = await suite[name].ports.store.find(
                INBOX.name, {"state": "done"}, sort=(("received", 1),), limit=1000
            )
            lost += [(name, row["_id"]) for row in rows if row["type"] == SUBMITTED]
            for _, id in lost[-1:]:
                await suite[name].ports.store.delete(INBOX.name, id)
        deliveries = await suite["mailer"].ports.store.count("deliveries", {})
        said = [line for name in ("mailer", "documents") async for line in violations(suite[name], suite)]
    assert said == [f"{name}: {id} was never received (parvis replay applications)" for name, id in lost]
    ordered = parvis("replay", "applications")
    assert ordered.returncode == 0, ordered.stderr
    async with run_suite(settings.data, services=SERVICES) as running:
        async with asyncio.timeout(120):
            while await running.service("applications").service.ports.store.get(REPLAYS.name, BY_HAND):
                await asyncio.sleep(0.05)
        await running.settle()
        for name, id in lost:
            row = await running.service(name).service.ports.store.get(INBOX.name, id)
            assert row is not None and row["state"] == "done"
        assert await running.service("mailer").service.ports.store.count("deliveries", {}) == deliveries


async def test_what_verify_misses_of_internal_events_is_made_good_by_how_things_stand_now(
    settings: Settings, parvis: Parvis
) -> None:
    async with opened(settings) as suite:
        store = suite["applications"].ports.store
        rows = await store.find(INBOX.name, {"state": "done"}, sort=(("received", 1),), limit=1000)
        lost = [row["_id"] for row in rows if row["type"] == CardChanged.TYPE][-1]
        await store.delete(INBOX.name, lost)
        said = [line async for line in violations(suite["applications"], suite)]
    assert said == [f"applications: {lost} was never received (parvis replay accounts)"]
    assert parvis("replay", "accounts").returncode == 0
    async with run_suite(settings.data, services=SERVICES) as running:
        async with asyncio.timeout(120):
            while await running.service("accounts").service.ports.store.get(REPLAYS.name, BY_HAND):
                await asyncio.sleep(0.05)
        await running.settle()
    async with opened(settings) as suite:
        assert [line async for line in violations(suite["applications"], suite)] == []


async def test_two_orders_are_one_from_the_first_row_of_both(settings: Settings) -> None:
    async with opened(settings, ["applications"]) as suite:
        store = suite["applications"].ports.store
        for after in (7, 3, 5):
            await order_replay(store, after)
        order = await store.get(REPLAYS.name, BY_HAND)
        assert order is not None and (order["after"], order["version"]) == (3, 3)
