"""Lists of staff as files: every column, within reach, no formula, at most fifty thousand files, nothing left behind."""

from __future__ import annotations

import csv
import gc
import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.listing import LISTING
from services.applications.routes.exporting import export_views
from services.applications.usecases.app import App
from services.applications.views.exporting import MOST_ROWS
from services.applications.wiring import use_cases
from services.chassis.context import Actor
from services.chassis.http.places import Party
from services.contracts.actors import ActorKind
from services.contracts.api.filters import ReviewExport
from services.contracts.api.identity import Grant
from services.contracts.refusals import RefusedError
from tests.service.applications.candidate import BASE, STEPS, Candidate, PeerServices
from tests.service.applications.test_review import Staff, handed_over

EVERYTHING = Actor("kim", ActorKind.STAFF, grants=(Grant(role="manager"),))


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files are that are gone afterwards."""
    there = tmp_path / "temporary"
    there.mkdir()
    return there


def left_in(folder: Path) -> list[Path]:
    return [*folder.iterdir()]


async def fetched(kim: Staff, format: str, language: str = "fr", **query: str) -> bytes:
    headers = kim.peers.suite.bearer(kim.name, kind="staff", grants=list(kim.grants)) | {"Accept-Language": language}
    address = f"{BASE}/review/export.{format}"
    async with kim.peers.suite.client.get(address, headers=headers, params=query) as answer:
        assert answer.status == 200, await answer.text()
        assert f".{format}" in answer.headers["Content-Disposition"]
        return await answer.read()


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet(content: bytes) -> list[dict[str, Any]]:
    rows = load_workbook(io.BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True)
    head = [str(each) for each in next(rows)]
    return [{name: value or "" for name, value in zip(head, row, strict=True)} for row in rows]


async def test_all_that_staff_see_of_a_file_is_in_columns_of_their_own(peers: PeerServices, kim: Staff) -> None:
    """Acceptance 97: also the lines of an address, verdicts and answers; what looks like a formula is none."""
    identity = STEPS["identity"] | {"family_name": "=1+1", "phone": "+33468662000", "birth_place": "@Perpignan"}
    identity |= {"title": "mrs"}
    address = STEPS["address"] | {"lines": ["-12 rue", "Bâtiment B", "3e étage", "Porte 4", "BP 5"]}
    await peers.publish_programme(
        questions=[{"code": "why", "label": {"fr": "Pourquoi ?"}, "kind": "text", "required": False}]
    )
    zoe = await peers.candidate("zoe", steps=STEPS | {"identity": identity, "address": address})
    id = await zoe.ready()
    answered = await zoe.ask("PUT", f"/applications/{id}/answers/why", json={"answer": "Pour la mer"})
    assert answered.status == 200 and (await zoe.submit(id)).status == 200
    await kim.judge(id, "letter", "refused", comment="Illisible")
    await peers.suite.settle()
    (row,) = table(await fetched(kim, "csv"))
    assert sheet(await fetched(kim, "xlsx")) == [row]
    for column, text in {
        "N° de dossier": "AB12CD34",
        "Nom de famille": "'=1+1",
        "Téléphone": "'+33468662000",
        "Lieu de naissance": "'@Perpignan",
        "Date de naissance": "2003-05-17",
        "Adresse, ligne 1": "'-12 rue",
        "Adresse, ligne 2": "Bâtiment B",
        "Adresse, ligne 4": "Porte 4, BP 5",
        "Ville": "Perpignan",
        "Formation": "Sciences de la mer",
        "Composante": "UFR SEE",
        "État du dossier": "Réceptionné",
        "Transmise le": "2027-02-01 12:00",
        "Date limite de transmission": "2027-04-15",
        "Pièces à examiner": "1",
        "Pièces justificatives": "Pièce cv : Transmise\nPièce letter : Refusée (Illisible)\nPièce b2 : Non concerné",
        "Questions": "Pourquoi ? : Pour la mer",
        "Campagne": "2027",
        "Civilité": "Madame",
        "Baccalauréat": "Oui, le baccalauréat français",
        "Année du baccalauréat": "2021",
        "Mention au baccalauréat": "",
    }.items():
        assert row[column] == text, column
    (english,) = table(await fetched(kim, "csv", "en"))
    assert (english["Programme"], english["State of the file"]) == ("Marine science", "Received")


async def test_a_cell_has_5000_characters_and_what_is_longer_says_that_it_goes_on(
    peers: PeerServices, kim: Staff
) -> None:
    """Acceptance 97: at the limit and one past it, in both formats."""
    asked = [{"code": f"q{at}", "label": {"fr": "Q"}, "kind": "text", "required": False} for at in range(5)]
    await peers.publish_programme(questions=asked)
    zoe = await peers.candidate("zoe")
    id = await zoe.opened()
    for at in range(4):
        await zoe.ask("PUT", f"/applications/{id}/answers/q{at}", json={"answer": "é" * 1000})
    whole = "Q : " + "\nQ : ".join(["é" * 1000] * 4)
    for last, end in ((976, "é" * 976), (977, "é" * 975 + "…")):
        await zoe.ask("PUT", f"/applications/{id}/answers/q4", json={"answer": "é" * last})
        await peers.suite.settle()
        (row,) = table(await fetched(kim, "csv", state="draft"))
        assert (row["Questions"], len(row["Questions"])) == (f"{whole}\nQ : {end}", 5000)
        assert sheet(await fetched(kim, "xlsx", state="draft")) == [row]


async def test_what_is_exported_is_what_the_list_shows_and_no_more(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 92, 97."""
    await peers.publish_programme("L1-DROIT", centre={"code": "DROIT", "label": "UFR Droit"})
    ana = await peers.candidate("ana", file_number="ANA00001")
    for candidate, programme in ((zoe, "M1-MER"), (zoe, "L1-DROIT"), (ana, "L1-DROIT")):
        await handed_over(candidate, programme)
    await peers.suite.settle()
    law = Staff(peers, [{"role": "manager", "centres": ["DROIT"]}])
    assert {row["Code de la formation"] for row in table(await fetched(law, "csv"))} == {"L1-DROIT"}
    assert len(table(await fetched(Staff(peers), "csv"))) == 3
    (row,) = table(await fetched(law, "csv", q="ana0"))
    assert row["N° de dossier"] == "ANA00001"
    assert table(await fetched(law, "csv", state="incomplete")) == []
    assert table(await fetched(Staff(peers, [{"role": "commission"}]), "csv")) == []
    for query, status in (({"centre": "SEE"}, 422), ({"sort": "colour"}, 409), ({"limit": "5"}, 422)):
        refused = await law.ask("GET", "/export.csv", params=query)
        assert refused.status in {status, 422}, query


async def made(peers: PeerServices, zoe: Candidate, number: int) -> App:
    """So many files in the store, all as one that was handed over."""
    id = await handed_over(zoe)
    await peers.suite.settle()
    ports = peers.suite.service("applications").service.ports
    app = use_cases(ports)
    for collection in (APPLICATIONS, LISTING):
        there = await ports.store.get(collection.name, id)
        assert there is not None
        unlike = {"active_key", "slot_key", "outbox_at", "outbox"}
        copy = {name: value for name, value in there.items() if name not in unlike} | {"outbox": []}
        if collection is LISTING:
            del copy["outbox"]
        for start in range(1, number, 500):
            await ports.store.append(
                collection.name,
                [copy | {"_id": f"{each:026d}"} for each in range(start, min(start + 500, number))],
            )
    return app


async def test_so_many_files_are_as_many_as_may_be(peers: PeerServices, zoe: Candidate, folder: Path) -> None:
    """Acceptance 97: one more is refused before anything is sent; B15 makes all 50,000."""
    assert MOST_ROWS == 50_000
    views = export_views(await made(peers, zoe, 3), folder=folder)
    for form in (views.lines, views.workbook):
        chunks = await form(EVERYTHING, ReviewExport(), "fr", most=3)
        assert len(b"".join([chunk async for chunk in chunks])) > 1000
        with pytest.raises(RefusedError, match="too-many-rows") as refused:
            await form(EVERYTHING, ReviewExport(), "fr", most=2)
        assert refused.value.members == {"most": 2}
    assert views.places.taken == 0 and not left_in(folder)


async def test_one_person_has_one_export_at_a_time_and_all_have_three(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 108."""
    views = export_views(await made(peers, zoe, 1))
    under_way = await views.lines(EVERYTHING, ReviewExport(), "fr")
    with pytest.raises(RefusedError, match="too-many-at-once") as mine:
        await views.workbook(EVERYTHING, ReviewExport(), "fr")
    others = [views.places.take(Party(name, 0.0)) for name in ("ana", "bob")]
    with pytest.raises(RefusedError, match="busy") as full:
        await views.lines(Actor("eva", ActorKind.STAFF, grants=EVERYTHING.grants), ReviewExport(), "fr")
    assert mine.value.retry_after == full.value.retry_after == 10
    for place in others:
        place.leave()
    await under_way.aclose()
    assert views.places.taken == 0


async def test_who_goes_away_half_way_leaves_nothing_behind(peers: PeerServices, zoe: Candidate, folder: Path) -> None:
    """Acceptance 97."""
    views = export_views(await made(peers, zoe, 500), folder=folder)
    begun = await views.workbook(EVERYTHING, ReviewExport(), "fr")
    await begun.aclose()
    half = await views.workbook(EVERYTHING, ReviewExport(), "fr")
    assert await anext(half)
    assert len(left_in(folder)) == 1
    await half.aclose()
    assert views.places.taken == 0 and not left_in(folder)


async def test_many_files_are_not_held_in_memory(peers: PeerServices, zoe: Candidate, folder: Path) -> None:
    """Acceptance 97: sending all takes a part of what holding all would take."""
    app = await made(peers, zoe, 800)
    views = export_views(app, folder=folder)
    forms = (views.lines, views.workbook)
    for form in forms:  # what is made once, such as the texts of a language, is no file's
        assert b"".join([chunk async for chunk in await form(EVERYTHING, ReviewExport(state="incomplete"), "fr")])
    peaks = []
    for form in forms:
        gc.collect()
        tracemalloc.start()
        async for _ in await form(EVERYTHING, ReviewExport(), "fr"):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    gc.collect()
    tracemalloc.start()
    held = await app.applications.of_ids([f"{number:026d}" for number in range(1, 800)])
    whole = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(held) == 799
    assert max(peaks) < whole / 2, (peaks, whole)
