"""POST `/imports` and the campaigns of staff: as the commands do it, within the rights of who asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.actors import Role
from services.contracts.api.imports import MAX_IMPORT_BYTES
from services.contracts.events.envelope import Envelope
from services.offers.usecases.own_catalogue import template
from tests.service.offers.asking import OFFERS, get
from tests.service.offers.conftest import NOON
from tests.service.offers.test_own_catalogue import FILES, ROWS, table
from tests.service.offers.test_programme_edits import ask, catalogue_holds
from tests.unit.offers.test_own_catalogue import CENTRE, PROGRAMME

EVERYWHERE = {"role": "admin"}


@pytest.fixture
async def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Suite]:
    """A catalogue of nothing."""
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as running:
        yield running


async def send(
    suite: Suite,
    content: Any,
    *,
    path: str = "/imports",
    grant: Mapping[str, Any] = EVERYWHERE,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """Send a file, or JSON, as staff with this right."""
    given = (
        {"json": content}
        if isinstance(content, dict)
        else {"data": BytesIO(content) if isinstance(content, bytes) else content}
    )
    out = suite.bearer("kim", kind="staff", grants=[grant]) | dict(headers or {"Accept-Language": "en"})
    async with suite.client.post(f"{OFFERS}{path}", headers=out, **given) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_every_encoding_says_the_same_and_twice_is_once(suite: Suite) -> None:
    counts = []
    files = [content for name, content in FILES.items() if "commas" not in name]  # there a label ends at its own comma
    for content in files:
        status, result = await send(suite, content)
        assert (status, result["rejected"]) == (200, [])
        counts.append((result["created"], result["updated"], result["unchanged"]))
    assert counts == [(1, 0, 0), *[(0, 0, 1)] * (len(files) - 1)]
    async with asyncio.timeout(120):
        while not (found := (await get(suite, "/programmes"))["items"]):
            await asyncio.sleep(0.02)
    assert [each["title"] for each in found] == ["Océanographie – côtes"]


async def test_faulty_rows_are_told_by_their_lines_and_the_others_are_there(suite: Suite) -> None:
    content = table(*ROWS, {**PROGRAMME, "code": "BAD", "capacity": "x"}).encode()
    tried = await send(suite, content, path="/imports?dry_run=true")
    assert (await get(suite, "/programmes"))["total"] == 0
    assert (await get(suite, "/campaigns"))["items"] == [], "nor has the first campaign begun"
    done = await send(suite, content)
    change = {"line": 5, "code": "M1-MER", "title": "Océanographie – côtes", "change": "created", "differences": []}
    why = {"slug": "not-a-number", "message": "Write a whole number in figures."}
    fault = {"line": 6, "field": "capacity", "column": "Capacité", **why}
    expected = {"created": 1, "updated": 0, "unchanged": 0, "changes": [change], "rejected": [fault]}
    assert tried[1].pop("digest")
    assert tried == (200, expected | {"dry_run": True})
    assert done == (200, expected | {"dry_run": False, "digest": None})


async def test_a_preview_is_confirmed_as_it_was_seen(suite: Suite) -> None:
    """Nothing is done where something else would come of it, nor twice."""
    one, other = (table(*ROWS, {**PROGRAMME, "code": code, "capacity": "7"}).encode() for code in ("ONE", "OTHER"))
    digest = (await send(suite, one, path="/imports?dry_run=true"))[1]["digest"]
    confirm = f"/imports?digest={digest}"
    assert (await send(suite, other, path=confirm))[1]["slug"] == "premises-changed", "another file"
    await send(suite, FILES["utf-8"])
    assert (await send(suite, one, path=confirm))[1]["slug"] == "premises-changed", "one of its programmes came to be"
    assert (await send(suite, one, path="/imports?digest=x"))[0] == 422
    foreseen = (await send(suite, one, path="/imports?dry_run=true"))[1]
    assert (foreseen["created"], foreseen["unchanged"]) == (1, 1)
    results = [(await send(suite, one, path=f"/imports?digest={foreseen['digest']}"))[1] for _ in range(2)]
    assert [(each["created"], each["unchanged"]) for each in results] == [(1, 1), (0, 2)]


async def test_an_empty_table_has_every_column(suite: Suite) -> None:
    headers = suite.bearer("kim", kind="staff", grants=[EVERYWHERE])
    async with suite.client.get(f"{OFFERS}/imports/template", headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "text/csv")
        assert await answer.read() == template().encode()
    part = suite.bearer("kim", kind="staff", grants=[{"role": "admin", "centres": ["A"]}])
    async with suite.client.get(f"{OFFERS}/imports/template", headers=part) as answer:
        assert answer.status == 200, "who keeps a part has it, too"


async def test_the_trace_says_who_imported(suite: Suite) -> None:
    """Acceptance 94."""
    await send(suite, FILES["utf-8"])
    await suite.settle()
    rows = await suite.service("offers").service.ports.store.find("journal", {})
    events = [Envelope.decode(row["body"].encode()) for row in rows]
    told = [(each.type, each.actor) for each in events]
    assert ("offers.programme.published.v1", "staff:kim") in told


async def test_a_file_may_have_so_many_bytes_and_not_one_more(suite: Suite) -> None:
    """One byte more is refused before it is read, and, where nothing announces it, as soon as it has come."""
    whole = FILES["utf-8"] + b"\n" * 40_000
    at = FILES["json"] + b" " * (MAX_IMPORT_BYTES - len(FILES["json"]))
    assert (await send(suite, whole))[0] == 200
    assert (await send(suite, at))[0] == 200

    async def unannounced() -> AsyncIterator[bytes]:
        yield at
        yield b" "

    for content in (at + b" ", unannounced()):
        status, problem = await send(suite, content)
        assert (status, problem["slug"], problem["max_bytes"]) == (413, "too-large", MAX_IMPORT_BYTES)


async def test_what_is_no_catalogue_is_refused(suite: Suite) -> None:
    for content, slug in (
        (b"", "not-a-catalogue-file"),
        (b"Code;Titre\r\nA;B", "not-a-catalogue-file"),
        (b"[{", "not-a-catalogue-file"),
        (FILES["utf-8"] + b"\n" * 50_001, "import-too-long"),
    ):
        status, problem = await send(suite, content)
        assert (status, problem["slug"]) == (413 if slug == "import-too-long" else 422, slug)
    for media_type, content in (("application/json", FILES["utf-8"]), ("text/csv; charset=utf-8", FILES["json"])):
        status, problem = await send(suite, content, headers={"Content-Type": media_type})
        assert (status, problem["slug"]) == (422, "not-a-catalogue-file")
    packed = {"Content-Encoding": "gzip"}
    assert (await send(suite, FILES["utf-8"], headers=packed))[1]["slug"] == "unsupported-encoding"


CAMPAIGN = {"code": "2028", "label": "Année 2028", "starts_on": "2027-12-01", "ends_on": "2028-10-01"}


async def test_a_campaign_is_planned_and_made_the_active_one(suite: Suite) -> None:
    status, planned = await send(suite, CAMPAIGN, path="/campaigns")
    assert (status, [(each["code"], each["state"]) for each in planned["items"]]) == (200, [("2028", "planned")])
    wrong = {**CAMPAIGN, "ends_on": "2027-11-30"}
    assert (await send(suite, wrong, path="/campaigns"))[0] == 422
    assert (await send(suite, {}, path="/campaigns/none/activate"))[0] == 404
    for _ in range(2):
        status, active = await send(suite, {}, path="/campaigns/2028/activate")
        assert (status, active["items"][0]["state"]) == (200, "active")
    await send(suite, {**CAMPAIGN, "code": "2029"}, path="/campaigns")
    await send(suite, {}, path="/campaigns/2029/activate")
    status, problem = await send(suite, {}, path="/campaigns/2028/activate")
    assert (status, problem["slug"]) == (409, "campaign-is-closed")


@pytest.mark.parametrize(
    ("path", "content"),
    [("/campaigns", CAMPAIGN), ("/campaigns/2028/activate", {})],
    ids=["plan", "activate"],
)
async def test_what_counts_everywhere_is_for_administrators_of_everything(
    suite: Suite, path: str, content: Any
) -> None:
    """Acceptance 92: who has a right for a part finds nothing, whoever has none is refused."""
    for role in Role:
        if role is not Role.ADMIN:
            assert (await send(suite, content, path=path, grant={"role": role.value}))[0] == 403, role
    part = {"role": "admin", "centres": ["A"]}
    assert (await send(suite, content, path=path, grant=part))[0] == 404
    async with suite.client.post(f"{OFFERS}{path}", data=b"", headers=suite.bearer("zoe")) as answer:
        assert answer.status == 403
    assert (await get(suite, "/programmes"))["total"] == 0


async def test_who_keeps_one_centre_imports_its_rows_and_no_others(suite: Suite) -> None:
    """Rows beyond the right are refused by their lines; what others use is not changed by them."""
    law_centre, law = {**CENTRE, "code": "DROIT"}, {**PROGRAMME, "code": "L1-DROIT", "centre": "DROIT"}
    new_centre, of_new = {**CENTRE, "code": "NEUF"}, {**PROGRAMME, "code": "L2", "centre": "NEUF"}
    shared, mine = ROWS[:3], {"role": "manager", "centres": ["SEE"]}
    assert (await send(suite, table(*shared, PROGRAMME, law_centre, law).encode()))[1]["created"] == 2
    own = {**PROGRAMME, "label_fr": "Océanographie"}
    content = table(*shared, own, law_centre, {**law, "label_fr": "Droit"}, new_centre, of_new).encode()
    async with asyncio.timeout(120):  # what programmes say is heard of
        while len((await get(suite, "/programmes"))["items"]) < 2:
            await asyncio.sleep(0.02)
    tried = await send(suite, content, path="/imports?dry_run=true", grant=mine)
    assert [(each["line"], each["column"], each["slug"]) for each in tried[1]["rejected"]] == [
        (6, "Code", "foreign-row"),
        (7, "Centre", "depends-on-line"),
        (8, "Code", "foreign-row"),
        (9, "Centre", "depends-on-line"),
    ]
    done = await send(suite, content, path=f"/imports?digest={tried[1]['digest']}", grant=mine)
    assert (done[0], done[1]["updated"], done[1]["created"]) == (200, 1, 0), done
    taken = table(*shared, {**own, "code": "L1-DROIT"}).encode()
    changed = table(*shared[:2], {**shared[2], "label_fr": "CV"}, own).encode()
    for content, faults in (
        (taken, [(5, "Code", "foreign-row")]),
        (changed, [(4, "Code", "foreign-row"), (5, "Pièces", "depends-on-line")]),
    ):
        refused = (await send(suite, content, grant=mine))[1]
        assert [(each["line"], each["column"], each["slug"]) for each in refused["rejected"]] == faults
        assert refused["created"] == refused["updated"] == 0
    again = await send(suite, table(*shared, PROGRAMME, law_centre, law).encode(), path="/imports?dry_run=true")
    assert [each["code"] for each in again[1]["changes"]] == ["M1-MER"], "those of others are as they were"
    assert (await send(suite, content, grant={"role": "commission", "centres": ["SEE"]}))[0] == 403


async def test_what_is_one_centres_and_named_by_others_is_not_changed_by_a_file_of_that_centre(suite: Suite) -> None:
    """As on its page: programmes of another centre would ask for something else."""
    mine, law_centre = {"role": "manager", "centres": ["SEE"]}, {**CENTRE, "code": "DROIT"}
    await send(suite, table(*ROWS).encode())
    await catalogue_holds(suite, ["M1-MER"])
    there = (await ask(suite, "/requirements/cv", grant=EVERYWHERE))[1]
    wanted = {name: there["requirement"][name] for name in ("label", "common", "max_bytes", "media_types")}
    kept = await ask(suite, "/requirements/cv", wanted | {"centre": "SEE"}, grant=EVERYWHERE, version=0)
    assert kept[0] == 200
    law = {**PROGRAMME, "code": "L1-DROIT", "centre": "DROIT"}
    assert (await send(suite, table(*ROWS, law_centre, law).encode()))[1]["rejected"] == []
    await catalogue_holds(suite, ["L1-DROIT", "M1-MER"])
    renamed = table(*ROWS[:2], {**ROWS[2], "label_fr": "Lettre"}, PROGRAMME).encode()
    refused = (await send(suite, renamed, grant=mine))[1]["rejected"]
    assert [(each["line"], each["slug"]) for each in refused] == [(4, "foreign-row"), (5, "depends-on-line")]
    assert (await ask(suite, "/requirements/cv", grant=EVERYWHERE))[1]["requirement"]["label"] == wanted["label"]
    alone, seen = table(*ROWS[:2], {**ROWS[2], "label_fr": "Lettre"}).encode(), []
    for label in ({"fr": "Parcours"}, None):
        digest = (await send(suite, alone, path="/imports?dry_run=true"))[1]["digest"]
        if label is not None:  # somebody writes on its page meanwhile
            assert (await ask(suite, "/requirements/cv", wanted | {"label": label}, grant=EVERYWHERE))[0] == 200
        seen += [(await send(suite, alone, path=f"/imports?digest={digest}"))[0] for _ in range(2)]
    assert seen == [409, 409, 200, 200]
