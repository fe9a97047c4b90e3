"""What holds for the embedded object store alone: its folders, and what a crash leaves in them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from services.chassis.objects.file import FileObjects
from services.chassis.ports import ObjectsUnavailable
from tests.contracts.ports.places import ObjectsPlace, child


@pytest.fixture
def place(tmp_path: Path) -> ObjectsPlace:
    return ObjectsPlace("file:", tmp_path)


def incoming(place: ObjectsPlace) -> list[str]:
    return sorted(entry.name for entry in (place.data / "objects" / "incoming").iterdir())


async def test_a_stage_of_a_dead_process_is_swept_and_one_of_a_living_is_not(place: ObjectsPlace) -> None:
    """However young it is: a suite that is started again at once leaves nothing of the life before."""
    async with child("hold_stage", place.url, place.data) as living:
        async with child("hold_stage", place.url, place.data) as dead:
            assert living.stdout is not None
            assert dead.stdout is not None
            alive = Path((await living.stdout.readline()).decode().strip())
            left = Path((await dead.stdout.readline()).decode().strip())
            assert sorted(incoming(place)) == sorted([alive.name, left.name])
        async with AsyncExitStack() as stack:
            await place.open(stack)
            assert incoming(place) == [alive.name]


async def test_what_others_have_put_into_the_folders_is_no_object_and_stands_in_nobodys_way(
    place: ObjectsPlace,
) -> None:
    async with AsyncExitStack() as stack:
        objects = await place.open(stack)
        async with objects.stage(10) as stage:
            await stage.write(b"x")
            await stage.finish()
            await stage.commit("documents/d1", "application/pdf")
        kept = place.data / "objects" / "kept"
        (shard,) = kept.iterdir()
        for stray in (kept / ".DS_Store", kept / "documents+d2", shard / "documents+d2"):
            stray.write_text("stray")
        (shard / "folder").mkdir()
        (kept / "lost+found").mkdir()
        assert [info.key for info in await objects.list()] == ["documents/d1"]


async def test_a_fresh_stage_is_not_swept_by_another_process(place: ObjectsPlace) -> None:
    async with AsyncExitStack() as stack:
        objects = await place.open(stack)
        async with objects.stage(1_000_000) as stage:
            await stage.write(b"x" * 600_000)
            await place.open(stack)
            await stage.finish()
            await stage.commit("kept", "application/pdf")
        assert await objects.info("kept") is not None
        assert incoming(place) == []


async def test_files_are_private(place: ObjectsPlace) -> None:
    async with AsyncExitStack() as stack:
        objects = await place.open(stack)
        async with objects.stage(10) as stage:
            await stage.write(b"x")
            await stage.finish()
            await stage.commit("documents/secret", "application/pdf")
    paths = list((place.data / "objects").rglob("*"))
    assert [path.name for path in paths if path.is_file()] == ["documents+secret"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in paths)


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")
    with pytest.raises(ObjectsUnavailable):
        FileObjects(tmp_path / "objects")


async def test_a_full_disk_refuses_the_object_and_keeps_the_others(place: ObjectsPlace) -> None:
    async with child("fill_objects", place.data) as process:
        assert process.stdout is not None
        lines = [line.decode().strip() async for line in process.stdout]
        assert await process.wait() == 0
    assert lines == ["kept small", "full EFBIG", "kept large"]
    assert incoming(place) == []
    async with AsyncExitStack() as stack:
        objects = await place.open(stack)
        assert [(info.key, info.size) for info in await objects.list()] == [("large", 600_000), ("small", 100_000)]
