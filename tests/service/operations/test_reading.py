"""Commands that read change nothing: neither where a suite has stopped, nor what it left when it was killed."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from pathlib import Path

import pytest

from services.chassis.settings import Settings
from services.cli.offline import opened, opened_to_read
from tests.service.operations.conftest import Parvis

READING = [
    ("verify", "all", "--timeout", "0"),
    ("inbox", "list"),
    ("inbox", "show", "e1", "--service", "mailer"),
    ("journal", "list"),
    ("mail", "list", "--state", "sent"),
    ("mail", "show", "e1"),
]


def content(folder: Path) -> dict[str, str]:
    """All files and folders but for sqlite's index of a log, which it may make anew at any time."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
        if not path.name.endswith("-shm")
    }


async def killed(settings: Settings) -> None:
    """Leave an event in a log, as a suite does that is killed."""
    image = settings.data.with_name("image")
    async with opened(settings, ["mailer"]) as suite:
        store = suite["mailer"].ports.store
        row = (await store.find("inbox", {}, limit=1))[0]
        await store.replace("inbox", row | {"state": "parked", "version": row["version"] + 1}, version=row["version"])
        await asyncio.to_thread(subprocess.run, ["cp", "-r", str(settings.data), str(image)], check=True)
    settings.data.rename(settings.data.with_name("stopped"))
    image.rename(settings.data)
    assert (settings.data / "mailer.sqlite-wal").stat().st_size > 0


@pytest.mark.parametrize("end", ["stopped", "killed"])
async def test_what_only_reads_changes_nothing(settings: Settings, parvis: Parvis, end: str) -> None:
    if end == "killed":
        await killed(settings)
    before = content(settings.data)
    for command in READING:
        parvis(*command)
        assert content(settings.data) == before, command
    parked = parvis("inbox", "list", "--state", "parked")
    assert len(parked.stdout.splitlines()) == (2 if end == "killed" else 1), parked.stderr


async def test_a_collection_of_a_newer_release_is_empty_until_a_suite_has_made_it(settings: Settings) -> None:
    (settings.data / "offers.sqlite").unlink()
    (settings.data / "offers.sqlite").touch()
    async with opened_to_read(settings, ["offers"]) as suite:
        store = suite["offers"].ports.store
        assert await store.find("programmes", {}) == []
        assert await store.get("programmes", "P1") is None
        assert await store.count("programmes", {}) == 0


async def test_readers_come_and_go_beside_each_other(settings: Settings) -> None:
    async with opened_to_read(settings, ["mailer"]) as one:
        async with opened_to_read(settings, ["mailer"]) as other:
            assert await other["mailer"].ports.store.count("deliveries", {}) == 5
        assert await one["mailer"].ports.store.count("deliveries", {}) == 5
    assert not list(settings.data.glob("*.sqlite-*"))
