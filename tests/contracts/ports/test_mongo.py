"""What holds for the MongoDB protocol alone: its words for a duplicate, its indexes, and the wire between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import monitoring
from pymongo.errors import DuplicateKeyError

from services.chassis.keyed_lock import KeyedLock
from services.chassis.ports import MAX_FIND, DuplicateKey, In, Range, StoreUnavailable
from services.chassis.store.mongo import MongoStore, index_of
from services.chassis.store.query import MAX_APPEND, Step
from tests.contracts.ports.places import PEOPLE
from tests.servers.mongodb import MongoDB
from tests.servers.proxy import Proxy


@pytest.fixture
async def proxy(mongodb: MongoDB) -> AsyncIterator[Proxy]:
    async with Proxy.before(mongodb.url) as proxy:
        yield proxy


@pytest.fixture
async def store(mongodb: MongoDB, proxy: Proxy) -> AsyncIterator[MongoStore]:
    """A store behind the proxy, of little timeout."""
    store = MongoStore(proxy.through(mongodb.new_database()), "contracts", timeout=5)
    try:
        await store.prepare([PEOPLE])
        yield store
    finally:
        await store.close()


async def test_a_silent_wire_is_unavailable_and_then_works_again(store: MongoStore, proxy: Proxy) -> None:
    await store.insert("people", {"_id": "before", "version": 1})
    proxy.blackhole()
    ends = await asyncio.gather(store.get("people", "before"), store.ping(), return_exceptions=True)
    assert [type(end) for end in ends] == [StoreUnavailable] * 2, ends
    proxy.restore()
    proxy.drop()
    await until_it_answers(store)
    assert await store.get("people", "before") == {"_id": "before", "version": 1}


class Commands(monitoring.CommandListener):
    """What is said to the server by clients made while it listens."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


async def test_the_largest_page_comes_in_one_answer(mongodb: MongoDB) -> None:
    commands = Commands()
    monitoring.register(commands)
    store = MongoStore(mongodb.new_database(), "contracts")
    await store.prepare([PEOPLE])
    for start in range(0, MAX_FIND + MAX_APPEND, MAX_APPEND):
        people = [{"_id": f"p{number:04}", "version": 1} for number in range(start, start + MAX_APPEND)]
        await store.append("people", people)
    commands.names.clear()
    assert len(await store.find("people", {}, limit=MAX_FIND)) == MAX_FIND
    assert len(await asyncio.gather(*(store.get("people", f"p{number:04}") for number in range(200)))) == 200
    assert {*commands.names} == {"find"}
    await store.close()


async def test_an_answer_that_was_lost_leaves_the_write_unknown_and_a_second_one_finds_it(
    store: MongoStore, proxy: Proxy
) -> None:
    proxy.lose_answers()
    with pytest.raises(StoreUnavailable):
        await store.insert("people", {"_id": "p1", "version": 1, "email": "a@parvis.test"})
    proxy.restore()
    proxy.drop()
    await until_it_answers(store)
    with pytest.raises(DuplicateKey):
        await store.insert("people", {"_id": "p1", "version": 1, "email": "a@parvis.test"})


async def test_connections_reset_again_and_again_lose_nothing_that_was_acknowledged(
    store: MongoStore, proxy: Proxy
) -> None:
    known: set[int] = set()

    async def write(worker: int) -> None:
        for number in range(worker * 1000, worker * 1000 + 100):
            try:
                await store.insert("people", {"_id": number, "version": 1})
            except StoreUnavailable:
                continue
            known.add(number)

    writing = [asyncio.create_task(write(worker)) for worker in range(8)]
    for _ in range(5):
        seen = len(known)
        while len(known) < seen + 20 and not all(task.done() for task in writing):
            await asyncio.sleep(0.01)
        proxy.drop()
    await asyncio.gather(*writing)
    await until_it_answers(store)
    kept = {document["_id"] for document in await store.find("people", {}, limit=1000)}
    assert len(known) > 100
    assert known <= kept


async def until_it_answers(store: MongoStore) -> None:
    for _ in range(30):
        try:
            await store.ping()
        except StoreUnavailable:
            continue
        return
    raise AssertionError("the store did not come back")


@pytest.mark.parametrize(
    ("text", "index"),
    [
        (
            (
                "E11000 duplicate key error collection: parvis_accounts.people index: one_per_programme dup key:"
                ' { account: "a", programme: "index: email dup" }'
            ),
            "one_per_programme",
        ),
        ("E11000 duplicate key error collection: parvis_accounts.people index: _id_ dup key: { _id: 1 }", "_id"),
        ("Duplicate key violation on the requested collection: Index 'one_per_programme'", "one_per_programme"),
        ("Duplicate key violation on the requested collection: Index '_id_'", "_id"),
    ],
)
def test_both_servers_words_for_a_duplicate_are_understood(text: str, index: str) -> None:
    assert index_of(DuplicateKeyError(text, 11000, {"code": 11000, "errmsg": text})) == index


def test_words_that_are_not_understood_are_not_taken_for_a_duplicate() -> None:
    with pytest.raises(StoreUnavailable):
        index_of(DuplicateKeyError("something else", 11000, {"errmsg": "something else"}))


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"email": "p200"}, "email"),
        ({"email": In(("p200", "p300"))}, "email"),
        ({"email": Range(ge="p200", lt="p201")}, "email"),
        ({"account": "a200", "programme": "x"}, "one_per_programme"),
        ({"account": "a200"}, "one_per_programme_search"),
        ({"state": "s200"}, "by_state"),
        ({"name.family": "n200"}, "by_name"),
    ],
    ids=repr,
)
async def test_questions_are_answered_from_an_index(mongodb: MongoDB, where: Any, index: str) -> None:
    url = mongodb.new_database()
    store = MongoStore(url, "contracts")
    await store.prepare([PEOPLE])
    for start in (0, 1000):
        await store.append(
            "people",
            [
                {
                    "_id": n,
                    "version": 1,
                    "email": f"p{n}",
                    "account": f"a{n}",
                    "programme": "x",
                    "state": f"s{n}",
                    "name": {"family": f"n{n}"},
                }
                for n in range(start, start + 1000)
            ],
        )
    asked = store.filter("people", where, Step((), None, ()))
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(url, io_loop=asyncio.get_running_loop())
    database = client[f"{url.rsplit('/', 1)[1]}_contracts"]
    plan = json.dumps(await database.command({"explain": {"find": "people", "filter": asked}}), default=str)
    client.close()
    await store.close()
    assert f'"indexName": "{index}' in plan


async def test_turns_are_taken_by_key_and_leave_nothing_behind() -> None:
    turns, inside, met = KeyedLock(), set[str](), set[frozenset[str]]()

    async def work(who: int, *keys: str) -> None:
        async with turns.of(keys):
            name = f"{who}:{','.join(keys)}"
            inside.add(name)
            met.add(frozenset(inside))
            await asyncio.sleep(0)
            inside.discard(name)

    await asyncio.gather(*(work(who, *keys) for who in range(5) for keys in (("a", "b"), ("b", "a"), ("c",), ())))
    for together in met:
        held = [key for name in together for key in name.partition(":")[2].split(",") if key]
        assert len(held) == len(set(held))
    assert vars(turns) == vars(KeyedLock())


async def test_who_only_reads_makes_neither_collection_nor_index(mongodb: MongoDB) -> None:
    url = mongodb.new_database()
    store = MongoStore(url, "contracts")
    store.declare([PEOPLE])
    assert await store.find("people", {"email": "zoe"}) == []
    assert await store.count("people", {}) == 0
    await store.close()
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(url)
    assert await client[f"{url.rpartition('/')[2]}_contracts"].list_collection_names() == []
    client.close()
