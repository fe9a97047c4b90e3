"""POST `/deadlines`: in the catalogue within seconds, within the rights of who asks, once however often it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.offers.domain.programmes import Unit
from services.offers.domain.text import Text
from services.offers.usecases.campaigns import current_campaign
from services.offers.usecases.programmes import publish_programme
from services.offers.wiring import use_cases
from tests.service.offers.asking import OFFERS, get
from tests.service.offers.conftest import NOON, command
from tests.unit.offers.examples import content

DEADLINE, LATER = "2027-04-07", "2027-04-09"
MOVE = {"submission_deadline": LATER, "reason": "Panne du 7 avril"}


@pytest.fixture
async def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Suite]:
    """Three programmes, two of them at one centre; one of these has a board."""
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as running:
        app = use_cases(running.service("offers").service.ports)
        await current_campaign(app, command())
        for code, centre, board in (("A1", "A", "JURY"), ("A2", "A", None), ("B1", "B", None)):
            described = content(
                centre=Unit(centre, Text(centre)), commission=Unit(board, Text(board)) if board else None
            )
            await publish_programme(app, code, described, command())
        await deadlines_are(running, dict.fromkeys(("A1", "A2", "B1"), DEADLINE))
        yield running


async def deadlines_are(suite: Suite, expected: Mapping[str, str]) -> None:
    """Wait until the catalogue shows these days."""
    async with asyncio.timeout(120):
        while True:
            shown = {}
            for code in expected:
                async with suite.client.get(f"{OFFERS}/programmes/{code}") as answer:
                    body = await answer.json()
                    shown[code] = body["dates"]["submission_deadline"] if answer.status == 200 else None
            if shown == expected:
                return
            await asyncio.sleep(0.02)


async def ask(
    suite: Suite, body: Any = None, grant: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """Look at the moves, or move, as an administrator unless `grant` says otherwise."""
    token = suite.bearer("kim", kind="staff", grants=[{"role": "admin"} if grant is None else grant])
    method, given = ("GET", {}) if body is None else ("POST", {"json": body})
    async with suite.client.request(
        method, f"{OFFERS}/deadlines", headers={**token, **(headers or {})}, **given
    ) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_all_follow_and_a_programme_that_is_published_again_does_not_fall_back(suite: Suite) -> None:
    key = {"Idempotency-Key": "once"}
    (first, moves), again = await ask(suite, MOVE, None, key), await ask(suite, MOVE, None, key)
    assert (first, again) == (200, (200, moves))
    assert moves["version"] == 1
    assert moves["items"] == [
        MOVE
        | {
            **dict.fromkeys(("centre", "programme", "title")),
            "moved_at": "2027-02-10T12:00:00.000Z",
            "moved_by": "staff:kim",
        }
    ]
    await deadlines_are(suite, dict.fromkeys(("A1", "A2", "B1"), LATER))
    app = use_cases(suite.service("offers").service.ports)
    await publish_programme(app, "A1", content(title=Text("Autre titre")), command())
    async with asyncio.timeout(120):
        while (shown := await get(suite, "/programmes/A1"))["title"] != "Autre titre":
            await asyncio.sleep(0.02)
    assert shown["dates"]["submission_deadline"] == LATER
    assert await ask(suite) == (200, moves)


async def test_a_manager_moves_what_is_theirs_and_nothing_else_is_there(suite: Suite) -> None:
    """Acceptance 62: what lies outside is as what does not exist."""
    own_centre: Mapping[str, Any] = {"role": "manager", "centres": ["A"]}
    own_board: Mapping[str, Any] = {"role": "manager", "commissions": ["JURY"]}
    for grant, scope in (
        (own_centre, {}),
        (own_centre, {"centre": "B"}),
        (own_centre, {"programme": "B1"}),
        (own_board, {"programme": "A2"}),
        (own_board, {"centre": "A"}),
        ({"role": "admin"}, {"centre": "NONE"}),
        ({"role": "admin"}, {"programme": "NONE"}),
    ):
        status, problem = await ask(suite, {**MOVE, **scope}, grant)
        assert (status, problem["slug"]) == (404, "not-found"), (grant, scope)
    assert (await ask(suite))[1]["items"] == []
    days = dict.fromkeys(("A1", "A2", "B1"), DEADLINE)
    for grant, scope, day, reached in (
        (own_board, {"programme": "A1"}, "2027-04-08", ["A1"]),
        (own_centre, {"programme": "A2"}, "2027-04-09", ["A2"]),
        (own_centre, {"centre": "A"}, "2027-04-10", ["A1", "A2"]),
    ):
        status, moves = await ask(suite, {**MOVE, **scope, "submission_deadline": day}, grant)
        assert status == 200, moves
        named = [each["title"] for each in moves["items"] if each["programme"] is not None]
        assert named == [content().title.fr] * len(named), "by its title, not by its code alone"
        days |= dict.fromkeys(reached, day)
        await deadlines_are(suite, days)


async def test_a_move_that_is_not_possible_changes_nothing(suite: Suite) -> None:
    for body, field, slug in (
        ({"submission_deadline": "2027-02-09"}, "submission_deadline", "day-is-past"),
        ({"submission_deadline": "2028-02-11"}, "submission_deadline", "after-the-campaign"),
        ({"submission_deadline": "09/04/2027"}, "submission_deadline", "not-a-date"),
        ({"reason": " "}, "reason", "required"),
        ({"reason": "x" * 501}, "reason", "too-long"),
        ({"centre": "A", "programme": "A1"}, "programme", "centre-or-programme"),
    ):
        status, problem = await ask(suite, {**MOVE, **body})
        assert (status, problem["slug"]) == (422, "invalid-fields")
        assert [(fault["field"], fault["slug"]) for fault in problem["fields"]] == [(field, slug)]
    assert (await ask(suite))[1]["items"] == []


async def test_neither_candidates_nor_other_staff_move_anything(suite: Suite) -> None:
    async with suite.client.post(f"{OFFERS}/deadlines", json=MOVE, headers=suite.bearer("zoe")) as answer:
        assert answer.status == 403
    assert (await ask(suite, MOVE, {"role": "commission"}))[0] == 403
