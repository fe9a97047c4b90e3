"""PUT `/programmes/{code}`: one edit is an import of one row, within the rights of who writes, and never over another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.actors import Role
from services.contracts.events.envelope import Envelope
from services.offers.domain.programmes import Unit
from services.offers.domain.text import Text
from services.offers.usecases.campaigns import current_campaign
from services.offers.usecases.programmes import publish_programme
from services.offers.wiring import use_cases
from tests.service.offers.asking import OFFERS, get
from tests.service.offers.conftest import NOON, command
from tests.unit.offers.examples import content

MANAGER_A = {"role": "manager", "centres": ["A"]}
ADMIN = {"role": "admin"}


@pytest.fixture
async def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Suite]:
    """A programme of centre A, with a board, and one of centre B."""
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as running:
        app = use_cases(running.service("offers").service.ports)
        campaign = await current_campaign(app, command())
        for code, centre, board in (("A1", "A", "JURY"), ("B1", "B", None)):
            described = content(
                campaign=campaign.code,
                centre=Unit(centre, Text(f"Centre {centre}")),
                commission=Unit(board, Text(board)) if board else None,
            )
            await publish_programme(app, code, described, command())
        await catalogue_holds(running, ["A1", "B1"])
        yield running


async def catalogue_holds(suite: Suite, expected: list[str]) -> None:
    """Wait until these programmes are in the catalogue of everybody."""
    async with asyncio.timeout(120):
        while [each["code"] for each in (await get(suite, "/programmes"))["items"]] != expected:
            await asyncio.sleep(0.02)


async def ask(
    suite: Suite,
    path: str,
    body: Any = None,
    *,
    grant: Mapping[str, Any] = MANAGER_A,
    version: int | None = None,
    key: str | None = None,
) -> tuple[int, Any]:
    """Look, or write, as staff with this right."""
    method, given = ("GET", {}) if body is None else ("PUT", {"json": body})
    out = suite.bearer("kim", kind="staff", grants=[grant]) | {"Accept-Language": "en"}
    out |= {} if version is None else {"If-Match": f'"{version}"'}
    out |= {} if key is None else {"Idempotency-Key": key}
    async with suite.client.request(method, f"{OFFERS}{path}", headers=out, **given) as answer:
        shown = await answer.json(content_type=None)
        assert answer.status != 200 or "version" not in shown or answer.headers["ETag"] == f'"{shown["version"]}"'
        return answer.status, shown


async def kept(suite: Suite, code: str, grant: Mapping[str, Any] = MANAGER_A) -> Any:
    """A programme as it is kept, in the form in which it is written."""
    status, shown = await ask(suite, f"/catalogue/{code}", grant=grant)
    assert status == 200
    return shown


async def told(suite: Suite) -> list[tuple[str, str, str | None]]:
    """The events of programmes: of which, what, by whom."""
    await suite.settle()
    rows = await suite.service("offers").service.ports.store.find("journal", {})
    events = [Envelope.decode(row["body"].encode()) for row in rows]
    return [(each.subject, each.type.split(".")[2], each.actor) for each in events if ".programme." in each.type]


async def test_what_is_written_is_in_the_catalogue_and_twice_is_once(suite: Suite) -> None:
    there = await kept(suite, "A1")
    assert await ask(suite, "/programmes/A1", there["programme"], version=1) == (200, there), "nothing is different"
    wanted = there["programme"] | {"title": {"fr": "Sciences du littoral"}, "capacity": 0, "requirements": ["cv"]}
    status, shown = await ask(suite, "/programmes/A1", wanted, version=1, key="once")
    assert (status, shown["version"], shown["programme"]["capacity"]) == (200, 2, 0)
    assert await ask(suite, "/programmes/A1", wanted, version=1, key="once") == (200, shown)
    assert await ask(suite, "/programmes/A1", wanted, version=1) == (200, shown), "as it is already"
    assert await kept(suite, "A1") == shown
    async with asyncio.timeout(120):
        while (public := await get(suite, "/programmes/A1"))["title"] != "Sciences du littoral":
            await asyncio.sleep(0.02)
    assert [each["code"] for each in public["requirements"]] == ["cv"]
    assert [each for each in await told(suite) if each[2] == "staff:kim"] == [("A1", "changed", "staff:kim")]


async def test_of_two_who_write_the_second_is_told(suite: Suite) -> None:
    there = (await kept(suite, "A1"))["programme"]
    assert (await ask(suite, "/programmes/A1", there | {"capacity": 10}, version=1))[0] == 200
    status, problem = await ask(suite, "/programmes/A1", there | {"capacity": 12}, version=1)
    assert (status, problem["slug"]) == (412, "stale-version")
    assert (await ask(suite, "/programmes/A1", there | {"capacity": 12}, version=0))[0] == 412, "it is there already"
    assert (await ask(suite, "/programmes/A9", there, version=1))[0] == 404, "there is none that it could stand on"
    assert (await kept(suite, "A1"))["programme"]["capacity"] == 10


async def test_groups_of_the_waiting_list_are_kept_told_and_stay_where_nobody_speaks_of_them(suite: Suite) -> None:
    """ADR 114: a writer who does not know them changes nothing of them."""
    there = (await kept(suite, "A1"))["programme"]
    assert (there["groups"], there["passes_on"]) == ([], False)
    groups = [
        {"code": "B", "label": {"fr": "Boursiers", "en": "Scholarship holders"}, "places": 0},
        {"code": "A", "label": {"fr": "Autres"}, "places": None},
    ]
    status, shown = await ask(suite, "/programmes/A1", there | {"groups": groups, "passes_on": True}, version=1)
    assert status == 200, shown
    silent = {name: value for name, value in there.items() if name not in ("groups", "passes_on")} | {"capacity": 7}
    assert (await ask(suite, "/programmes/A1", silent, version=2))[0] == 200
    now = (await kept(suite, "A1"))["programme"]
    assert [(each["code"], each["label"]["fr"], each["places"]) for each in now["groups"]] == [
        ("B", "Boursiers", 0),
        ("A", "Autres", None),
    ]
    assert (now["capacity"], now["passes_on"]) == (7, True)
    await suite.settle()
    rows = await suite.service("offers").service.ports.store.find("journal", {})
    said = [Envelope.decode(row["body"].encode()).data["programme"] for row in rows if ".programme." in row["body"]]
    last = max((each for each in said if each["code"] == "A1"), key=lambda each: int(each["version"]))
    assert (last["groups"][0], last["passes_on"]) == (
        {"code": "B", "label": {"fr": "Boursiers", "en": "Scholarship holders"}, "places": 0},
        True,
    )
    wrong = there | {"groups": [*groups, groups[0]], "passes_on": True}
    status, problem = await ask(suite, "/programmes/A1", wrong)
    assert (status, {(each["field"], each["slug"]) for each in problem["fields"]}) == (422, {("groups", "twice")})
    parted = {"code": "C", "label": {"fr": "Licence ; autre université"}, "places": None}
    status, problem = await ask(suite, "/programmes/A1", there | {"groups": [parted]})
    faults = {(each["field"], each["slug"]) for each in problem["fields"]}
    assert (status, faults) == (422, {("groups.C.label", "not-a-group")}), "in its line it would be two names"
    assert (await ask(suite, "/programmes/A1", there | {"groups": [], "passes_on": False}))[0] == 200


async def test_all_that_is_wrong_is_named(suite: Suite) -> None:
    there = (await kept(suite, "A1"))["programme"]
    wrong = there | {
        "title": {"fr": " "},
        "capacity": -1,
        "diploma": "NONE",
        "commission": "NONE",
        "requirements": ["cv", "NONE"],
        "dates": there["dates"] | {"closes_on": "2027-01-31", "answer_deadline": "2027-06-01"},
        "contact": there["contact"] | {"email": "nobody"},
    }
    status, problem = await ask(suite, "/programmes/A1", wrong)
    assert status == 422
    assert {(each["field"], each["slug"]) for each in problem["fields"]} == {
        ("title.fr", "required"),
        ("capacity", "out-of-range"),
        ("diploma", "unknown-code"),
        ("commission", "unknown-code"),
        ("requirements", "unknown-code"),
        ("dates.closes_on", "before-another-day"),
        ("dates.answer_deadline", "deadline-or-delay"),
        ("contact.email", "not-an-email"),
    }
    assert (await kept(suite, "A1"))["version"] == 1


async def test_a_programme_is_made_withdrawn_and_put_back(suite: Suite) -> None:
    there = (await kept(suite, "A1"))["programme"]
    assert (await ask(suite, "/programmes/A2", there | {"published": False}, version=0))[0] == 200
    assert (await ask(suite, "/programmes/A2", there | {"published": False, "capacity": 3}, version=1))[0] == 200
    assert (await ask(suite, "/programmes/A2", there | {"capacity": 3}, version=2))[1]["version"] == 3
    await catalogue_holds(suite, ["A1", "A2", "B1"])
    assert (await ask(suite, "/programmes/A1", there | {"published": False}, version=1))[0] == 200
    await catalogue_holds(suite, ["A2", "B1"])
    _, found = await ask(suite, "/catalogue?state=withdrawn")
    assert [(each["code"], each["state"]) for each in found["items"]] == [("A1", "withdrawn")]
    _, found = await ask(suite, "/catalogue?q=MARINE&limit=1")
    assert ([each["code"] for each in found["items"]], found["next"], found["total"]) == (["A1"], "A1", 2)
    _, found = await ask(suite, "/catalogue?limit=1&after=A1")
    assert ([each["code"] for each in found["items"]], found["next"]) == (["A2"], None)
    by_code: dict[str, list[str]] = {}
    for code, what, _ in await told(suite):
        by_code.setdefault(code, []).append(what)
    assert by_code["A1"] == ["published", "withdrawn"]
    assert by_code["A2"] == ["withdrawn", "withdrawn", "published"]


async def test_nobody_reaches_beyond_their_rights(suite: Suite) -> None:
    """Acceptance 92."""
    there = (await kept(suite, "B1", ADMIN))["programme"]
    for path, body in (("/catalogue/B1", None), ("/programmes/B1", there)):
        assert (await ask(suite, path, body))[0] == 404
    foreign = await ask(suite, "/programmes/A3", there)
    assert (foreign[0], foreign[1]["fields"][0]["field"]) == (422, "centre")
    boarded = {"role": "manager", "commissions": ["JURY"]}
    own = (await kept(suite, "A1", boarded))["programme"]
    foreign = await ask(suite, "/programmes/A1", own | {"commission": None}, grant=boarded)
    assert (foreign[0], foreign[1]["fields"][0]["field"]) == (422, "commission")
    _, found = await ask(suite, "/catalogue")
    assert [each["code"] for each in found["items"]] == ["A1"]
    _, choices = await ask(suite, "/choices")
    assert [each["code"] for each in choices["centres"]] == ["A"]
    assert "cv" in [each["code"] for each in choices["requirements"]]
    for role in Role:
        expected = 200 if role in (Role.ADMIN, Role.REGISTRAR, Role.MANAGER) else 403
        for path, body in (
            ("/catalogue", None),
            ("/catalogue/B1", None),
            ("/choices", None),
            ("/programmes/B1", there),
        ):
            assert (await ask(suite, path, body, grant={"role": role.value}))[0] == expected, (role, path)
