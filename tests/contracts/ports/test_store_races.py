"""What every store keeps true while many work on it at once: twenty workers, in two openings, as two processes are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.ports import Collection, Document, DuplicateKey, Index, Store
from tests.contracts.ports.places import PEOPLE, StorePlace

T = TypeVar("T")

WORKERS = 20


@pytest.fixture
async def stores(store_place: StorePlace) -> AsyncIterator[list[Store]]:
    """The same store, opened twice, dealt out to the workers in turn."""
    async with AsyncExitStack() as stack:
        pair = [await store_place.open(stack, PEOPLE) for _ in range(2)]
        yield [pair[worker % 2] for worker in range(WORKERS)]


async def race(*calls: Coroutine[Any, Any, T]) -> list[T | BaseException]:
    return await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize("field", ["_id", "email"])
async def test_of_twenty_inserts_of_one_key_one_wins(stores: list[Store], field: str) -> None:
    for turn in range(10):
        documents = [{"_id": f"{turn}-{n}", "version": 1, "who": n} | {field: f"{turn}"} for n in range(WORKERS)]
        outcomes = await race(*(store.insert("people", documents[n]) for n, store in enumerate(stores)))
        won = [n for n, outcome in enumerate(outcomes) if outcome is None]
        assert len(won) == 1
        assert all(isinstance(lost, DuplicateKey) and lost.index == field for lost in outcomes if lost is not None)
        kept = await stores[0].find("people", {field: f"{turn}"})
        assert kept == [documents[won[0]]]


async def test_of_twenty_changes_of_one_version_one_wins(stores: list[Store]) -> None:
    await stores[0].insert("people", {"_id": "p1", "version": 0})
    for version in range(20):
        outcomes = await race(
            *(
                store.replace("people", {"_id": "p1", "version": version + 1, "who": n}, version=version)
                for n, store in enumerate(stores)
            )
        )
        assert sorted(map(str, outcomes)) == ["False"] * (WORKERS - 1) + ["True"]
        assert await stores[0].get("people", "p1") == {
            "_id": "p1",
            "version": version + 1,
            "who": outcomes.index(True),
        }


async def test_no_count_is_lost_by_twenty_who_count(stores: list[Store]) -> None:
    await stores[0].insert("people", {"_id": "p1", "version": 0})

    async def add_ten(store: Store) -> None:
        added = 0
        while added < 10:
            document = await store.get("people", "p1")
            assert document is not None
            version = document["version"]
            added += await store.replace("people", {"_id": "p1", "version": version + 1}, version=version)

    await asyncio.gather(*(add_ten(store) for store in stores))
    assert await stores[0].get("people", "p1") == {"_id": "p1", "version": WORKERS * 10}


async def test_what_is_refreshed_meanwhile_takes_no_change_back(stores: list[Store]) -> None:
    """As a relay does that empties outboxes while people write: documents of old versions, many in one message."""
    ids = [f"p{number}" for number in range(4)]
    held: list[Document] = [{"_id": id, "version": 0, "outbox": []} for id in ids]
    for document in held:
        await stores[0].insert("people", document)

    async def write(store: Store, id: str) -> None:
        for version in range(60):
            document = {"_id": id, "version": version + 1, "outbox": [version]}
            assert await store.replace("people", document, version=version)
            held[ids.index(id)] = document
            assert (await store.get("people", id) or {})["version"] == version + 1

    async def refresh(store: Store) -> None:
        while not done.is_set():
            await store.refresh("people", [document | {"outbox": []} for document in held])

    done = asyncio.Event()
    refreshing = [asyncio.create_task(refresh(store)) for store in stores[:4]]
    await asyncio.gather(*(write(stores[at % 2], id) for at, id in enumerate(ids)))
    done.set()
    await asyncio.gather(*refreshing)
    assert [row["version"] for row in await stores[0].find("people", {})] == [60] * len(ids)


async def test_twenty_who_append_leave_no_gap_and_add_nothing_twice(stores: list[Store]) -> None:
    async def append_thirty(store: Store, who: int) -> None:
        left = [f"{who}-{number}" for number in range(30)]
        while left:
            newest = await store.find("people", {}, sort=[("_id", -1)], limit=1)
            last = newest[0]["_id"] if newest else 0
            rows = [{"_id": last + at, "version": 1, "email": name} for at, name in enumerate(left[:7], 1)]
            del left[: await store.append("people", rows)]

    await asyncio.gather(*(append_thirty(store, who) for who, store in enumerate(stores)))
    rows = await stores[0].find("people", {}, limit=1000)
    assert [row["_id"] for row in rows] == list(range(1, WORKERS * 30 + 1))
    for who in range(WORKERS):
        mine = [row["email"] for row in rows if row["email"].startswith(f"{who}-")]
        assert mine == [f"{who}-{number}" for number in range(30)]


async def test_readers_of_an_append_see_a_prefix(stores: list[Store]) -> None:
    appending = asyncio.create_task(
        stores[0].append("people", [{"_id": number, "version": 1} for number in range(1000)])
    )
    while not appending.done():
        seen = [row["_id"] for row in await stores[1].find("people", {}, limit=1000)]
        assert seen == list(range(len(seen)))
    assert await appending == 1000


async def test_of_twenty_deletes_one_finds_it(stores: list[Store]) -> None:
    await stores[0].insert("people", {"_id": "p1", "version": 3})
    outcomes = await race(*(store.delete("people", "p1", version=3) for store in stores))
    assert sorted(map(str, outcomes)) == ["False"] * (WORKERS - 1) + ["True"]


async def test_preparing_can_be_raced(store_place: StorePlace) -> None:
    fresh = Collection("raced", (Index("key", ("key",), unique=True), Index("by_state", ("state",))))
    async with AsyncExitStack() as stack:
        stores = [await store_place.open(stack) for _ in range(10)]
        await asyncio.gather(*(store.prepare([fresh]) for store in stores))
        outcomes = await race(
            *(store.insert("raced", {"_id": n, "version": 1, "key": 1}) for n, store in enumerate(stores))
        )
        assert outcomes.count(None) == 1


async def test_more_calls_than_may_wait_are_all_answered(stores: list[Store]) -> None:
    """Callers beyond the bound of the store's queue wait for room; none is turned away."""
    await asyncio.gather(*(stores[n % 2].insert("people", {"_id": n, "version": 1}) for n in range(1500)))
    documents = await asyncio.gather(*(stores[n % 2].get("people", n) for n in range(1500)))
    assert documents == [{"_id": n, "version": 1} for n in range(1500)]


async def test_a_caller_that_goes_away_takes_nobody_with_it(stores: list[Store]) -> None:
    calls = [asyncio.create_task(stores[0].insert("people", {"_id": n, "version": 1})) for n in range(100)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert outcomes[1::2] == [None] * 50
    kept = [row["_id"] for row in await stores[1].find("people", {}, limit=1000)]
    assert set(range(1, 100, 2)) <= set(kept)
    await stores[0].ping()


# --- pages ------------------------------------------------------------------------------------------------------

states = st.none() | st.sampled_from(["a", "b", "c"])
rows = st.lists(st.tuples(states, st.none() | st.integers(-2, 2)), max_size=25)
directions = st.sampled_from([1, -1])
sorted_by = st.sampled_from([("state",), ("state", "rank"), ("rank", "_id"), ("_id",)])
orders = st.builds(lambda fields, direction: tuple((field, direction) for field in fields), sorted_by, directions)


def in_order(documents: list[Any], sort: Any) -> list[Any]:
    """The sort said plainly: stable sorts from the last field to the first, null below all."""
    fields = list(sort)
    if "_id" not in dict(fields):
        fields.append(("_id", fields[-1][1]))
    for field, direction in reversed(fields):
        documents = sorted(
            documents,
            key=lambda document: (document[field] is not None, document[field] or type(document[field])()),
            reverse=direction == -1,
        )
    return documents


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=rows, sort=orders, limit=st.integers(1, 7), only=states)
async def test_pages_join_to_the_whole_in_order(
    store: Store, rows: list[tuple[Any, Any]], sort: Any, limit: int, only: str | None
) -> None:
    for old in await store.find("people", {}, limit=1000):
        await store.delete("people", old["_id"])
    documents = [{"_id": n, "version": 1, "state": state, "rank": rank} for n, (state, rank) in enumerate(rows)]
    await store.append("people", documents)
    where = {} if only is None else {"state": only}
    wanted = in_order([document for document in documents if only in {None, document["state"]}], sort)

    assert await store.find("people", where, sort=sort, limit=1000) == wanted
    keys = [field for field, _ in sort if field != "_id"] + ["_id"]
    seen: list[Any] = []
    while page := await store.find(
        "people", where, sort=sort, limit=limit, after=[seen[-1][key] for key in keys] if seen else None
    ):
        assert len(page) <= limit
        seen += page
    assert seen == wanted


@pytest.mark.parametrize("after", [[], ["a"], ["a", 1, "p1"], [["a"], "p1"], [{"$gt": ""}, "p1"]], ids=repr)
async def test_a_page_begins_behind_one_value_for_each_sort_field(store: Store, after: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        await store.find("people", {}, sort=[("state", 1)], after=after)


async def test_a_row_that_stays_is_seen_once_while_others_come_and_go(stores: list[Store]) -> None:
    staying = [{"_id": f"s{n:03}", "version": 1, "state": "a", "rank": n % 7} for n in range(200)]
    await stores[0].append("people", staying)
    stop = asyncio.Event()

    async def come_and_go(store: Store, who: int) -> None:
        number = 0
        while not stop.is_set():
            name = f"{'at'[number % 2]}{who}-{number}"
            await store.insert("people", {"_id": name, "version": 1, "state": "a", "rank": number % 7})
            await store.delete("people", name)
            number += 1

    crowd = [asyncio.create_task(come_and_go(store, who)) for who, store in enumerate(stores[:6])]
    try:
        for direction in (1, -1):
            seen: list[Any] = []
            while page := await stores[-1].find(
                "people",
                {"state": "a"},
                sort=[("rank", direction)],
                limit=9,
                after=[seen[-1]["rank"], seen[-1]["_id"]] if seen else None,
            ):
                seen += page
            stayed = [row for row in seen if row["_id"].startswith("s")]
            assert stayed == in_order(staying, [("rank", direction)])
    finally:
        stop.set()
        await asyncio.gather(*crowd)
