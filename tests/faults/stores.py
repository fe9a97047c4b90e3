"""What the stores of a cluster say of the events that went through it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from services.chassis.inbox import INBOX
from services.chassis.journal import JOURNALS
from services.chassis.promises import every
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.cli.opened import opened
from tests.cluster import Cluster


@asynccontextmanager
async def stores_of(cluster: Cluster) -> AsyncIterator[Mapping[str, Service]]:
    """The services of a cluster as operations open them."""
    async with opened(Settings(**cluster.operations)) as suite:
        yield suite


async def journaled(suite: Mapping[str, Service]) -> dict[str, dict[str, Any]]:
    """Every row of every journal, by event id."""
    return {
        row["event_id"]: row
        for service in suite.values()
        for journal in JOURNALS.values()
        async for row in every(service.ports.store, journal.name)
    }


async def assert_applied_once_in_order(cluster: Cluster) -> None:
    """Each service has applied what it listens to once, per key in the order of fact, and nothing that nobody published."""
    async with stores_of(cluster) as suite:
        published = await journaled(suite)
        for name, service in suite.items():
            listens = {event.TYPE for event in service.subscriptions}
            applied: dict[str, list[tuple[str, str]]] = defaultdict(list)
            ids = set()
            async for row in every(service.ports.store, INBOX.name):
                if row["state"] == "skipped":
                    continue
                assert row["state"] == "done", (name, row["_id"], row["state"])
                ids.add(row["_id"])
                applied[row["key"]].append((row["sequence"], row["done_at"]))
            assert ids == {id for id, row in published.items() if row["type"] in listens}, name
            for key, rows in applied.items():
                instants = [done_at for _, done_at in sorted(rows)]
                assert instants == sorted(instants), f"{name}: {key} was not applied in order"
