"""Staff fill in a candidate's file in their place: by the candidate's rules, and never unseen (acceptance 47, 94)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.applications.usecases import in_place
from services.applications.wiring import use_cases
from services.chassis.context import CommandContext, acting_service
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_review import Staff

WHY = "Formulaire signé au guichet"


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def deposit(staff: Staff, whose: Candidate, id: str, code: str, document: str = "doc-1", **body: Any) -> Reply:
    headers = {"Idempotency-Key": key} if (key := body.pop("key", None)) else {}
    given = {"receipt": whose.receipt(document), "reason": WHY, **body}
    return await staff.ask("PUT", f"/{id}/on-behalf/pieces/{code}", json=given, headers=headers)


async def acts(candidate: Candidate, id: str) -> list[tuple[str, str]]:
    return [(act["action"], act["what"]) for act in (await candidate.get(id))["acts"]]


async def by_the_clock(peers: PeerServices) -> None:
    """All that the timer does now, tried twice as two processes might."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    for row in [row async for row in in_place.untold(app, command)]:
        for _ in range(2):
            await in_place.tell(app, row, command)


async def test_a_manager_deposits_what_somebody_has_brought(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 94: the trail says who, on whose behalf and why; the candidate what and why, and not who."""
    id = await zoe.opened()
    first = await deposit(kim, zoe, id, "cv", key="k")
    assert first.status == 200, first.body
    again = await deposit(kim, zoe, id, "cv", key="k")
    assert (again.status, again.body["version"]) == (200, first.body["version"])
    shown = await zoe.get(id)
    assert [piece["state"] for piece in shown["pieces"]] == ["deposited", "awaiting", "awaiting"]
    (act,) = shown["acts"]
    assert (act["action"], act["what"], act["label"], act["reason"]) == ("deposit", "cv", "Pièce cv", WHY)
    assert "kim" not in json.dumps(shown)
    entry = (await kim.ask("GET", f"/{id}/audit")).body["items"][-1]
    assert (entry["action"], entry["actor"], entry["on_behalf_of"]) == ("deposit", "staff:kim", "account:zoe")
    assert entry["after"]["reason"] == WHY
    (event,) = [each for each in await peers.events() if each["type"].endswith("piece_deposited.v1")]
    assert (event["actor"], event["onbehalfof"]) == ("staff:kim", "account:zoe")
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).status == 200, "it is the candidate's own"
