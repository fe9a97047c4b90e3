"""What holds for the sqlite store alone: its plans, its files, its failures."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from contextlib import AsyncExitStack, closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ports import In, Range, StoreUnavailable
from services.chassis.store.query import Schema, steps
from services.chassis.store.sqlite import SqliteStore
from services.chassis.store.sqlite_query import select
from tests.contracts.ports.places import PEOPLE, StorePlace, child
from tests.descriptors import held


@pytest.fixture
def place(tmp_path: Path) -> StorePlace:
    return StorePlace("sqlite:", tmp_path)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def elsewhere(*command: str | Path) -> None:
    """Have another process do something."""
    await asyncio.to_thread(subprocess.run, command, check=True)


async def fill(place: StorePlace, number: int) -> None:
    async with AsyncExitStack() as stack:
        store = await place.open(stack, PEOPLE)
        await store.append(
            "people",
            [{"_id": n, "version": 1, "email": f"{n}", "state": f"{n % 3}", "rank": n} for n in range(number)],
        )


@pytest.mark.parametrize(
    ("where", "sort", "after"),
    [
        ({"_id": In((1, 2))}, [("_id", 1)], None),
        ({"_id": Range(gt=7)}, [("_id", 1)], None),
        ({}, [("_id", -1)], [7]),
        ({"email": "7"}, [("_id", 1)], None),
        ({"state": In(("1", "2"))}, [("state", 1), ("rank", 1)], None),
        ({"state": "1"}, [("rank", 1)], None),
        ({"state": "1"}, [("rank", -1)], None),
        ({"state": "1"}, [("rank", 1)], [7, 7]),
        ({"state": "1"}, [("rank", -1)], [7, 7]),
        ({"state": "1", "rank": Range(ge=3)}, [("rank", 1)], [7, 7]),
        ({"state": "1", "rank": Range(ge=3, lt=9)}, [("rank", -1)], [7, 7]),
        ({"name.family": "Roux"}, [("name.given", 1)], ["Zoë", 7]),
        ({}, [("name.family", 1), ("name.given", 1)], ["Roux", "Zoë", 7]),
    ],
    ids=repr,
)
async def test_questions_are_answered_from_an_index_in_its_order(
    place: StorePlace, where: Any, sort: Any, after: Any
) -> None:
    await fill(place, 10)
    schema = Schema()
    schema.declare([PEOPLE])
    query = schema.query("people", where, sort, 10, after)
    with closing(sqlite3.connect(place.data / "contracts.sqlite")) as connection:
        for step in steps(query):
            sql, values = select("people", query, step)
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, 10))]
            assert len(plan) == 1, plan
            assert "USING INDEX" in plan[0], plan
            assert where == {} or plan[0].startswith("SEARCH"), plan


async def test_every_commit_is_synchronised_and_files_are_private(place: StorePlace) -> None:
    async with AsyncExitStack() as stack:
        store = await place.open(stack, PEOPLE)
        assert isinstance(store, SqliteStore)
        for lane in (store._writer, store._readers):  # noqa: SLF001
            level, mode = await lane.run(
                lambda connection: (
                    connection.execute("PRAGMA synchronous").fetchone()[0],
                    connection.execute("PRAGMA journal_mode").fetchone()[0],
                )
            )
            assert (level, mode) == (2, "wal")
        await store.insert("people", {"_id": 1, "version": 1})
        assert modes(place.data) == {
            "contracts.sqlite": 0o600,
            "contracts.sqlite-wal": 0o600,
            "contracts.sqlite-shm": 0o600,
        }
        with pytest.raises(StoreUnavailable, match="READONLY"):
            await store._readers.run(lambda connection: connection.execute("DELETE FROM people"))  # noqa: SLF001


async def test_a_torn_log_loses_the_last_commits_at_most_and_halves_none(place: StorePlace) -> None:
    """A machine that dies may leave any prefix of what was not yet synchronised."""
    async with AsyncExitStack() as stack:
        store = await place.open(stack, PEOPLE)
        for n in range(30):
            await store.insert("people", {"_id": n, "version": 1, "email": f"{n}", "text": "x" * 3000})
        torn = place.data / "torn"
        log = (place.data / "contracts.sqlite-wal").read_bytes()
        before = 30
        for cut in range(len(log), 0, -len(log) // 40):
            shutil.rmtree(torn, ignore_errors=True)
            torn.mkdir()
            await elsewhere("cp", place.data / "contracts.sqlite", torn)  # not by who holds it: ADR 28
            (torn / "contracts.sqlite-wal").write_bytes(log[:cut])
            if b"CREATE TABLE" not in log[:cut]:
                continue
            async with AsyncExitStack() as inner:
                kept = await (await StorePlace("sqlite:", torn).open(inner, PEOPLE)).find("people", {})
                assert [document["_id"] for document in kept] == list(range(len(kept)))
                assert len(kept) <= before
                assert all(document["text"] == "x" * 3000 for document in kept)
                before = len(kept)
        assert before < 30


async def test_a_place_that_cannot_be_opened_is_unavailable_until_it_can(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    store = SqliteStore(tmp_path / "data" / "contracts.sqlite")
    with pytest.raises(StoreUnavailable, match=r"NotADirectoryError|FileExistsError"):
        await store.prepare([PEOPLE])
    with pytest.raises(StoreUnavailable):
        await store.ping()
    (tmp_path / "data").unlink()
    await store.prepare([PEOPLE])
    await store.insert("people", {"_id": 1, "version": 1})
    await store.close()


async def test_what_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "contracts.sqlite").write_bytes(b"not a database" * 1000)
    store = SqliteStore(tmp_path / "contracts.sqlite")
    with pytest.raises(StoreUnavailable, match="NOTADB"):
        await store.prepare([PEOPLE])
    await store.close()


async def test_a_full_disk_refuses_and_what_was_acknowledged_stays(place: StorePlace) -> None:
    """The child may write files of one megabyte, fills them up, is given room, and goes on with the same store."""
    async with child("fill_disk", place.data) as process:
        assert process.stdout is not None
        lines = [line.decode().split() async for line in process.stdout]
        assert await process.wait() == 0
    assert [line[0] for line in lines].count("full") == 1
    acknowledged = [int(line[1]) for line in lines if line[0] == "kept"]
    assert acknowledged[-1] > next(int(line[1]) for line in lines if line[0] == "full")
    async with AsyncExitStack() as stack:
        kept = await (await place.open(stack, PEOPLE)).find("people", {}, limit=1000)
        assert {document["_id"] for document in kept} >= set(acknowledged)
        assert all(document["text"] == "x" * 50_000 for document in kept)


async def test_another_process_that_holds_the_file_is_waited_for(place: StorePlace) -> None:
    async with AsyncExitStack() as stack:
        store = await place.open(stack, PEOPLE)
        with closing(sqlite3.connect(place.data / "contracts.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(store.insert("people", {"_id": 1, "version": 1}))
            assert await store.get("people", 1) is None  # readers wait for nobody
            assert not waiting.done()
            other.execute("COMMIT")
        await waiting
        assert await store.get("people", 1) == {"_id": 1, "version": 1}


async def test_the_holder_of_leases_keeps_its_name(place: StorePlace) -> None:
    names = set()
    for _ in range(2):
        async with AsyncExitStack() as stack:
            names.add((await place.open(stack, PEOPLE)).instance)
    assert len(names) == 1


async def _prepared(store: SqliteStore) -> None:
    while True:
        try:
            return await store.prepare([PEOPLE])
        except StoreUnavailable as error:
            if "BUSY" not in str(error):
                raise


async def test_threads_that_make_a_file_at_once_make_one_and_leave_nothing_else(tmp_path: Path) -> None:
    """Who is told that it is locked meanwhile tries again; of two that close at once neither may be the last one."""
    stores = [SqliteStore(tmp_path / "contracts.sqlite") for _ in range(8)]
    await asyncio.gather(*map(_prepared, stores))
    for number, store in enumerate(stores):
        await store.insert("people", {"_id": number, "version": 1})
    assert await stores[0].count("people", {}) == len(stores)
    for store in stores:
        await store.close()
    assert modes(tmp_path) == {"contracts.sqlite": 0o600}


async def test_another_process_that_comes_and_goes_leaves_the_log_to_who_writes_it(place: StorePlace) -> None:
    """Acceptance 101: it was the first of all users of the file to have its locks dropped who lost its log."""
    async with AsyncExitStack() as stack:
        store = await place.open(stack, PEOPLE)
        await store.insert("people", {"_id": 1, "version": 1})
        assert await store.count("people", {}) == 1  # by a connection of another thread
        for mode in ("ro", "rw"):
            look = f"import sqlite3; sqlite3.connect('file:{place.data}/contracts.sqlite?mode={mode}', uri=True)"
            count = f"{look}.execute('SELECT count(*) FROM people').fetchone()"
            await elsewhere(sys.executable, "-c", count)
            await store.insert("people", {"_id": mode, "version": 1})
            assert not [name for name in held() if str(place.data) in name and name.endswith("(deleted)")]


async def test_who_reads_only_writes_nothing_and_makes_nothing(place: StorePlace, tmp_path: Path) -> None:
    await fill(place, 3)
    reading = SqliteStore(place.data / "contracts.sqlite", read_only=True)
    reading.declare([PEOPLE])
    assert await reading.count("people", {}) == 3
    with pytest.raises(StoreUnavailable, match="READONLY"):
        await reading.insert("people", {"_id": 9, "version": 1})
    await reading.close()
    nowhere = SqliteStore(tmp_path / "nowhere" / "contracts.sqlite", read_only=True)
    nowhere.declare([PEOPLE])
    with pytest.raises(StoreUnavailable, match="CANTOPEN"):
        await nowhere.count("people", {})
    await nowhere.close()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "value", [date(2027, 1, 31), datetime(2027, 1, 31, tzinfo=UTC), b"x", {1}, Decimal(1), "\ud800"]
)
async def test_what_is_not_json_is_not_kept_as_something_else(place: StorePlace, value: object) -> None:
    """Stores of another kind would keep a date as a date: whoever read it back would find another thing here."""
    async with AsyncExitStack() as stack:
        store = await place.open(stack, PEOPLE)
        with pytest.raises(TypeError):
            await store.insert("people", {"_id": 1, "version": 1, "since": value})
        assert await store.get("people", 1) is None
