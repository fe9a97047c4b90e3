"""Commands that write, beside an embedded suite and without: who carries them out, and what is refused (acceptance 101)."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from services.chassis.settings import Settings
from services.chassis.store.ownership import owned
from services.chassis.testing import Suite, run_suite
from services.cli.control import MAX_AT_ONCE, MAX_FILES, MAX_ORDER, ControlSocket
from services.cli.offline import opened
from tests.service.offers.conftest import table
from tests.service.operations.conftest import Parvis, mails_are_sent
from tests.service.operations.test_inspect import change, parked


@pytest.fixture
async def suite(settings: Settings) -> AsyncIterator[Suite]:
    """A suite that takes orders, as `parvis up` does; the mailer has an event that is parked, and a mail of unknown fate."""
    await parked(settings)
    await change(settings, "mailer", "deliveries", {"kind": "application-submitted"}, state="unknown", reason="unknown")
    async with (
        owned(settings.data),
        run_suite(settings.data, services=("offers", "mailer")) as suite,
        ControlSocket(settings.data, services_of(suite)).opened(),
    ):
        yield suite


def services_of(suite: Suite) -> Any:
    return {name: running.service for name, running in suite.host.running.items()}


async def typed(parvis: Parvis, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(parvis, *arguments, **environment)


async def order(settings: Settings, *sent: bytes) -> list[Any]:
    """What a suite says to bytes at its socket."""
    reader, writer = await asyncio.open_unix_connection(settings.data / "control")
    try:
        for part in sent:
            writer.write(part)
        writer.write_eof()
        return [json.loads(line) async for line in reader]
    finally:
        writer.close()
        await writer.wait_closed()


def order_text(command: str, files: dict[str, int] | None = None, **arguments: Any) -> bytes:
    return json.dumps({"command": command, "arguments": arguments, "files": files or {}}).encode() + b"\n"


# --- what is carried out ----------------------------------------------------------------------------------------


async def test_an_event_and_a_mail_are_set_free_by_the_suite_that_runs(
    suite: Suite, settings: Settings, parvis: Parvis
) -> None:
    store = suite.service("mailer").service.ports.store
    (event,) = await store.find("inbox", {"state": "parked"}, sort=(("received", 1),))
    (mail,) = await store.find("deliveries", {"state": "unknown"}, sort=(("created_at", 1),))
    freed = await typed(parvis, "inbox", "retry", event["_id"], "--service", "mailer")
    assert (freed.returncode, freed.stdout) == (0, f"{event['_id']}: done\n"), freed.stderr
    queued = await typed(parvis, "mail", "retry", mail["_id"])
    assert (queued.returncode, queued.stdout) == (0, f"{mail['_id']}: queued again\n"), queued.stderr
    await mails_are_sent(suite, 5)
    row = await store.get("inbox", event["_id"])
    assert row is not None
    assert row["state"] == "done"


async def test_a_file_is_imported_by_the_suite_that_runs(suite: Suite, parvis: Parvis, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{"mention": "1111111A"}, {"mention": "2222222B", "year": "soon"}]))
    tried = await typed(parvis, "import", "mon-master", str(file), "--dry-run", "--opens", "2027-02-01")
    assert tried.stdout == ("would be created 1, updated 0, unchanged 0, superseded by a newer year 0, rejected 1\n"), (
        tried.stderr
    )
    assert "line 3: " in tried.stderr
    for created in (1, 0):
        done = await typed(parvis, "import", "mon-master", str(file))
        assert done.stdout.startswith(f"created {created}, updated 0, unchanged {1 - created}, "), done.stderr


async def test_a_path_that_is_too_long_for_a_socket_is_long_enough_for_a_suite(
    settings: Settings, parvis: Parvis, tmp_path: Path
) -> None:
    data = tmp_path / ("x" * 100) / "var"
    data.parent.mkdir()
    settings.data.rename(data)
    async with owned(data), ControlSocket(data, {}).opened():
        done = await typed(parvis, "mail", "retry", "e1", PARVIS_DATA=str(data))
        assert "KeyError" in done.stderr  # a suite of no services was asked


# --- who holds the stores ---------------------------------------------------------------------------------------


async def test_a_suite_that_takes_no_orders_must_be_stopped_first(settings: Settings, parvis: Parvis) -> None:
    async with owned(settings.data, shared=True):
        refused = await typed(parvis, "mail", "retry", "e1")
        assert (refused.returncode, "stop it first" in refused.stderr) == (1, True)
    assert (await typed(parvis, "mail", "retry", "e1")).stdout == "e1: there is none such\n"


def test_nothing_is_written_where_no_suite_has_run(parvis: Parvis, tmp_path: Path) -> None:
    """A wrong folder is told, and not begun but by what may come before the first start."""
    elsewhere = tmp_path / "elsewhere"
    for words, missing in ((("mail", "flush"), "mailer"), (("campaign", "close", "2027"), "offers")):
        typed_there = parvis(*words, PARVIS_DATA=str(elsewhere))
        said = typed_there.returncode, typed_there.stdout, f"{missing}.sqlite missing" in typed_there.stderr
        assert said == (1, "", True), typed_there.stderr
        assert not elsewhere.exists()


async def test_a_second_suite_on_the_same_stores_is_refused_whatever_its_data(
    settings: Settings, parvis: Parvis, tmp_path: Path
) -> None:
    other = {"PARVIS_DATA": str(tmp_path / "other"), "PARVIS_PORT": "0", "PARVIS_OPS_PORT": "0"}
    (tmp_path / "link").symlink_to(settings.data)
    async with owned(settings.data):
        for folder in (settings.data, tmp_path / "link"):
            refused = await typed(parvis, "up", PARVIS_STORE=f"sqlite:{folder}", **other)
            assert refused.returncode == 78
            assert f"PARVIS_STORE: another suite runs on {folder}" in refused.stderr


async def test_a_command_that_writes_is_waited_for_at_a_start(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        async with opened(settings, ["mailer"]) as suite:
            starting = asyncio.create_task(stack.enter_async_context(owned(settings.data)))
            for _ in range(3):
                assert await suite["mailer"].ports.store.count("deliveries", {}) > 0
                assert not starting.done()
        await starting


async def test_nothing_is_restored_into_the_folder_of_a_suite(
    settings: Settings, parvis: Parvis, tmp_path: Path
) -> None:
    assert (await typed(parvis, "backup", str(tmp_path / "backup"))).returncode == 0
    fresh = tmp_path / "fresh"
    async with owned(fresh):
        refused = await typed(parvis, "restore", str(tmp_path / "backup"), PARVIS_DATA=str(fresh))
        assert (refused.returncode, "a suite runs on" in refused.stderr) == (1, True)
        assert [entry.name for entry in fresh.iterdir()] == ["lock"]
    assert (await typed(parvis, "restore", str(tmp_path / "backup"), PARVIS_DATA=str(fresh))).returncode == 0


# --- what is refused --------------------------------------------------------------------------------------------


async def test_the_socket_is_private_and_goes_with_the_suite(settings: Settings) -> None:
    async with owned(settings.data):
        (settings.data / "control").write_text("what a killed suite leaves")
        async with ControlSocket(settings.data, {}).opened():
            assert (settings.data / "control").stat().st_mode & 0o777 == 0o600
        assert not (settings.data / "control").exists()


NO_ORDERS = [
    b"",
    b"\n",
    b"{}\n",
    b"no order\n",
    order_text("inspection.mail_show", id="e1"),
    order_text("inspection.no_such_thing"),
    order_text("os.system", ids=["true"]),
    order_text("../control.writes"),
    order_text("inspection.mail_retry"),
    order_text("inspection.mail_retry", ids=7),
    order_text("inspection.mail_retry", {"ids": 3}),
    order_text("imports.mon_master", {}, opens_on=None, closes_on=None, dry_run=True, file="/etc/hostname"),
    order_text("imports.mon_master", {"file": -1}, opens_on=None, closes_on=None, dry_run=True),
    order_text("imports.mon_master", {"file": 9}, opens_on=None, closes_on=None, dry_run=True),
    order_text("imports.mon_master", {"file": MAX_FILES + 1}, opens_on=None, closes_on=None, dry_run=True),
]


async def test_what_is_no_order_is_refused_and_the_next_one_is_carried_out(suite: Suite, settings: Settings) -> None:
    for sent in NO_ORDERS:
        *said, last = await order(settings, sent)
        assert last == {"code": 1}
        assert [line["error"] for line in said] == [True]
        good = order_text("inspection.mail_retry", ids=["e1"])
        assert {"line": "e1: there is none such", "error": False} in await order(settings, good)


async def test_an_order_may_be_so_long_and_no_longer(suite: Suite, settings: Settings, parvis: Parvis) -> None:
    empty = len(order_text("inspection.mail_retry", ids=[""]))
    longest = order_text("inspection.mail_retry", ids=["x" * (MAX_ORDER + 1 - empty)])
    assert (await order(settings, longest))[-2]["line"].endswith("there is none such")
    longer = order_text("inspection.mail_retry", ids=["x" * (MAX_ORDER + 2 - empty)])
    assert "does not understand" in (await order(settings, longer))[0]["line"]
    refused = await typed(parvis, "mail", "retry", "x" * MAX_ORDER)
    assert (refused.returncode, "give fewer" in refused.stderr) == (1, True)


async def test_files_may_be_so_large_and_no_larger(suite: Suite, parvis: Parvis, tmp_path: Path) -> None:
    for size, words in ((MAX_FILES, "Nothing was imported"), (MAX_FILES + 1, "stop the suite first")):
        with (tmp_path / "zeros").open("wb") as file:
            file.truncate(size)
        answer = await typed(parvis, "import", "mon-master", str(tmp_path / "zeros"))
        assert (answer.returncode, words in answer.stderr) == (1, True), answer.stderr


async def test_so_many_may_ask_at_once_and_no_more(suite: Suite, settings: Settings) -> None:
    good = order_text("inspection.mail_retry", ids=["e1"])
    waiting = [await asyncio.open_unix_connection(settings.data / "control") for _ in range(MAX_AT_ONCE - 1)]
    assert (await order(settings, good))[-1] == {"code": 1}
    waiting.append(await asyncio.open_unix_connection(settings.data / "control"))
    assert "are under way" in (await order(settings, good))[0]["line"]
    for _, writer in waiting:
        writer.close()
        await writer.wait_closed()


async def test_a_failure_of_a_command_is_told_and_ends_nothing(settings: Settings) -> None:
    async with owned(settings.data), ControlSocket(settings.data, {}).opened():
        for _ in range(2):
            said = await order(settings, order_text("inspection.mail_retry", ids=["e1"]))
            assert said[1:] == [{"line": "Error: KeyError; the suite's log says more", "error": True}, {"code": 1}]
