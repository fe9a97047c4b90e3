"""Admissions under conditions over HTTP: entered, seen once they count, followed one by one, told (issue 11)."""

from __future__ import annotations

from typing import Any

import pytest

from services.applications.usecases import conditions
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_decisions import answer, complete, entered, validate
from tests.service.applications.test_review import Staff

DEGREE = {"text": "Obtenir la licence", "until": "2027-09-30"}
OWN = ["B2 | Niveau B2 en français | Level B2 in French", "VIEUX | Ancienne |  | inactive"]


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def by_the_clock(peers: PeerServices) -> None:
    """All that the timers do now, tried twice as two processes might."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    async with app.parameters.known():
        for rows, does in ((conditions.untold, conditions.gather), (conditions.due, conditions.remind)):
            for row in [row async for row in rows(app, command)]:
                for _ in range(2):
                    await does(app, row, command)


async def mark(staff: Staff, id: str, number: int, state: str, headers: Any = None, **body: Any) -> Reply:
    given = {"state": state, **body}
    return await staff.ask("POST", f"/{id}/conditions/{number}", json=given, headers=headers or {})


async def test_conditions_are_seen_with_the_decision_followed_and_told(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Issue 11, section 1; acceptance 46: before the decision counts nothing of them is to be seen."""
    await hear(peers.suite, {"applications.conditions": OWN})
    offered = (await kim.ask("GET", "/decision-types")).body["conditions"]
    assert offered == [{"code": "B2", "label": "Niveau B2 en français"}]
    id = await complete(zoe, kim)
    before = await zoe.get(id)
    refused = await kim.ask("POST", f"/{id}/decision", json={"kind": "favourable", "conditions": [{"code": "VIEUX"}]})
    assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [
        ("conditions.0.code", "unknown-condition")
    ]
    decision = await entered(kim, id, conditions=[DEGREE, {"code": "B2"}])
    assert await entered(kim, id, conditions=[DEGREE, {"code": "B2"}]) == decision, "the same again"
    assert await zoe.get(id) == before
    assert (await kim.ask("GET", f"/{id}")).body["entered_decision"]["conditions"][1]["code"] == "B2"
    assert (await validate(kim, id, decision)).body["conditions"] == "open"
    seen = (await zoe.get(id))["decided"]
    assert [(each["number"], each["label"], each["until"], each["state"]) for each in seen["conditions"]] == [
        (1, "Obtenir la licence", "2027-09-30", "open"),
        (2, "Niveau B2 en français", None, "open"),
    ]
    assert seen["final"] is False
    (told,) = await peers.told("decided")
    assert told["conditional"] is True
    assert "licence" not in str(told), "the public feed repeats no text"
    assert (await answer(zoe, id, "accept")).status == 200

    tag = (await kim.ask("GET", f"/{id}")).headers["ETag"]
    met = await mark(kim, id, 1, "met", {"If-Match": tag}, decision=decision, on="2027-01-10")
    assert met.status == 200, met.body
    assert [(each["state"], each["marked_by"]) for each in met.body["decision"]["conditions"]] == [
        ("met", "staff:kim"),
        ("open", None),
    ]
    stale = await mark(kim, id, 2, "met", {"If-Match": tag}, decision=decision)
    assert (stale.status, stale.slug) == (412, "stale-version")
    again = await mark(kim, id, 1, "met", decision=decision, on="2027-01-10")
    assert again.body["version"] == met.body["version"], "the same again"
    assert (await mark(kim, id, 3, "met", decision=decision)).status == 404
    assert (await mark(kim, id, 2, "met", decision="other")).slug == "decision-changed"
    assert (await mark(kim, id, 2, "not_met", decision=decision)).body["fields"][0]["field"] == "reason"
    failed = await mark(kim, id, 2, "not_met", decision=decision, reason="Niveau B1")
    assert failed.body["conditions"] == "not_met"
    shown = await zoe.get(id)
    assert [each["reason"] for each in shown["decided"]["conditions"]] == [None, "Niveau B1"]
    assert (shown["answer"], shown["letter"]) == ("accept", "admission"), "nothing else changes by itself"
    await by_the_clock(peers)
    assert await peers.told("conditions_told") == []
    clock.advance(minutes=60)
    await by_the_clock(peers)
    assert (await mark(kim, id, 2, "met", decision=decision)).status == 200
    clock.advance(minutes=60)
    await by_the_clock(peers)
    last = await zoe.get(id)
    assert last["decided"]["final"] is True
