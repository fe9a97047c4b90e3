"""In the production size one service stops while the others go on: an incident that names it, over two of its lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.applications.repository.incidents import INCIDENTS
from services.chassis import urls
from services.chassis.ports import Collection, Store
from services.chassis.service.beats import BEATS
from services.chassis.service.last_runs import LAST_RUNS
from services.contracts.instants import instant, instant_text
from tests.cluster import Cluster
from tests.journeys.conftest import SIZES

AWAY = timedelta(hours=1)


@asynccontextmanager
async def store_of(cluster: Cluster, service: str, *collections: Collection) -> AsyncIterator[Store]:
    store = urls.open_store(cluster.backing.store, service=service, data=cluster.data)
    store.declare(collections)
    try:
        yield store
    finally:  # else whatever runs next is told of a client that nobody closed
        await store.close()


@pytest.mark.parametrize("suite", SIZES[1:], indirect=True)
async def test_documents_away_for_an_hour_while_others_answer_is_a_measured_incident(suite: Cluster) -> None:
    """Nobody waits for an hour here: its last beat is put back by one while it is stopped, and its timers have not run."""
    (documents,) = suite.processes["documents"]
    assert await documents.stop() == 0
    async with store_of(suite, "documents", BEATS, LAST_RUNS) as store:
        beat = await store.get(BEATS.name, "beat")
        assert beat is not None
        begun = instant_text(instant(beat["at"]) - AWAY)
        earlier = {"at": begun, "ran": beat["ran"] - AWAY.total_seconds(), "version": beat["version"] + 1}
        assert await store.replace(BEATS.name, beat | earlier, version=beat["version"])
        for runs in await store.find(LAST_RUNS.name, {}, limit=1):
            assert await store.delete(LAST_RUNS.name, runs["_id"], version=runs["version"])
    await documents.start()
    async with store_of(suite, "applications", INCIDENTS) as store, asyncio.timeout(120):
        while not (found := await store.find(INCIDENTS.name, {}, limit=10)):
            await asyncio.sleep(0.1)
    (incident,) = found
    assert (incident["source"], incident["service"], incident["state"]) == ("stopped", "documents", "open")
    assert AWAY <= instant(incident["ends"]) - instant(incident["begins"]) < AWAY + timedelta(minutes=10)
    said = await suite.parvis("incidents", "list")
    assert f"documents-{int(instant(incident['begins']).timestamp())}" in said.stdout
