"""When nothing is under way in a suite any more, by what its stores say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.chassis.events.inbox import INBOX
from services.chassis.events.journal import JOURNALS
from services.chassis.events.record import every
from services.chassis.ports import In
from services.chassis.service.service import Running, Service

Inboxes = Mapping[str, Sequence[Mapping[str, Any]]]


async def come_to_rest(suite: Mapping[str, Service], timeout: float) -> None:
    """Wait until every event is relayed, published, and applied or parked; TimeoutError after `timeout` seconds.

    Two looks, for what is applied during one may tell something where that one has looked already. What stands in a queue
    of the broker is seen by neither: `lacking` names it.
    """
    async with asyncio.timeout(timeout):
        while not await _stays_at_rest([Running(service) for service in suite.values()]):
            await asyncio.sleep(0.3)


async def journaled(suite: Mapping[str, Service]) -> dict[str, dict[str, Any]]:
    """Every row of every journal, by event id."""
    return {
        row["event_id"]: row
        for service in suite.values()
        for journal in JOURNALS.values()
        async for row in every(service.ports.store, journal.name)
    }


async def inboxes_of(suite: Mapping[str, Service]) -> Inboxes:
    """Every row of every inbox, by service."""
    return {name: [row async for row in every(service.ports.store, INBOX.name)] for name, service in suite.items()}


def lacking(
    suite: Mapping[str, Service], published: Mapping[str, Mapping[str, Any]], inboxes: Inboxes
) -> dict[str, set[str]]:
    """The ids of what was published and is in no inbox of a service that listens to it, by service, if there are any.

    What is told anew as it stands, where it was lost, has to be there in its latest form alone.
    """
    anew = {event.TYPE for service in suite.values() for event in service.present}
    latest = {(row["type"], row["key"]): id for id, row in sorted(published.items(), key=lambda each: each[1]["_id"])}
    replaceable = {id for id, row in published.items() if row["type"] in anew} - set(latest.values())
    found = {}
    for name, service in suite.items():
        listens = {event.TYPE for event in service.subscriptions}
        told = {id for id, row in published.items() if row["type"] in listens}
        there = {row["_id"] for row in inboxes[name] if row["state"] != "skipped"}
        if missing := told - there - replaceable:
            found[name] = missing
    return found


async def _stays_at_rest(suite: Sequence[Running]) -> bool:
    before = await _ends(suite)
    return await _rests(suite) and await _rests(suite) and before == await _ends(suite)


async def _rests(suite: Iterable[Running]) -> bool:
    if not all([await running.is_published() for running in suite]):
        return False
    under_way = {"state": In(("pending", "retrying", "blocked"))}
    return not any([await running.service.ports.store.count(INBOX.name, under_way) for running in suite])


async def _ends(suite: Iterable[Running]) -> list[int]:
    """The newest position of each journal."""
    return [await journal.last() for running in suite for journal in running.journals.values()]
