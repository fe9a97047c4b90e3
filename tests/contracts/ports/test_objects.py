"""What every object store does: bytes by key, whole or not at all, never overwritten."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.ports import ObjectExists, Objects, ObjectsUnavailable, TooLarge
from tests.contracts.ports.places import ObjectsPlace, acknowledged, child

PDF = "application/pdf"


async def put(objects: Objects, key: str, content: bytes) -> None:
    async with objects.stage(len(content)) as stage:
        await stage.write(content)
        await stage.finish()
        await stage.commit(key, PDF)


async def content(objects: Objects, key: str) -> bytes:
    return b"".join([chunk async for chunk in objects.read(key)])


async def keys(objects: Objects, prefix: str = "", *, after: str = "", limit: int = 1000) -> list[str]:
    return [info.key for info in await objects.list(prefix, after=after, limit=limit)]


async def missing(objects: Objects, key: str) -> bool:
    with pytest.raises(KeyError):
        await content(objects, key)
    return await objects.info(key) is None and key not in await keys(objects)


@pytest.mark.parametrize("size", [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3_000_000])
async def test_bytes_come_back_as_they_went_in(objects: Objects, size: int) -> None:
    wanted = bytes(index % 251 for index in range(size))
    before = datetime.now(UTC) - timedelta(seconds=2)  # a server may tell whole seconds only
    await put(objects, "documents/one", wanted)
    chunks = [chunk async for chunk in objects.read("documents/one")]
    assert b"".join(chunks) == wanted
    assert all(0 < len(chunk) <= 256 * 1024 for chunk in chunks)
    info = await objects.info("documents/one")
    assert info is not None
    assert (info.key, info.size) == ("documents/one", size)
    assert before <= info.modified <= datetime.now(UTC) + timedelta(seconds=2)
    assert await objects.list() == [info]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(chunks=st.lists(st.binary(max_size=300), max_size=6))
async def test_chunks_join_in_order(objects: Objects, chunks: list[bytes]) -> None:
    await objects.delete("chunks")
    async with objects.stage(2000) as stage:
        for chunk in chunks:
            await stage.write(chunk)
        await stage.finish()
        assert stage.size == len(b"".join(chunks))
        assert stage.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()
        assert stage.path.read_bytes() == b"".join(chunks)
        await stage.commit("chunks", PDF)
    assert await content(objects, "chunks") == b"".join(chunks)


@pytest.mark.parametrize("sizes", [(16_383, 16_384, 1), (600_000, 3, 524_288, 1), (1,) * 2000, (16_384,) * 40])
async def test_small_and_large_chunks_join_in_order(objects: Objects, sizes: tuple[int, ...]) -> None:
    chunks = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    async with objects.stage(sum(sizes)) as stage:
        for chunk in chunks:
            await stage.write(chunk)
        await stage.finish()
        assert stage.path.read_bytes() == b"".join(chunks)
        assert stage.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()


async def test_a_stage_takes_its_bound_and_not_one_byte_more(objects: Objects) -> None:
    async with objects.stage(10) as stage:
        await stage.write(b"12345")
        with pytest.raises(TooLarge):
            await stage.write(b"678901")
        await stage.write(b"67890")
        with pytest.raises(TooLarge):
            await stage.write(b"1")
        await stage.finish()
        await stage.commit("full", PDF)
    assert await content(objects, "full") == b"1234567890"


async def test_nothing_is_readable_before_the_commit(objects: Objects) -> None:
    async with objects.stage(1_000_000) as stage:
        await stage.write(b"x" * 600_000)
        assert await missing(objects, "early")
        await stage.finish()
        assert await missing(objects, "early")
        await stage.commit("early", PDF)
        assert await content(objects, "early") == b"x" * 600_000


async def test_what_is_not_committed_leaves_nothing(objects: Objects) -> None:
    async with objects.stage(1_000_000) as stage:
        await stage.write(b"x" * 600_000)
        await stage.finish()
        path = stage.path
        assert path.exists()
    assert not path.exists()

    async def fail() -> None:
        nonlocal path
        async with objects.stage(1_000_000) as stage:
            await stage.write(b"x" * 600_000)
            path = stage.path
            raise RuntimeError("the caller's")

    with pytest.raises(RuntimeError, match="the caller's"):
        await fail()
    assert not path.exists()
    assert await keys(objects) == []


async def test_a_caller_cancelled_at_any_moment_leaves_nothing(objects: Objects) -> None:
    stages: list[Path] = []

    async def upload(number: int) -> None:
        async with objects.stage(1_000_000) as stage:
            stages.append(stage.path)
            await stage.write(b"x" * 700_000)
            await stage.finish()
            await asyncio.sleep(60)
            await stage.commit(f"cancelled/{number}", PDF)

    uploads = [asyncio.create_task(upload(number)) for number in range(20)]
    for upload_task in uploads:
        await asyncio.sleep(0.001)
        upload_task.cancel()
    await asyncio.gather(*uploads, return_exceptions=True)
    await objects.ping()  # the threads have come to it after what they had to clean
    assert stages
    assert [path for path in stages if path.exists()] == []
    assert await keys(objects) == []


async def test_a_finished_stage_takes_no_more(objects: Objects) -> None:
    async with objects.stage(10) as stage:
        await stage.write(b"x")
        await stage.finish()
        with pytest.raises(ValueError, match="finished"):
            await stage.write(b"y")


async def test_objects_are_never_overwritten(objects: Objects) -> None:
    await put(objects, "taken", b"first")
    with pytest.raises(ObjectExists):
        await put(objects, "taken", b"second")
    assert await content(objects, "taken") == b"first"


async def test_of_twenty_commits_of_one_key_one_wins(objects_place: ObjectsPlace) -> None:
    async with AsyncExitStack() as stack:
        pair = [await objects_place.open(stack) for _ in range(2)]
        contents = [f"{who}".encode() * 1000 for who in range(20)]
        outcomes = await asyncio.gather(
            *(put(pair[who % 2], "race", contents[who]) for who in range(20)), return_exceptions=True
        )
        won = [who for who, outcome in enumerate(outcomes) if outcome is None]
        assert len(won) == 1
        assert all(isinstance(outcome, ObjectExists) for outcome in outcomes if outcome is not None)
        assert await content(pair[0], "race") == contents[won[0]]


async def test_deleted_is_gone_and_its_key_is_free(objects: Objects) -> None:
    await put(objects, "a/b", b"first")
    await put(objects, "a/c", b"beside")
    assert await objects.delete("a/b")
    assert await missing(objects, "a/b")
    assert not await objects.delete("a/b")
    assert await content(objects, "a/c") == b"beside"
    await put(objects, "a/b", b"second")
    assert await content(objects, "a/b") == b"second"


async def test_pages_list_each_object_once(objects: Objects) -> None:
    names = ["a-b", "a.b", "a/b", "a/c/d", "a0", "b/_x", "b/x", "c"]
    for name in reversed(names):
        await put(objects, name, name.encode())
    assert sorted(await keys(objects)) == names
    assert await keys(objects, "a/") == ["a/b", "a/c/d"]
    assert sorted(await keys(objects, "a")) == ["a-b", "a.b", "a/b", "a/c/d", "a0"]
    assert await keys(objects, "a/c") == ["a/c/d"]
    assert await keys(objects, "x") == []
    assert await keys(objects, "b/", after="b/_x") == ["b/x"]
    assert await keys(objects, "b/", after="b/x") == []
    for limit in range(1, 9):
        seen: list[str] = []
        while page := await keys(objects, after=seen[-1] if seen else "", limit=limit):
            assert len(page) <= limit
            seen += page
        assert sorted(seen) == names


async def test_a_folder_is_listed_in_order_of_key_and_in_pages(objects: Objects) -> None:
    names = ["f/-", "f/.0", "f/0", "f/00", "f/_", "f/a", "f/a-", "f/a.", "f/a0", "f/b"]
    for name in reversed(names):
        await put(objects, name, name.encode())
    assert await keys(objects, "f/") == names
    assert await keys(objects, "f/a") == ["f/a", "f/a-", "f/a.", "f/a0"]
    assert await keys(objects, "f/", after="f/0", limit=2) == ["f/00", "f/_"]
    assert await keys(objects, "f/", after="f/0z") == ["f/_", "f/a", "f/a-", "f/a.", "f/a0", "f/b"]
    assert await keys(objects, limit=1) == ["f/-"]
    for limit in (0, 1001):
        with pytest.raises(ValueError, match="1000"):
            await objects.list(limit=limit)


async def test_a_list_has_a_thousand_and_not_one_more(objects: Objects) -> None:
    gate = asyncio.Semaphore(16)

    async def put_one(number: int) -> None:
        async with gate:
            await put(objects, f"many/{number:04}", b"x")

    await asyncio.gather(*(put_one(number) for number in range(1001)))
    first = await keys(objects, "many/", limit=1000)
    assert first == [f"many/{number:04}" for number in range(1000)]
    assert await keys(objects, "many/", after=first[-1]) == ["many/1000"]


@pytest.mark.parametrize("key", ["a" * 200, "a/" * 99 + "aa", "0", "a_b-c.d", ".a", "..a", "a/...", "_/-"])
async def test_keys_at_the_limit(objects: Objects, key: str) -> None:
    await put(objects, key, b"x")
    assert await content(objects, key) == b"x"
    assert await keys(objects) == [key]


@pytest.mark.parametrize(
    "key",
    ["", "a" * 201, "A", "é", "a b", "a+b", "a\n", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "../a", "a\0"],
)
async def test_what_is_no_key_is_refused(objects: Objects, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        await objects.info(key)
    with pytest.raises(ValueError, match="key"):
        await objects.delete(key)
    with pytest.raises(ValueError, match="key"):
        await content(objects, key)
    with pytest.raises(ValueError, match="key"):
        await put(objects, key, b"x")
    assert await keys(objects) == []


@pytest.mark.parametrize("word", ["A", "a" * 201, "é", "a b", "\0"])
async def test_what_is_no_part_of_a_key_is_not_looked_for(objects: Objects, word: str) -> None:
    with pytest.raises(ValueError, match="key"):
        await objects.list(word)
    with pytest.raises(ValueError, match="key"):
        await objects.list(after=word)


async def test_a_reader_that_goes_away_harms_nothing(objects: Objects) -> None:
    await put(objects, "large", b"x" * 3_000_000)
    reading = objects.read("large")
    assert len(await anext(reading)) <= 256 * 1024
    await reading.aclose()  # type: ignore[attr-defined]
    assert len(await content(objects, "large")) == 3_000_000


async def test_sixty_four_at_once_are_all_kept(objects: Objects) -> None:
    contents = {f"at-once/{who:02}": f"{who}".encode() * 150_000 for who in range(64)}
    await asyncio.gather(*(put(objects, key, wanted) for key, wanted in contents.items()))
    assert {key: await content(objects, key) for key in contents} == contents


async def test_ping_answers_until_the_store_is_closed(objects: Objects) -> None:
    await put(objects, "a", b"x")
    await objects.ping()
    await objects.close()
    await objects.close()
    with pytest.raises(ObjectsUnavailable):
        await objects.ping()
    with pytest.raises(ObjectsUnavailable):
        await content(objects, "a")
    with pytest.raises(ObjectsUnavailable):
        await put(objects, "b", b"x")


async def test_what_was_acknowledged_survives_the_kill_and_nothing_is_there_by_halves(
    objects_place: ObjectsPlace,
) -> None:
    known: set[str] = set()
    for _ in range(3):
        async with child("store_objects", objects_place.url, objects_place.data) as process:
            known |= set(await acknowledged(process, 30))
        async with AsyncExitStack() as stack:
            objects = await objects_place.open(stack)
            kept = set(await keys(objects, "crash/"))
            assert known <= kept
            for key in kept:
                digest = hashlib.sha256(await content(objects, key)).hexdigest()
                assert key == f"crash/{digest}"
            known = kept
