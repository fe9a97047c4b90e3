"""What every store keeps through `kill -9`: all that was acknowledged, nothing by halves."""

from __future__ import annotations

from contextlib import AsyncExitStack

from services.chassis.ports import Store
from tests.contracts.ports.places import PEOPLE, StorePlace, acknowledged, child


async def everything(store: Store) -> dict[str, int]:
    """Each document's version, after a look at every byte."""
    versions: dict[str, int] = {}
    after = None
    while page := await store.find("people", {}, limit=500, after=after):
        for document in page:
            name = document["_id"]
            assert document == {"_id": name, "version": document["version"], "email": name, "text": name * 500}
            versions[name] = document["version"]
        after = [page[-1]["_id"]]
    return versions


async def test_what_was_acknowledged_survives_the_kill(store_place: StorePlace) -> None:
    known: dict[str, int] = {}
    for _ in range(3):
        async with child("write_documents", store_place.url, store_place.data, store_place.service) as process:
            for line in await acknowledged(process, 200):
                name, version = line.split()
                known[name] = int(version)
        async with AsyncExitStack() as stack:
            store = await store_place.open(stack, PEOPLE)
            kept = await everything(store)
            assert {name: kept.get(name) for name, version in known.items() if kept.get(name, 0) < version} == {}
            # Each of its eight workers was at most one step ahead of what it could still say; what a child before it had
            # under way may have been done by a server since then.
            own = f"{process.pid}-"
            steps = [sum(each[name] for name in each if name.startswith(own)) for each in (kept, known)]
            assert steps[0] - steps[1] <= 8
            known = kept
            # The index and the documents are of one mind.
            for name in list(kept)[:50]:
                assert [found["_id"] for found in await store.find("people", {"email": name})] == [name]


async def rows_of_one_moment(store: Store) -> tuple[int, int]:
    """How many there are, and the newest: what the child had under way, a server may still be doing."""
    while True:
        kept = await store.count("people", {})
        newest = await store.find("people", {}, sort=[("_id", -1)], limit=1)
        if kept == await store.count("people", {}):
            return kept, newest[0]["_id"]


async def test_what_was_appended_is_a_prefix_after_the_kill(store_place: StorePlace) -> None:
    for _ in range(2):
        async with child("append_rows", store_place.url, store_place.data, store_place.service) as process:
            last = int((await acknowledged(process, 5))[-1])
        async with AsyncExitStack() as stack:
            store = await store_place.open(stack, PEOPLE)
            kept, newest = await rows_of_one_moment(store)
            assert newest == kept
            assert kept >= last
