"""A deliberation goes out as a table, and comes back: seen before, then entered (acceptance 79, 93)."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from services.contracts.api.deliberation import MAX_TABLE_BYTES
from tests.parameters import hear
from tests.service.applications.candidate import BASE, STEPS, Candidate, PeerServices
from tests.service.applications.test_decisions import complete, validate
from tests.service.applications.test_review import Staff, handed_over

URL = f"{BASE}/review/deliberation"
SEA = {"programme": "M1-MER"}
Cells = list[dict[str, str]]


@pytest.fixture
def kim(peers: PeerServices, zoe: Candidate) -> Staff:
    """Once there is a programme, and somebody who has not applied yet."""
    return Staff(peers)


async def table(kim: Staff, format: str = "csv", language: str = "fr", **scope: str) -> Cells:
    """The table as it goes out, by its headings."""
    headers = kim.peers.suite.bearer(kim.name, kind="staff", grants=list(kim.grants)) | {"Accept-Language": language}
    query = scope or SEA
    async with kim.peers.suite.client.get(f"{URL}.{format}", headers=headers, params=query) as answer:
        assert answer.status == 200, await answer.text()
        content = await answer.read()
    if format == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    rows = load_workbook(io.BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True)
    head = [str(each) for each in next(rows)]
    return [{name: str(value or "") for name, value in zip(head, row, strict=True)} for row in rows]


def lines(rows: Cells, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(content)
    return content.getvalue()


async def sent(kim: Staff, content: bytes, *, key: str = "", **query: str) -> tuple[int, Any]:
    headers = kim.peers.suite.bearer(kim.name, kind="staff", grants=list(kim.grants))
    headers |= {"Content-Type": "application/octet-stream", "Accept-Language": "fr"}
    headers |= {"Idempotency-Key": key} if key else {}
    query = {**SEA, **query}
    async with kim.peers.suite.client.post(URL, headers=headers, params=query, data=io.BytesIO(content)) as answer:
        return answer.status, await answer.json()


async def patiently_sent(kim: Staff, content: bytes, **query: str) -> tuple[int, Any]:
    """The same, again as long as another table of the same person is being read."""
    while (answer := await sent(kim, content, **query))[0] == 429:
        pass
    return answer


async def foreseen(kim: Staff, content: bytes, **query: str) -> Any:
    status, body = await sent(kim, content, dry_run="true", **query)
    assert status == 200, body
    return body


def told(view: Mapping[str, Any]) -> list[tuple[str, list[tuple[str | None, str]]]]:
    return [(item["result"], [(fault["column"], fault["slug"]) for fault in item["faults"]]) for item in view["items"]]


async def deliberated(peers: PeerServices, kim: Staff, *names: str) -> dict[str, str]:
    """Complete files, by the names of their people, whose numbers begin with them."""
    found = {}
    for name in names:
        identity = STEPS["identity"] | {"family_name": name.capitalize()}
        person = await peers.candidate(name, file_number=f"{name.upper():A<8}", steps=STEPS | {"identity": identity})
        found[name] = await complete(person, kim)
    await peers.suite.settle()
    return found


async def test_a_table_goes_out_is_written_in_and_what_it_says_is_entered_once(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 93: nothing is told to candidates, the same table twice changes nothing."""
    ids = await deliberated(peers, kim, "ana", "ben", "eva")
    await handed_over(zoe)
    rows = await table(kim)
    assert [row["N° de dossier"] for row in rows] == ["ANAAAAAA", "BENAAAAA", "EVAAAAAA"], "complete ones alone"
    assert await table(kim, "xlsx") == rows
    assert [*(await table(kim, language="en"))[0]][:3] == ["File number", "Family name", "Given name"]
    rows[0] |= {"Décision": "Avis favorable", "Commentaire": "=1+1 ; bravo"}
    rows[1] |= {"Décision": "avis_liste_comp", "Rang": "2"}
    before = len(await peers.events())
    preview = await foreseen(kim, content := lines(rows))
    assert told(preview) == [("changed", []), ("changed", []), ("unchanged", [])]
    assert [item["mails"] for item in preview["items"]] == [["decision-favourable"], ["decision-ranked-waitlist"], []]
    assert (preview["items"][0]["comment"], preview["items"][1]["comment"]) == ("=1+1 ; bravo", None)
    ranked = {"kind": "ranked_waitlist", "label": "Liste complémentaire", "rank": 2, "validated": False}
    ranked = {
        "kind": "ranked_waitlist",
        "label": "Liste complémentaire",
        "rank": 2,
        "conditions": 0,
        "group": None,
        "validated": False,
    }
    assert preview["items"][1] | {"before": None, "after": ranked, "family_name": "Ben"} == preview["items"][1]
    assert (await kim.ask("GET", f"/{ids['ana']}")).body["entered_decision"] is None, "a preview"
    once = {"digest": preview["digest"], "key": "once"}
    for status, done in await asyncio.gather(*(patiently_sent(kim, content, **once) for _ in range(2))):
        assert (status, done) == (200, preview | {"dry_run": False})
    view = (await kim.ask("GET", f"/{ids['ana']}")).body
    assert (view["entered_decision"]["comment"], view["decision"]) == ("=1+1 ; bravo", None), "entered, not validated"
    assert len(await peers.events()) == before
    trail = (await kim.ask("GET", f"/{ids['ana']}/audit")).body["items"]
    assert [each["action"] for each in trail].count("enter_decision") == 1
    assert told(await foreseen(kim, content)) == [("unchanged", [])] * 3
    assert (await sent(kim, content, digest=preview["digest"]))[1]["slug"] == "premises-changed"
    anew = await table(kim)
    assert anew[0]["Commentaire"] == "'=1+1 ; bravo", "no formula for who opens it"
    assert told(await foreseen(kim, lines(anew))) == [("unchanged", [])] * 3


async def test_each_row_says_what_is_wrong_with_it_and_in_which_column(peers: PeerServices, kim: Staff) -> None:
    """Acceptance 79: by the same rules as on the page; of what is not there nothing is told."""
    names = ("ana", "ben", "cid", "dan", "eva", "flo", "gus", "hal")
    await deliberated(peers, kim, *names)
    rows = await table(kim)
    cases: list[tuple[dict[str, str], str, list[tuple[str | None, str]]]] = [
        ({"Décision": "AVIS_DEFAVORABLE"}, "refused", [("reason", "required")]),
        ({"Décision": "Peut-être"}, "refused", [("decision", "unknown-decision-type")]),
        ({"Décision": "AVIS_LISTE_COMP", "Rang": "deux"}, "refused", [("rank", "not-a-number")]),
        ({"Décision": "AVIS_FAVORABLE", "Commentaire": "é" * 1001}, "refused", [("comment", "too-long")]),
        ({"Décision": "AVIS_FAVORABLE", "Commentaire": "é" * 1000}, "changed", []),
        ({"Décision": "AVIS_LISTE_COMP", "Rang": "3"}, "changed", []),
        ({"Décision": "AVIS_LISTE_COMP", "Rang": "3"}, "refused", [("rank", "rank-repeated")]),
        ({"Motif": "Niveau"}, "refused", [("decision", "required")]),
        ({"N° de dossier": "ANAAAAAA"}, "refused", [("file_number", "row-repeated")]),
        ({"N° de dossier": "NOBODY00"}, "refused", [("file_number", "row-unknown")]),
        ({"Code de la formation": "M1-LAC"}, "refused", [("file_number", "row-unknown")]),
    ]
    rows += [dict(rows[0]) for _ in range(3)]
    rows = [row | said for row, (said, _, _) in zip(rows, cases, strict=True)]
    preview = await foreseen(kim, lines(rows, ";"))
    assert told(preview) == [(result, faults) for _, result, faults in cases]
    assert preview["items"][0]["row"] == 2
    assert preview["items"][9] | {"id": None, "family_name": None, "before": None} == preview["items"][9]
    assert (preview["changed"], preview["refused"]) == (2, 9)
    _, done = await sent(kim, lines(rows, ";"), digest=preview["digest"], key="some")
    assert (done["changed"], done["refused"]) == (2, 9)


async def test_a_file_that_has_changed_since_is_left_alone(peers: PeerServices, kim: Staff) -> None:
    """What somebody else has entered is not written over, nor by a preview that is out of date."""
    ids = await deliberated(peers, kim, "ana", "ben")
    rows = await table(kim)
    for row in rows:
        row["Décision"] = "AVIS_FAVORABLE"
    preview = await foreseen(kim, content := lines(rows))
    reply = await kim.ask("POST", f"/{ids['ana']}/decision", json={"kind": "waitlist"})
    status, refused = await sent(kim, content, digest=preview["digest"], key="late")
    assert (status, refused["slug"]) == (409, "premises-changed")
    assert (await kim.ask("GET", f"/{ids['ben']}")).body["entered_decision"] is None, "before anything is done"
    preview = await foreseen(kim, content)
    assert told(preview) == [("refused", [("stamp", "row-changed")]), ("changed", [])]
    assert (await sent(kim, content, digest=preview["digest"], key="anew"))[1]["changed"] == 1
    assert (await validate(kim, ids["ana"], reply.body["entered_decision"]["id"])).status == 200
    await peers.suite.settle()
    rows = await table(kim)
    assert rows[0]["Décision"] == "AVIS_LISTE_ATT", "what counts, where nothing is entered"
    assert told(await foreseen(kim, lines(rows))) == [("unchanged", [])] * 2
    rows[0] |= {"Décision": "AVIS_FAVORABLE", "Repère (ne pas modifier)": ""}
    assert told(await foreseen(kim, lines(rows)))[0] == ("refused", [("stamp", "row-changed")])
    other = lines(rows[1:])
    assert (await sent(kim, other, digest=preview["digest"]))[1]["slug"] == "premises-changed", "of another table"
    assert (await sent(kim, other))[1]["fields"][0] | {"field": "digest", "slug": "required"}


async def test_workbooks_and_what_spreadsheets_make_of_a_table_are_read(peers: PeerServices, kim: Staff) -> None:
    """Columns in any order, days as days, numbers as numbers, other signs than UTF-8; by codes or by labels."""
    await deliberated(peers, kim, "ana", "ben")
    listed = {"applications.reasons_from": "list", "applications.decision_reasons": ["PLEIN | Effectif atteint"]}
    await hear(peers.suite, listed)
    rows = await table(kim)
    rows[0] |= {"Décision": "Présélection", "Lieu du rendez-vous": "Salle 12"}
    rows[1] |= {"Décision": "Avis défavorable", "Motif": "effectif ATTEINT"}
    typed: list[dict[str, Any]] = [dict(row) for row in rows]
    typed[0] |= {"Date du rendez-vous": datetime(2027, 2, 3), "Heure du rendez-vous": time(14, 30)}  # noqa: DTZ001
    columns = [*reversed(typed[0])]
    book = workbook([columns, [], *([row[column] for column in columns] for row in typed)])
    preview = await foreseen(kim, book)
    assert told(preview) == [("changed", []), ("changed", [])]
    assert [item["row"] for item in preview["items"]] == [3, 4]
    assert preview["items"][0]["appointment"] == {"place": "Salle 12", "day": "2027-02-03", "time": "14:30"}
    assert preview["items"][1]["reason"] == "Effectif atteint"
    rows[0] |= {"Date du rendez-vous": "03/02/2027", "Heure du rendez-vous": "14h30"}
    assert (await sent(kim, book, digest=preview["digest"], key="book"))[1]["changed"] == 2
    windows = lines(rows, ";").decode().encode("cp1252")
    assert told(await foreseen(kim, windows)) == [("unchanged", [])] * 2
    view = await table(kim)
    assert (view[0]["Date du rendez-vous"], view[1]["Motif"]) == ("2027-02-03", "PLEIN")


async def test_what_is_no_table_is_refused_and_nobody_reaches_farther_than_they_do(
    peers: PeerServices, kim: Staff
) -> None:
    """Acceptance 77: bounds stand before the work."""
    await deliberated(peers, kim, "ana")
    rows = await table(kim)
    for content, status, slug in (
        (b"", 422, "table-unreadable"),
        (b"PK\x03\x04nothing", 422, "table-unreadable"),
        (b"\x00\x01\x02", 422, "table-unreadable"),
        (b'"a,b', 422, "table-unreadable"),
        (b"N\xc2\xb0 de dossier,D\xc3\xa9cision\n", 422, "table-lacks-columns"),
        (b"x" * (MAX_TABLE_BYTES + 1), 413, "table-too-large"),
    ):
        answer = await sent(kim, content, dry_run="true")
        assert (answer[0], answer[1]["slug"]) == (status, slug), content[:20]
    law = Staff(peers, ({"role": "manager", "centres": ["LAW"]},))
    for scope in (SEA, {"programme": "NOBODYS"}):
        refused = await law.ask("GET", "/deliberation.csv", params=scope)
        assert (refused.status, refused.body["fields"][0]["slug"]) == (422, "beyond-reach")
        status, body = await sent(law, lines(rows), dry_run="true", **scope)
        assert (status, body["fields"][0]["slug"]) == (422, "beyond-reach")
    assert (await kim.ask("GET", "/deliberation.csv")).body["fields"][0]["slug"] == "required"


GUARDED = 'A :\n- carte\n- photo ; =1+1\n"=2" ;\uff1d3\n@x ;\n+y'


async def test_a_table_that_nobody_has_touched_changes_nothing_and_a_cell_beside_takes_no_harm(
    peers: PeerServices, kim: Staff
) -> None:
    """Signs that are guarded against formulas come back as they were, in either format."""
    ids = await deliberated(peers, kim, "ana", "ben")
    for name, said in (
        ("ana", {"kind": "ranked_waitlist", "rank": 2, "comment": GUARDED}),
        ("ben", {"kind": "unfavourable", "reason": "- niveau\n- dates", "comment": GUARDED[::-1].strip()}),
    ):
        assert (await kim.ask("POST", f"/{ids[name]}/decision", json=said)).status == 200
    rows = await table(kim)
    for format in ("csv", "xlsx"):
        rows = await table(kim, format)
        content = lines(rows, ";") if format == "csv" else workbook([[*rows[0]], *([*row.values()] for row in rows)])
        assert told(await foreseen(kim, content)) == [("unchanged", [])] * 2, format
    rows[0]["Rang"] = "3"
    preview = await foreseen(kim, content := lines(rows))
    assert told(preview) == [("changed", []), ("unchanged", [])]
    stored = (await kim.ask("GET", f"/{ids['ana']}")).body["entered_decision"]["comment"]
    await sent(kim, content, digest=preview["digest"], key="rank")
    entered = (await kim.ask("GET", f"/{ids['ana']}")).body["entered_decision"]
    assert (entered["rank"], entered["comment"]) == (3, stored)
