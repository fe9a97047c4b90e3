"""What the registrar holds comes as bytes: fetched by itself, shown to its person and to staff, handed over (ADR 106)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.journal import JOURNALS
from services.chassis.service.timers import Timer
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased, HeldDocumentPart
from services.contracts.events.catalogue import Audience
from services.documents.repository.registrar_files import REGISTRAR_FILES, RegistrarFiles
from services.documents.usecases.registrar_files import MAX_FAILURES, PAUSES
from tests.ents import served
from tests.parameters import hear
from tests.records import NUMBER, settle, write_json
from tests.service.applications.candidate import Candidate, PeerServices, piece
from tests.service.applications.test_review import Staff
from tests.service.documents.client import get, put, rows, stored, words
from tests.unit.documents import files

HELD = {"code": "RNBAC", "label": "Relevé de notes", "file": f"{NUMBER}/releve.pdf"}
TIMER = "registrar-files"


@pytest.fixture
def clock() -> FixedClock:
    """While one can apply."""
    return FixedClock(datetime(2027, 2, 1, 11, tzinfo=UTC))


@pytest.fixture
def registrar(tmp_path: Path) -> Path:
    """The folder of the student's files at the registrar's."""
    folder = tmp_path / "sis" / "files" / NUMBER
    folder.mkdir(parents=True)
    write_json(tmp_path / "sis")
    return folder


@pytest.fixture
async def peers(tmp_path: Path, registrar: Path, clock: FixedClock) -> AsyncIterator[PeerServices]:
    both, sis = ("applications", "documents"), f"file:{tmp_path / 'sis'}"
    async with run_suite(tmp_path / "var", services=both, clock=clock, sis=sis, timers_by_time=False) as suite:
        peers = PeerServices(suite, clock)
        await peers.publish_programme(requirements=[piece("bac") | {"registrar_code": "RNBAC"}])
        yield peers


def give(registrar: Path, content: bytes) -> None:
    (registrar / "releve.pdf").write_bytes(content)
    settle(registrar / "releve.pdf")


async def zoe_applies(peers: PeerServices, **held: str) -> tuple[Candidate, str]:
    zoe = await peers.candidate("zoe", held=[HeldDocumentPart.model_validate(HELD | held)])
    id = await zoe.opened()
    await ask_registrar(peers.suite)
    return zoe, id


async def ask_registrar(suite: Suite, **later: float) -> None:
    """Let time pass, and have the registrar asked for what is due by then."""
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(**later)
    await suite.settle()
    (timer,) = [each for each in suite.service("documents").service.timers if each.name == TIMER]
    while await timer.run(CommandContext(suite.clock.now(), "test", OPERATOR)) or await _is_claimed(suite):
        await asyncio.sleep(0.01)
    await suite.settle()


async def _is_claimed(suite: Suite) -> bool:
    """Whether the suite's own timer was first, and has not come to the end."""
    found = await suite.service("documents").service.ports.store.find(REGISTRAR_FILES.name, {}, limit=10)
    return any(row.get("claimed") for row in found)


async def given(candidate: Candidate, id: str) -> dict[str, Any] | None:
    (there,) = (await candidate.get(id))["pieces"]
    assert there["state"] == "validated" and there["document"] is None
    document: dict[str, Any] | None = there["registrar"].get("document")
    return document


async def question(suite: Suite) -> dict[str, Any]:
    (row,) = await suite.service("documents").service.ports.store.find(REGISTRAR_FILES.name, {}, limit=10)
    return row


async def test_what_is_held_is_shown_to_its_person_and_to_staff_and_is_in_all_that_is_handed_over(
    peers: PeerServices, registrar: Path
) -> None:
    content = files.pdf(2)
    give(registrar, content)
    zoe, id = await zoe_applies(peers)
    document = await given(zoe, id)
    assert document is not None and (document["filename"], document["size"]) == ("releve.pdf", len(content))
    assert (await get(peers.suite, document["id"], "zoe"))[:2] == (200, content)
    assert (await get(peers.suite, document["id"], "ali"))[0] == 404
    assert (await zoe.submit(id)).status == 200
    (submitted,) = await peers.told("submitted")
    assert submitted["pieces"] == [{"piece": "bac", "document": document["id"], "sha256": document["sha256"]}]
    await peers.suite.settle()
    (row,) = await rows(peers.suite)
    assert (row["attachments"], row["submitted"]) == ([[id, "bac"]], [id])
    kim = Staff(peers)
    (seen,) = (await kim.ask("GET", f"/{id}")).body["pieces"]
    assert seen["registrar"]["document"]["id"] == document["id"]
    path = f"/api/documents/documents/{document['id']}"
    headers = peers.suite.bearer("kim", kind="staff", grants=[{"role": "manager"}])
    async with peers.suite.client.get(path, headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, content)
    for paper, named in (("receipt", "releve.pdf"), ("dossier", "Fournie par la scolarité : Relevé de notes")):
        async with peers.suite.client.get(
            f"/api/documents/applications/{id}/{paper}.pdf", headers=peers.suite.bearer("zoe")
        ) as answer:
            assert answer.status == 200
            said = await answer.read()
            assert named in words(said)


async def test_a_registrar_that_is_away_blocks_nobody_and_is_asked_again_by_itself_also_for_what_was_handed_over(
    peers: PeerServices, registrar: Path
) -> None:
    zoe, id = await zoe_applies(peers)
    assert await given(zoe, id) is None
    assert (await zoe.submit(id)).status == 200
    give(registrar, files.pdf(1))
    await ask_registrar(peers.suite)
    assert await given(zoe, id) is None, "it was asked before its time"
    await ask_registrar(peers.suite, hours=2)
    document = await given(zoe, id)
    assert document is not None and (await question(peers.suite))["document"] == document["id"]
    assert (await get(peers.suite, document["id"], "zoe"))[0] == 200


async def test_the_registrar_is_asked_so_often_and_no_more_until_something_happens_to_the_file(
    peers: PeerServices, registrar: Path
) -> None:
    zoe, id = await zoe_applies(peers)
    for failures in range(1, MAX_FAILURES):
        row = await question(peers.suite)
        assert (row["failures"], "given_up_at" in row) == (failures, False)
        await ask_registrar(peers.suite, seconds=PAUSES.after(failures).total_seconds())
    assert "due_at" not in await question(peers.suite)
    give(registrar, files.pdf(1))
    await ask_registrar(peers.suite, days=1)
    assert await given(zoe, id) is None
    assert (await zoe.submit(id)).status == 200
    await ask_registrar(peers.suite)
    assert await given(zoe, id) is not None


@pytest.mark.parametrize("what", ["too large", "no picture and no PDF", "empty", "locked"])
async def test_what_could_not_be_uploaded_is_not_taken_from_the_registrar_either(
    peers: PeerServices, registrar: Path, what: str
) -> None:
    content = files.pdf_of(2048)
    if what == "too large":
        await hear(peers.suite, {"documents.max_bytes": len(content) - 1})
    given_as = {"too large": content, "empty": b"", "locked": files.encrypted_pdf()}
    give(registrar, given_as.get(what, b"Name;Note\nDurand;12\n"))
    zoe, id = await zoe_applies(peers)
    assert await given(zoe, id) is None and await rows(peers.suite) == []
    assert (await question(peers.suite))["failures"] == 1
    assert ("given_up_at" in await question(peers.suite)) is (what == "locked")
    if what == "too large":
        await hear(peers.suite, {"documents.max_bytes": len(content)}, version=2)
        await ask_registrar(peers.suite, seconds=timedelta(minutes=1).total_seconds())
        assert await given(zoe, id) is not None


async def test_another_file_of_the_registrars_takes_the_place_of_the_one_before(
    peers: PeerServices, registrar: Path
) -> None:
    give(registrar, files.pdf(1))
    zoe, id = await zoe_applies(peers)
    before = await given(zoe, id)
    (registrar / "releve-2.pdf").write_bytes(files.pdf(3))
    settle(registrar / "releve-2.pdf")
    held = HeldDocumentPart.model_validate(HELD | {"file": f"{NUMBER}/releve-2.pdf"})
    await peers.candidate("zoe", version=2, held=[held])
    await ask_registrar(peers.suite)
    after = await given(zoe, id)
    assert before is not None and after is not None and after["filename"] == "releve-2.pdf"
    places = {row["_id"]: row["attachments"] for row in await rows(peers.suite)}
    assert places == {before["id"]: [], after["id"]: [[id, "bac"]]}
    await peers.candidate("zoe", version=3, held=None)
    await peers.suite.settle()
    assert {str(row["attachments"]) for row in await rows(peers.suite)} == {"[]"}
    await hear(peers.suite, {"documents.loose_per_account": 1})
    await stored(peers.suite, files.pdf(1), account="zoe")  # what the registrar let go of takes nothing of her room
    assert (await put(peers.suite, files.pdf(2), account="zoe"))[0] == 409


async def test_who_is_forgotten_is_named_by_nothing_of_it(peers: PeerServices, registrar: Path) -> None:
    give(registrar, files.pdf(1))
    zoe, id = await zoe_applies(peers)
    assert await given(zoe, id) is not None
    store = peers.suite.service("documents").service.ports.store
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert await store.find(REGISTRAR_FILES.name, {}, limit=10) == []
    told = await store.find(JOURNALS[Audience.INTERNAL].name, {}, limit=1000)
    assert "documents.registrar_file.kept.v1" in str(told) and NUMBER not in str(told)


async def test_of_who_is_forgotten_while_the_bytes_come_nothing_is_kept(tmp_path: Path, clock: FixedClock) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        asked.set()
        await go_on.wait()
        return web.Response(body=files.pdf(1))

    async def until_done(timer: Timer) -> None:
        await timer.run(CommandContext(clock.now(), "test", OPERATOR))

    async with (
        served({("GET", "/students/{number}/documents/{name}"): slow}) as host,
        run_suite(tmp_path, services=("documents",), clock=clock, timers_by_time=False, sis=f"http://{host}") as suite,
    ):
        store, runs = suite.service("documents").service.ports.store, suite.service("documents").last_runs
        while TIMER not in await runs.load():  # the suite's own first round asks for nothing that the test waits for
            await asyncio.sleep(0.01)
            await runs.keep()
        await RegistrarFiles(store).ask("zoe", HELD["file"], clock.now())
        (timer,) = [each for each in suite.service("documents").service.timers if each.name == TIMER]
        async with asyncio.TaskGroup() as group:
            group.create_task(until_done(timer))
            await asked.wait()
            await suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
            await suite.settle()
            go_on.set()
        await suite.settle()
        assert await suite.service("documents").service.ports.objects.list("documents/", after="", limit=10) == []
        for name in ("documents", "parked", JOURNALS[Audience.INTERNAL].name):
            assert NUMBER not in str(await store.find(name, {}, limit=1000)), name
