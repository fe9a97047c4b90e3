"""Who is in which bundle is asked of an index, on every store; bundles of a release before, without it, come first."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from services.chassis.events.outbox import Outbox
from services.chassis.store.rows import PAGE
from services.documents.repository.bundles import BUNDLE_PEOPLE, BUNDLES, BundlePeople, BundleRepository
from tests.contracts.ports.places import StorePlace

NOW = datetime(2027, 2, 1, 11, tzinfo=UTC)


async def test_who_is_in_a_bundle_is_found_by_them_and_older_bundles_by_what_they_lack(store_place: StorePlace) -> None:
    """More of those than a page; what this release wrote is not looked at for anybody."""
    async with AsyncExitStack() as stack:
        store = await store_place.open(stack, BUNDLES, BUNDLE_PEOPLE)
        people, bundles = BundlePeople(store), BundleRepository(store, Outbox())
        older: list[dict[str, Any]] = [{"_id": f"old-{number:03d}", "version": 1} for number in range(PAGE + 20)]
        saved_since = {"_id": "saved-since", "version": 2, "people_noted": False}
        newer = [{"_id": f"a-new-{number}", "version": 1, "people_noted": True} for number in range(3)]
        rows = [*newer, *older, saved_since]
        assert await store.append(BUNDLES.name, rows) == len(rows)
        assert [row["_id"] async for row in bundles.unnoted()] == [row["_id"] for row in [*older, saved_since]]
        await people.note("one", ["ann", "bob"], NOW)
        await people.note("two", ["ann"], NOW + timedelta(seconds=1))
        assert [row["bundle"] async for row in people.of("ann")] == ["one", "two"]
        assert [row["bundle"] async for row in people.of("bob")] == ["one"]
        assert [row async for row in people.expired(NOW - timedelta(seconds=1))] == []
        over = [row async for row in people.expired(NOW)]
        assert [(row["bundle"], row["account"]) for row in over] == [("one", "ann"), ("one", "bob")]
        assert [await people.let_go(over[0]) for _ in range(2)] == [True, False]
        assert [row["bundle"] async for row in people.of("ann")] == ["two"]
