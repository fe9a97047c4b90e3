"""What the stores of a cluster say of the events that went through it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager
from typing import Any

from services.chassis.service.service import Service
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.cli.verify import lasting_violations
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Audience
from tests.cluster import Cluster
from tests.rest import Inboxes, lacking

Suite = Mapping[str, Service]


@asynccontextmanager
async def stores_of(cluster: Cluster) -> AsyncIterator[Suite]:
    """The services of a cluster as operations open them."""
    async with opened(Settings(**cluster.operations)) as suite:
        yield suite


async def assert_every_promise_holds(suite: Suite) -> None:
    """As `parvis verify all` does, on stores that are open already."""
    broken = await lasting_violations(suite, list(suite), 300)
    assert not broken, "\n".join(broken)


def assert_applied_once_in_order(
    suite: Suite, published: Mapping[str, Mapping[str, Any]], inboxes: Inboxes, disordered: Container[str]
) -> None:
    """Each service has applied what it listens to once, and nothing that nobody published.

    What is told anew as it stands, where it was lost, is there in its latest form at least, and the newest form wins
    whichever comes first: while the work goes over from one process to another, two may hear at once.

    Per key facts were in their order, but for keys that were delivered `disordered`; the two audiences apart, for each has
    a journal of its own.
    """
    anew = {event.TYPE for service in suite.values() for event in service.present}
    for name, service in suite.items():
        listens = {event.TYPE for event in service.subscriptions}
        applied: dict[tuple[Audience, str], list[tuple[str, str]]] = defaultdict(list)
        ids = set()
        for row in inboxes[name]:
            if row["state"] == "skipped":
                continue
            assert row["state"] == "done", (name, row["_id"], row["state"])
            ids.add(row["_id"])
            if row["type"] not in anew:
                applied[CATALOGUE[row["type"]].AUDIENCE, row["key"]].append((row["sequence"], row["done_at"]))
        told = {id for id, row in published.items() if row["type"] in listens}
        assert ids <= told, name
        for (_, key), rows in applied.items():
            instants = [done_at for _, done_at in sorted(rows)]
            assert key in disordered or instants == sorted(instants), f"{name}: {key} was not applied in order"
    assert not (missing := lacking(suite, published, inboxes)), missing
