"""PUT `/centres`, `/commissions` and `/requirements`: programmes follow, within rights, never over another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.events.aggregates import Decision
from services.chassis.testing import Suite, run_suite
from services.contracts.actors import Role
from services.offers.domain.kept import Asked, Centre, Commission, KeptPart
from services.offers.domain.programmes import Requirement, Unit
from services.offers.domain.text import Text
from services.offers.repository.kept import id_of
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import current_campaign
from services.offers.usecases.kept import follow_due
from services.offers.usecases.programmes import publish_programme
from services.offers.wiring import use_cases
from tests.service.offers.asking import get
from tests.service.offers.conftest import NOON, command
from tests.service.offers.test_programme_edits import ADMIN, ask, catalogue_holds, told
from tests.unit.offers.examples import content

CV = {"label": {"fr": "CV", "en": "Résumé"}, "common": True, "max_bytes": 5 * 2**20, "media_types": ["application/pdf"]}


@pytest.fixture
async def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Suite]:
    """Two programmes of centre A, one of them with a contact of its own, and one of centre B."""
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as running:
        app = use_cases(running.service("offers").service.ports)
        campaign = await current_campaign(app, command())
        for code, centre, board in (("A1", "A", "JURY"), ("A2", "A", None), ("B1", "B", None)):
            described = content(
                campaign=campaign.code,
                centre=Unit(centre, Text(f"Centre {centre}")),
                commission=Unit(board, Text(board)) if board else None,
                requirements=tuple(
                    Requirement(each, Text(each)) for each in (("cv", "own") if code == "A1" else ("cv",))
                ),
            )
            await publish_programme(app, code, described, command())
        await catalogue_holds(running, ["A1", "A2", "B1"])
        yield running


async def public(suite: Suite, code: str, version: int) -> Any:
    """A programme as anybody sees it, once it has this version."""
    async with asyncio.timeout(120):
        while (shown := await get(suite, f"/programmes/{code}"))["version"] != version:
            await asyncio.sleep(0.02)
    return shown


async def test_programmes_follow_their_centre_and_twice_is_once(suite: Suite) -> None:
    status, there = await ask(suite, "/centres/A")
    assert (status, there["version"], there["programmes"]) == (200, 0, 2)
    assert there["centre"]["contact"]["email"] == "scolarite@univ.example"
    contact = there["centre"]["contact"] | {"email": "bureau@univ.example"}
    wanted = {"label": {"fr": "UFR Lettres", "en": "Arts"}, "contact": contact, "dates": {"opens_on": "2027-02-01"}}
    status, shown = await ask(suite, "/centres/A", wanted, version=0, key="once")
    assert (status, shown["version"], shown["programmes"]) == (200, 1, 2)
    assert (shown["centre"]["label"], shown["centre"]["dates"]["opens_on"]) == (wanted["label"], "2027-02-01")
    assert await ask(suite, "/centres/A", wanted, version=0, key="once") == (200, shown)
    assert await ask(suite, "/centres/A", wanted, version=0) == (200, shown), "as it is already"
    one = await public(suite, "A1", 2)
    assert (one["centre"]["label"], one["contact"]["email"]) == ("UFR Lettres", "bureau@univ.example")
    assert (await public(suite, "B1", 1))["centre"]["label"] == "Centre B"
    changed = [each for each in await told(suite) if each[2] == "staff:kim"]
    assert sorted(changed) == [("A1", "changed", "staff:kim"), ("A2", "changed", "staff:kim")]
    programme = (await ask(suite, "/catalogue/A1"))[1]["programme"]
    status, fresh = await ask(suite, "/programmes/A3", programme | {"contact": {}}, version=0)
    assert (status, fresh["programme"]["contact"]) == (200, contact), "who has no contact names the centre's"


async def test_of_two_who_write_the_second_is_told(suite: Suite) -> None:
    board = {"label": {"fr": "Jury"}, "centre": "A"}
    assert (await ask(suite, "/commissions/JURY", board, version=1))[0] == 412
    assert (await ask(suite, "/commissions/JURY", board, version=0))[0] == 200
    status, problem = await ask(suite, "/commissions/JURY", board | {"label": {"fr": "Le jury"}}, version=0)
    assert (status, problem["slug"], problem["version"]) == (412, "stale-version", 1)
    assert (await ask(suite, "/commissions/NONE", board, version=1))[0] == 404, "there is none that it could stand on"
    assert (await public(suite, "A1", 2))["commission"] == {"code": "JURY", "label": "Jury"}


async def test_a_requirement_reaches_who_asks_for_it_and_can_be_asked_for_at_once(suite: Suite) -> None:
    """Acceptance 121 as far as the length of its label is concerned, at the limit and one past it."""
    status, shown = await ask(suite, "/requirements/cv", CV, grant=ADMIN, version=0)
    assert (status, shown["version"], shown["programmes"], shown["requirement"]["common"]) == (200, 1, 3, True)
    asked = (await public(suite, "B1", 2))["requirements"][0]
    assert (asked["label"], asked["max_bytes"], asked["media_types"]) == ("CV", 5 * 2**20, ["application/pdf"])
    own = {"label": {"fr": "Lettre"}, "centre": "A", "conditional": True}
    assert (await ask(suite, "/requirements/lettre", own, version=0))[1]["programmes"] == 0
    programme = (await ask(suite, "/catalogue/A1"))[1]["programme"]
    wanted = programme | {"requirements": ["lettre", "own", "cv"]}
    assert (await ask(suite, "/programmes/A1", wanted, version=2))[0] == 200
    assert [each["conditional"] for each in (await public(suite, "A1", 3))["requirements"]] == [True, False, False]
    _, found = await ask(suite, "/requirements?limit=1")
    assert ([each["code"] for each in found["items"]], found["next"], found["total"]) == (["lettre"], "lettre", 2)
    _, found = await ask(suite, "/requirements?limit=1&after=lettre")
    assert ([(each["code"], each["version"]) for each in found["items"]], found["next"]) == ([("own", 0)], None)
    _, choices = await ask(suite, "/choices")
    assert "lettre" in [each["code"] for each in choices["requirements"]]
    for length, expected in ((501, 422), (500, 200)):
        long = own | {"label": {"fr": "é" * length}}
        assert (await ask(suite, "/requirements/longue", long, version=0))[0] == expected


async def test_all_that_is_wrong_is_named(suite: Suite) -> None:
    wrong = {"label": {"fr": " "}, "centre": "NONE", "conditional": True, "optional": True, "max_bytes": 0}
    status, problem = await ask(suite, "/requirements/cv", wrong, grant=ADMIN)
    assert (status, {(each["field"], each["slug"]) for each in problem["fields"]}) == (
        422,
        {
            ("centre", "unknown-code"),
            ("label.fr", "required"),
            ("optional", "conditional-or-optional"),
            ("max_bytes", "out-of-range"),
            ("centre", "named-elsewhere"),
        },
    )
    status, problem = await ask(suite, "/requirements/cv", wrong | {"centre": "A"}, grant=ADMIN)
    assert (status, {(each["field"], each["slug"]) for each in problem["fields"]}) == (
        422,
        {
            ("label.fr", "required"),
            ("optional", "conditional-or-optional"),
            ("max_bytes", "out-of-range"),
            ("centre", "named-elsewhere"),
        },
    )
    for path in ("/centres/A", "/commissions/JURY", "/requirements/cv"):
        status, problem = await ask(suite, path, {"label": {"fr": "A"}, "colour": "blue"}, grant=ADMIN)
        assert (status, problem["fields"][0]["field"], problem["fields"][0]["slug"]) == (422, "", "unknown-field")
    assert (await ask(suite, "/requirements/cv", grant=ADMIN))[1]["version"] == 0


async def test_nobody_reaches_beyond_their_rights(suite: Suite) -> None:
    """Acceptance 92."""
    label = {"label": {"fr": "Autre"}}
    for path in ("/centres/B", "/requirements/cv"):
        assert (await ask(suite, path))[0] == 404
        assert (await ask(suite, path, label))[0] == 404
    assert (await ask(suite, "/centres/C", label))[0] == 404, "a centre comes into being by an administrator"
    for centre in ("B", None):
        status, problem = await ask(suite, "/commissions/NEW", label | {"centre": centre})
        assert (status, problem["fields"][0]["slug"]) == (422, "unknown-code")
    boarded = {"role": "manager", "commissions": ["JURY"]}
    assert (await ask(suite, "/commissions/JURY", label | {"centre": "A"}, grant=boarded))[0] == 200
    assert (await ask(suite, "/centres/A", label, grant=boarded))[0] == 404
    assert [each["code"] for each in (await ask(suite, "/centres"))[1]["items"]] == ["A"]
    for role in Role:
        expected = 200 if role in (Role.ADMIN, Role.REGISTRAR, Role.MANAGER) else 403
        for path, body in (("/centres", None), ("/centres/C", label), ("/requirements/cv", None)):
            assert (await ask(suite, path, body, grant={"role": role.value}))[0] == expected, (role, path)


async def test_who_was_interrupted_is_followed_all_the_same(app: App) -> None:
    campaign = await current_campaign(app, command())
    old, new = Unit("A", Text("Old")), Unit("A", Text("New"))
    for code in ("A1", "A2"):
        await publish_programme(app, code, content(campaign=campaign.code, centre=old), command())
    await publish_programme(app, "LAST", content(campaign="1999", centre=old), command())
    kept = KeptPart("centre", "A", 1, Centre(new), Centre(old))
    await app.kept.add(id_of("centre", "A"), Decision(kept), command())
    assert await follow_due(app, command()) == 1
    assert await follow_due(app, command()) == 0
    labels = {each.code: each.content.centre.label.fr async for each in app.programmes.every()}
    assert labels == {"A1": "New", "A2": "New", "LAST": "Old"}
    saved = await app.kept.one("centre", "A")
    assert saved is not None and saved.state == replace(kept, before=None)


async def test_everything_that_is_kept_is_read_as_it_was_written(app: App) -> None:
    for kept in (
        KeptPart("commission", "J", 2, Commission(Unit("J", Text("J", "Jury")), "A"), Commission(Unit("J", Text("J")))),
        KeptPart("requirement", "cv", 1, Asked(Requirement("cv", Text("CV"), optional=True), None)),
    ):
        await app.kept.add(id_of(kept.kind, kept.code), Decision(kept), command())
        saved = await app.kept.one(kept.kind, kept.code)
        assert saved is not None and saved.state == kept
