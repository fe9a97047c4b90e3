"""`parvis backup` beside a suite under load, and `parvis restore`: nothing acknowledged before the backup is missing."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from services import SERVICES
from services.accounts.domain.account import Person
from services.accounts.domain.requests import Request
from services.accounts.repository.accounts import ACCOUNTS
from services.accounts.repository.requests import REQUESTS, RequestRepository
from services.chassis import urls
from services.chassis.events.heard import HEARD
from services.chassis.events.inbox import INBOX
from services.chassis.events.journal import JOURNALS
from services.chassis.ports import Collection, Document, Range, StoreUnavailable, Where
from services.chassis.settings import Settings
from services.chassis.store.snapshot import snapshot
from services.chassis.store.sqlite import SqliteStore
from services.chassis.testing import Suite, run_suite
from services.cli.backup import copy_objects
from services.cli.copying import NOT_KEPT, Told, copy_stores, order_of
from services.cli.offline import opened
from services.cli.verify import lasting_violations
from tests.candidate import Candidate, Mailbox, still_come
from tests.service.operations.conftest import Parvis

COUNTERS = Collection("counters")


async def test_exports_are_in_no_backup(tmp_path: Path) -> None:
    """They are gone within a day and with whom they tell of, which no copy would be."""
    keys = ("exports/01/1", "pieces/01")
    source = urls.open_objects("file:", tmp_path / "data")
    for key in keys:
        async with source.stage(10) as stage:
            await stage.write(b"bytes")
            await stage.finish()
            await stage.commit(key, "text/csv")
    await copy_objects(source, urls.open_objects("file:", tmp_path / "copy"))
    copied = urls.open_objects("file:", tmp_path / "copy", read_only=True)
    assert [info.key for info in await copied.list()] == ["pieces/01"]
    await copied.close()


# --- the copy ---------------------------------------------------------------------------------------------------


async def counted(folder: Path, name: str) -> int:
    store = SqliteStore(folder / f"{name}.sqlite")
    await store.prepare([COUNTERS])
    row = await store.get("counters", "c")
    await store.close()
    return int(row["version"]) if row else 0


async def test_stores_are_copied_as_they_all_were_at_one_moment(tmp_path: Path) -> None:
    """One store is always written before the other, so that no moment shows the second ahead, or the first by two."""
    live = tmp_path / "live"
    stores: Mapping[str, SqliteStore] = {name: SqliteStore(live / f"{name}.sqlite") for name in ("one", "two")}
    for store in stores.values():
        await store.prepare([COUNTERS])
        await store.insert("counters", {"_id": "c", "version": 1})

    async def count() -> None:
        version = 1
        while True:
            for store in stores.values():
                assert await store.replace("counters", {"_id": "c", "version": version + 1}, version=version)
            version += 1

    counting = asyncio.create_task(count())
    seen = []
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        await asyncio.to_thread(snapshot, [live / "one.sqlite", live / "two.sqlite"], folder)
        one, two = await counted(folder, "one"), await counted(folder, "two")
        assert one - two in (0, 1)
        seen.append(one)
    counting.cancel()
    await asyncio.gather(counting, return_exceptions=True)
    for store in stores.values():
        await store.close()
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


async def test_stores_are_copied_through_their_ports_as_one_whole_under_load(tmp_path: Path) -> None:
    """Acceptance 111: as on a server, where nobody can stop the writers; nothing that the copy knows of is missing in it."""
    data, done = tmp_path / "var", [0]
    async with run_suite(data, services=SERVICES, clock=urls.open_clock("system:")) as suite:

        async def come() -> None:
            while True:
                person = Candidate(suite.client, suite.url, Mailbox(data / "mail"), insist=True)
                await person.goes_the_whole_way()
                done[0] += 1

        crowd = [asyncio.create_task(come()) for _ in range(3)]
        for number in range(2):
            while done[0] < 2 * number + 1:
                await asyncio.sleep(0.05)
                still_come(crowd)
            await copied(suite, tmp_path / str(number))
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    for number in range(2):
        copy = tmp_path / str(number)
        shutil.copytree(data / "objects" / "kept", copy / "objects" / "kept")  # the last have all that the first had
        async with run_suite(
            copy, services=SERVICES, clock=urls.open_clock("system:"), mail="smtp://127.0.0.1:1"
        ) as again:
            await again.settle()
            services = {name: again.service(name).service for name in SERVICES}
            assert await lasting_violations(services, SERVICES, 300) == []


async def test_a_document_that_comes_and_goes_between_two_steps_is_kept_for_who_holds_it_in_the_copy(
    tmp_path: Path,
) -> None:
    """Acceptance 102, 111: documents is copied, then somebody deposits, applications is, and he takes it out again."""
    data, copy = tmp_path / "var", tmp_path / "copy"
    async with run_suite(data, services=SERVICES, clock=urls.open_clock("system:")) as suite:
        person = Candidate(suite.client, suite.url, Mailbox(data / "mail"), insist=True)
        await person.becomes_known()
        await person.opens(await person.finds("energie solaire"))
        piece = person.pieces[0]["code"]
        steps = ["applications", "accounts"]

        async def meanwhile(service: str, number: int) -> None:
            if steps[:1] != [service]:
                return
            steps.pop(0)
            if service == "applications":
                await person.deposits(piece)
            else:
                await person.must("DELETE", f"{person.place}/pieces/{piece}", 200)
            await suite.settle()

        await copied(suite, copy, meanwhile)
        assert not steps
    shutil.copytree(data / "objects" / "kept", copy / "objects" / "kept")
    async with run_suite(copy, services=SERVICES, clock=urls.open_clock("system:"), mail="smtp://127.0.0.1:1") as again:
        await again.settle()
        services = {name: again.service(name).service for name in SERVICES}
        assert await lasting_violations(services, SERVICES, 300) == []
        (document,) = await services["documents"].ports.store.find("documents", {})
        assert document["attachments"]


async def nothing_is_told(service: str, number: int) -> None:
    """Nobody watches."""


async def copied(suite: Suite, folder: Path, told: Told = nothing_is_told) -> None:
    async with AsyncExitStack() as stack:
        copies = {name: SqliteStore(folder / f"{name}.sqlite") for name in SERVICES}
        for name, copy in copies.items():
            stack.push_async_callback(copy.close)
            await copy.prepare(suite.service(name).service.kept)
        live = {name: suite.service(name).service for name in SERVICES}
        await copy_stores(live, copies, told)


class Meanwhile(SqliteStore):
    """A store of which something is done the first time that a collection has been read."""

    def __init__(self, path: Path, collection: str, do: Callable[[], Awaitable[object]]) -> None:
        super().__init__(path)
        self._awaited = collection
        self._do: Callable[[], Awaitable[object]] | None = do

    async def find(self, collection: str, where: Where, **page: Any) -> list[Document]:
        found = await super().find(collection, where, **page)
        if collection == self._awaited and (do := self._do) is not None:
            self._do = None
            await do()
        return found


async def test_what_is_done_between_two_collections_is_in_the_copy_done_or_to_be_done(tmp_path: Path) -> None:
    """Acceptance 111: a registration was acknowledged before the backup, and the account is opened in its midst."""
    data, copy = tmp_path / "var", tmp_path / "copy"
    person = Person("Müller", "Zoé", "zoe@example.org", "fr")
    async with opened(Settings(data=data), ("accounts",)) as live, AsyncExitStack() as stack:
        accounts = live["accounts"]
        now = accounts.ports.clock.now()
        asked = Request("registration", person, now, "test", "2027-2028")
        requests = RequestRepository(accounts.ports.store)
        await requests.put("asked", asked)

        async def open_it() -> None:
            await accounts.ports.store.insert(ACCOUNTS.name, {"_id": "zoe", "version": 1, "outbox": []})
            await requests.done("asked")

        source = Meanwhile(data / "accounts.sqlite", ACCOUNTS.name, open_it)
        source.declare(accounts.kept)
        stack.push_async_callback(source.close)
        target = SqliteStore(copy / "accounts.sqlite")
        stack.push_async_callback(target.close)
        await target.prepare(accounts.kept)
        busy = replace(accounts, ports=replace(accounts.ports, store=source))
        await copy_stores({"accounts": busy}, {"accounts": target}, nothing_is_told)
        assert await target.count(ACCOUNTS.name, {}) + await target.count(REQUESTS.name, {"at": Range(gt="")}) >= 1


LISTENERS = tuple(name for name in SERVICES if name not in ("portal", "offers"))
"""Who hears more than what all forget within minutes."""
COPIED_BEFORE: Final = {
    # what is to be done is copied before what comes of it
    ("accounts", "requests"): ("accounts",),
    ("applications", "cards"): ("applications", "submissions"),
    ("documents", "begun"): ("documents",),
    # who names something is copied before what is named, which is written first
    ("accounts", "accounts"): ("links", "file_numbers", "sessions"),
    ("applications", "applications"): ("submissions", "keys"),
    ("documents", "documents"): ("keys",),
    # what was heard is copied before what came of it, and how far that is before what was heard
    **{
        (name, "inbox"): ("revoked", *own)
        for name, own in {
            "accounts": ("campaigns",),
            "applications": ("applications", "submissions", "cards", "programmes", "closed_campaigns"),
            "documents": ("documents", "gone"),
            "mailer": ("deliveries", "directory", "programmes"),
        }.items()
    },
    **{(name, "heard"): ("inbox",) for name in LISTENERS},
    **{(name, "cursors"): ("inbox",) for name in LISTENERS},
}
"""What must be copied before what, so that every point between two collections can be restored."""


async def test_every_collection_is_copied_before_what_depends_on_its_being_older(settings: Settings) -> None:
    """Acceptance 111."""
    async with opened(settings) as suite:
        for (name, first), others in COPIED_BEFORE.items():
            order = [collection.name for collection in order_of(suite[name])]
            forgotten = NOT_KEPT if name in LISTENERS else NOT_KEPT | {HEARD.name, INBOX.name}
            assert set(order) | {journal.name for journal in JOURNALS.values()} | forgotten == {
                collection.name for collection in suite[name].kept
            }
            for other in others:
                assert order.index(first) < order.index(other), (name, first, other)


async def test_a_copy_never_takes_the_place_of_another(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "one.sqlite")
    await store.prepare([COUNTERS])
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "one.sqlite").write_text("precious")
    with pytest.raises(StoreUnavailable):
        snapshot([tmp_path / "one.sqlite"], tmp_path / "copy")
    await store.close()
    assert (tmp_path / "copy" / "one.sqlite").read_text() == "precious"


# --- what is refused --------------------------------------------------------------------------------------------


def test_a_backup_holds_everything_and_nobody_else_can_read_it(parvis: Parvis, tmp_path: Path) -> None:
    copy, other = tmp_path / "backup", tmp_path / "other"
    made = parvis("backup", str(copy))
    assert made.returncode == 0, made.stderr
    assert copy.stat().st_mode & 0o777 == 0o700
    assert parvis("restore", str(copy), PARVIS_DATA=str(other)).returncode == 0
    assert other.stat().st_mode & 0o777 == 0o700
    assert (other / "accounts.sqlite").stat().st_mode & 0o777 == 0o600
    assert parvis("verify", "all", PARVIS_DATA=str(other)).returncode == 0
    again = parvis("restore", str(copy), PARVIS_DATA=str(other))
    assert again.returncode == 1
    assert "not empty" in again.stderr
    assert "not empty" in parvis("backup", str(copy)).stderr


def test_a_backup_that_is_torn_or_damaged_restores_nothing(parvis: Parvis, tmp_path: Path) -> None:
    copy, other = tmp_path / "backup", tmp_path / "other"
    assert parvis("backup", str(copy)).returncode == 0
    manifest = (copy / "manifest.json").read_text()
    stored = (copy / "offers.sqlite").read_bytes()
    for damage in ("torn", "a byte", "a file", "one more"):
        match damage:
            case "torn":
                (copy / "manifest.json").unlink()
            case "a byte":
                (copy / "offers.sqlite").write_bytes(stored[:-1] + bytes([stored[-1] ^ 1]))
            case "a file":
                (copy / "offers.sqlite").unlink()
            case "one more":
                (copy / "offers.sqlite").write_bytes(stored)
                (copy / "more").write_text("x")
        answer = parvis("restore", str(copy), PARVIS_DATA=str(other))
        assert answer.returncode == 1
        assert "backup" in answer.stderr or "damaged" in answer.stderr
        assert not other.exists()
        (copy / "manifest.json").write_text(manifest)
    assert set(json.loads(manifest)) == {"parvis", "made_at", "files"}


def test_a_drill_tells_what_a_backup_is_worth_and_leaves_nothing_behind(parvis: Parvis, tmp_path: Path) -> None:
    """Acceptance 111."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    assert parvis("backup", str(good)).returncode == 0
    played = parvis("drill", str(good), "--timeout", "0")
    assert (played.returncode, "no violations" in played.stdout) == (0, True), played.stdout + played.stderr
    data = Path(tmp_path / "var")
    objects = [path for path in (data / "objects" / "kept").rglob("*") if path.is_file()]
    next(path for path in objects if path.name != "identity+objects").write_bytes(b"not what was uploaded")
    assert parvis("backup", str(bad)).returncode == 0
    played = parvis("drill", str(bad), "--timeout", "0")
    assert (played.returncode, "its bytes are not those that were uploaded" in played.stdout) == (1, True)
    (good / "manifest.json").unlink()
    assert "not a whole backup" in parvis("drill", str(good)).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "good", "var"]


@pytest.mark.servers("mongodb", "s3")
def test_a_restore_never_mixes_with_what_is_there(
    request: pytest.FixtureRequest, parvis: Parvis, tmp_path: Path
) -> None:
    """Acceptance 111; a backup of one machine is restored to servers, once."""
    copy = tmp_path / "backup"
    assert parvis("backup", str(copy)).returncode == 0
    servers = {
        "PARVIS_STORE": request.getfixturevalue("mongodb").new_database(),
        "PARVIS_OBJECTS": request.getfixturevalue("s3").new_bucket(),
    }
    restored = parvis("restore", str(copy), **servers)
    assert restored.returncode == 0, restored.stderr
    verified = parvis("verify", "all", "--timeout", "0", **servers)
    assert (verified.returncode, verified.stdout) == (0, ""), verified.stderr
    again = parvis("restore", str(copy), **servers)
    assert (again.returncode, "the store of accounts is not empty" in again.stderr) == (1, True)
    back = tmp_path / "back"
    assert parvis("backup", str(back), **servers).returncode == 0
    assert parvis("drill", str(back), "--timeout", "0").returncode == 0


def test_what_is_no_suite_is_not_copied(parvis: Parvis, tmp_path: Path) -> None:
    empty = parvis("backup", str(tmp_path / "b"), PARVIS_DATA=str(tmp_path / "empty"))
    assert (empty.returncode, "no suite has run" in empty.stderr) == (1, True)
    assert not (tmp_path / "b").exists()
