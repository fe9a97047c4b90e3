"""Acceptance 105: stores that are missing, foreign, swapped or damaged are named at start, and nothing is begun on them."""

from __future__ import annotations

import asyncio
import math
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from services import SERVICES
from services.chassis.host.host import Host
from services.chassis.ids import RandomIds
from services.chassis.service.identity import WrongStores
from services.chassis.settings import Settings
from services.chassis.store.damage import damage
from services.chassis.store.manifest import NAME, read_manifest
from tests.service.operations.conftest import Parvis
from tests.service.operations.damage import damage_table, databases, forget_identities


async def starts(settings: Settings) -> None:
    async with Host(settings.model_copy(update={"port": 0, "ops_port": 0}), SERVICES) as host:
        assert host.serving


async def refused(settings: Settings) -> list[str]:
    """The names of the stores for which a start is refused, in order."""
    before = databases(settings.data)
    with pytest.raises(WrongStores) as wrong:
        await starts(settings)
    assert databases(settings.data) == before, "a refused start makes nothing"
    return sorted(line.split()[0] for line in wrong.value.lines)


@pytest.fixture(scope="session")
def another(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of another suite, which has started once; to be read."""
    data = tmp_path_factory.mktemp("another") / "var"
    asyncio.run(starts(Settings(data=data)))
    return data


# --- what starts ------------------------------------------------------------------------------------------------


async def test_a_new_suite_begins_and_starts_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "var")
    await starts(settings)
    manifest = read_manifest(settings.data)
    assert manifest is not None
    assert (set(manifest.services), len(manifest.suite)) == (set(SERVICES), 26)
    await starts(settings)
    assert read_manifest(settings.data) == manifest


async def test_data_of_the_first_release_are_taken_as_they_are(settings: Settings) -> None:
    """It gave its stores no identity."""
    forget_identities(settings.data)
    await starts(settings)
    (settings.data / "applications.sqlite").unlink()
    assert await refused(settings) == ["applications.sqlite"]


async def test_a_manifest_that_is_lost_is_made_again_from_the_stores(settings: Settings) -> None:
    manifest = read_manifest(settings.data)
    (settings.data / NAME).unlink()
    await starts(settings)
    assert read_manifest(settings.data) == manifest
    (settings.data / NAME).write_text('{"suite": ')
    await starts(settings)
    assert read_manifest(settings.data) == manifest


# --- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
async def test_a_store_that_is_missing_is_named(settings: Settings, service: str) -> None:
    (settings.data / f"{service}.sqlite").unlink()
    assert await refused(settings) == [f"{service}.sqlite"]


async def test_a_store_of_the_first_release_that_others_have_heard_is_missed(settings: Settings) -> None:
    forget_identities(settings.data)
    (settings.data / "applications.sqlite").unlink()
    assert await refused(settings) == ["applications.sqlite"]


def empty(path: Path, other: Path) -> None:
    path.write_bytes(b"")


def of_another_suite(path: Path, other: Path) -> None:
    shutil.copyfile(other / path.name, path)


def of_no_suite(path: Path, other: Path) -> None:
    forget_identities(path.parent, path.stem)


def no_database(path: Path, other: Path) -> None:
    path.write_bytes(b"what is this? " * 1000)


def torn(path: Path, other: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def a_table_is_zeroed(path: Path, other: Path) -> None:
    damage_table(path, "journal")


def the_leases_are_zeroed(path: Path, other: Path) -> None:
    damage_table(path, "leases")


WRONGS = [empty, of_another_suite, of_no_suite, no_database, torn, a_table_is_zeroed, the_leases_are_zeroed]


@pytest.mark.parametrize("wrong", WRONGS)
async def test_a_store_that_is_not_the_right_one_is_named(
    settings: Settings, another: Path, wrong: Callable[[Path, Path], None]
) -> None:
    wrong(settings.data / "accounts.sqlite", another)
    assert await refused(settings) == ["accounts.sqlite"]


async def test_stores_that_are_swapped_are_both_named(settings: Settings) -> None:
    accounts, offers = settings.data / "accounts.sqlite", settings.data / "offers.sqlite"
    accounts.rename(settings.data / "x")
    offers.rename(accounts)
    (settings.data / "x").rename(offers)
    assert await refused(settings) == ["accounts.sqlite", "offers.sqlite"]


def test_the_command_says_what_is_wrong_and_what_helps(parvis: Parvis, settings: Settings) -> None:
    (settings.data / "applications.sqlite").unlink()
    answer = parvis("up", PARVIS_PORT="0", PARVIS_OPS_PORT="0")
    assert answer.returncode == 78
    assert "applications.sqlite is not there" in answer.stderr
    assert "backup" in answer.stderr
    assert not (settings.data / "applications.sqlite").exists()


# --- on a server ------------------------------------------------------------------------------------------------


@pytest.mark.servers("mongodb")
async def test_stores_on_a_server_are_told_apart_by_the_name_of_their_suite(
    request: pytest.FixtureRequest, tmp_path: Path, parvis: Parvis
) -> None:
    store = request.getfixturevalue("mongodb").new_database()
    settings = Settings(data=tmp_path / "var", store=store, port=0, ops_port=0)
    named = settings.model_copy(update={"suite": RandomIds().new()})
    with pytest.raises(WrongStores, match="the store of mailer is empty"):
        await started(named)
    await started(settings)
    begun = parvis("suite", "begin", PARVIS_STORE=store)
    assert begun.returncode == 0, begun.stderr
    suite = begun.stdout.removeprefix("PARVIS_SUITE=").strip()
    await started(settings.model_copy(update={"suite": suite}))
    with pytest.raises(WrongStores, match="the store of mailer belongs to another suite"):
        await started(named)
    assert parvis("suite", "begin", PARVIS_STORE=store).stdout == begun.stdout


async def started(settings: Settings) -> None:
    async with Host(settings, ["mailer"]):
        pass


# --- the check itself -------------------------------------------------------------------------------------------


def test_a_check_ends_when_its_time_is_over(settings: Settings) -> None:
    path = settings.data / "offers.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        assert [damage(connection, 0) for _ in range(20)] == [[]] * 20
        assert damage(connection, math.inf) == []


# --- objects ----------------------------------------------------------------------------------------------------


def kept(settings: Settings) -> Path:
    return settings.data / "objects" / "kept"


def name_of(settings: Settings) -> Path:
    (path,) = kept(settings).glob("*/identity+objects")
    return path


async def objects_refused(settings: Settings) -> str:
    with pytest.raises(WrongStores) as wrong:
        await starts(settings)
    (line,) = wrong.value.lines
    return line


async def test_an_object_store_that_is_empty_is_no_good_start(settings: Settings, parvis: Parvis) -> None:
    """A folder that was not mounted, or a new bucket."""
    await starts(settings)
    shutil.move(kept(settings), settings.data / "away")
    assert await objects_refused(settings) == "the object store is empty, or another than it was"
    verified = parvis("verify", "all", "--timeout", "0")
    assert "the object store is empty, or another than it was" in verified.stdout.splitlines()
    shutil.rmtree(kept(settings), ignore_errors=True)
    shutil.move(settings.data / "away", kept(settings))
    await starts(settings)


async def test_an_object_store_of_another_suite_is_refused(settings: Settings, tmp_path: Path, another: Path) -> None:
    other = Settings(data=tmp_path / "another")
    shutil.copytree(another, other.data)
    await starts(settings)
    away = kept(settings).rename(settings.data / "away")
    shutil.copytree(kept(other), kept(settings))
    assert await objects_refused(settings) == "the object store belongs to another suite"
    shutil.rmtree(kept(settings))
    away.rename(kept(settings))
    shutil.rmtree(kept(other))
    shutil.copytree(kept(settings), kept(other))
    assert await objects_refused(other) == "the object store belongs to another suite"


def unnamed(settings: Settings) -> None:
    """As 0.1.0 left it."""
    name_of(settings).unlink()
    with closing(sqlite3.connect(settings.data / "documents.sqlite")) as store, store:
        store.execute("DELETE FROM identity WHERE id = 'objects'")


async def test_objects_of_the_first_release_are_taken_as_they_are_if_they_are_there(settings: Settings) -> None:
    await starts(settings)
    unnamed(settings)
    await starts(settings)
    assert name_of(settings).stat().st_size == 26
    unnamed(settings)
    away = kept(settings).rename(settings.data / "away")
    assert await objects_refused(settings) == "the object store has none of the objects that it should have"
    shutil.rmtree(kept(settings))
    away.rename(kept(settings))
    await starts(settings)


async def test_a_first_start_that_was_cut_short_is_begun_again(settings: Settings) -> None:
    """Power failed behind the row and before the object, or behind both."""
    await starts(settings)
    for object_is_there in (True, False):
        with closing(sqlite3.connect(settings.data / "documents.sqlite")) as store, store:
            store.execute(
                "UPDATE identity SET doc = json_set(doc, '$.settled', json('false'), '$.version', 1) WHERE id = 'objects'"
            )
        if not object_is_there:
            name_of(settings).unlink()
        await starts(settings)
        assert name_of(settings).stat().st_size == 26


async def test_a_backup_of_before_is_restored_on_objects_that_have_got_a_name(settings: Settings) -> None:
    """The keys of the documents are chance of 160 bits: where they are, these are the objects."""
    await starts(settings)
    with closing(sqlite3.connect(settings.data / "documents.sqlite")) as store, store:
        store.execute("DELETE FROM identity WHERE id = 'objects'")
    await starts(settings)
