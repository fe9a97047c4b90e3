"""The history of an application says who has acted, and in whose place (acceptance 94)."""

from __future__ import annotations

import json
from typing import Any

from services.applications.domain.model import Milestone
from services.applications.repository.applications import ApplicationRepository
from services.chassis.context import Actor
from services.chassis.events.outbox import Outbox
from services.contracts.actors import Acting
from tests.service.applications.candidate import Candidate, PeerServices

ZOE = Acting("account:zoe")
KIM_FOR_ZOE = Acting("staff:kim", on_behalf_of="account:zoe")


async def history(peers: PeerServices, id: str) -> tuple[Milestone, ...]:
    repository = ApplicationRepository(peers.suite.service("applications").service.ports.store, Outbox())
    saved = await repository.of(Actor("zoe"), id)
    assert saved is not None
    return saved.state.history


async def test_each_milestone_names_who_has_acted(peers: PeerServices, zoe: Candidate) -> None:
    id = await zoe.ready()
    assert (await zoe.submit(id)).status == 200
    assert [(past.state.value, past.by) for past in await history(peers, id)] == [("draft", ZOE), ("submitted", ZOE)]


async def test_a_deputy_stands_in_the_history_with_the_person_in_whose_place_they_acted(
    peers: PeerServices, zoe: Candidate
) -> None:
    id = await zoe.opened()
    kim = peers.suite.bearer("zoe", act={"sub": "kim", "sid": "session-kim"})
    assert (await zoe.ask("POST", f"/applications/{id}/cancellation", headers=kim)).status == 200
    past = [(past.at, past.state.value, past.by) for past in await history(peers, id)]
    now = peers.clock.now()
    assert past == [(now, "draft", ZOE), (now, "cancelled", KIM_FOR_ZOE)]
    assert "kim" not in json.dumps(await zoe.get(id)), "who of staff has acted is for staff (acceptance 46)"


async def test_a_milestone_that_0_1_0_adds_to_a_document_of_this_release_is_the_candidates(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 112: it knows of no actor, and nobody but the candidate could do anything there."""
    headers = peers.suite.bearer("zoe", act={"sub": "kim", "sid": "session-kim"})
    id = (await zoe.ask("POST", "/applications", json={"programme": "M1-MER"}, headers=headers)).body["id"]
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("applications", id)
    assert row is not None
    assert [len(milestone) for milestone in row["history"]] == [2], "0.1.0 reads two members"
    older: dict[str, Any] = row | {"version": row["version"] + 1, "state": "cancelled"}
    older["history"] = [*row["history"], [row["history"][0][0], "cancelled"]]
    assert await store.replace("applications", older, version=row["version"])
    assert [past.by for past in await history(peers, id)] == [KIM_FOR_ZOE, ZOE]
