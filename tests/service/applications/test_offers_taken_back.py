"""Offers of staff that come to nothing: to the wrong person, refused after all, or stopped half way (acceptance 47)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.chassis.ports import DuplicateKey
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_behalf import kim, offered, open_for, own
from tests.service.applications.test_decisions import entered, validate
from tests.service.applications.test_review import Staff

__all__ = ["kim"]


async def decision_on(staff: Staff, id: str) -> str:
    return str((await staff.ask("GET", f"/{id}")).body["entered_decision"]["id"])


async def test_an_offer_to_the_wrong_person_is_taken_back_and_the_person_may_apply(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 40, 46, 47: nobody is told; once something was told of it the decision alone is taken away."""
    id = await offered(kim)
    decision = await decision_on(kim, id)
    assert await own(zoe) == []
    board = Staff(peers, ({"role": "commission"},), "max")
    assert (await board.ask("DELETE", f"/{id}/decision")).slug == "action-forbidden"
    assert (await kim.ask("DELETE", f"/{id}/decision?decision=other")).slug == "decision-changed"
    taken = await kim.ask("DELETE", f"/{id}/decision?decision={decision}")
    assert (taken.status, taken.body["state"], taken.body["entered"]) == (200, "cancelled", False)
    assert (await kim.ask("DELETE", f"/{id}/decision")).slug == "wrong-state"
    assert (await validate(kim, id, decision)).slug == "wrong-state"
    trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    assert sorted((each["action"], each["mail"]) for each in trail) == [
        ("delete_decision", False),
        ("enter_decision", False),
        ("offer", False),
        ("take_back_offer", False),
    ]
    assert await peers.events() == []
    assert await own(zoe) == []
    applied = await zoe.opened()
    assert (await kim.ask("GET", f"/{applied}")).body["state"] == "draft"
    await peers.publish_programme("M1-LAC")
    other = await offered(kim, "M1-LAC")
    assert (await validate(kim, other, await decision_on(kim, other))).status == 200
    await entered(kim, other, "unfavourable", reason="Complet")
    kept = await kim.ask("DELETE", f"/{other}/decision")
    assert (kept.status, kept.body["state"], kept.body["entered"]) == (200, "complete", False)


async def test_what_was_entered_for_an_offer_is_gone_when_the_offer_is_refused_after_all(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 47: another application takes the slot, and meanwhile the programme is withdrawn."""
    store = peers.suite.service("applications").service.ports.store
    insert = store.insert

    async def overtaken(collection: str, document: dict[str, Any]) -> None:
        if collection == "applications":
            await peers.withdraw_programme()
            raise DuplicateKey("slot")
        await insert(collection, document)

    setattr(store, "insert", overtaken)  # noqa: B010 - of this store alone
    try:
        refused = await open_for(kim, offer=True, key="k-1")
    finally:
        delattr(store, "insert")
    assert (refused.slug, refused.body["reason"]) == ("programme-closed", "withdrawn")
    assert await store.find("decisions", {}) == []


async def test_an_offer_that_was_stopped_half_way_shows_nobody_anything_and_is_made_when_it_is_asked_for_again(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 47: the decision is entered first, and the file appears with it or not at all."""
    store = peers.suite.service("applications").service.ports.store
    insert = store.insert

    async def stopped(collection: str, document: dict[str, Any]) -> None:
        if collection == "applications":
            raise asyncio.CancelledError
        await insert(collection, document)

    setattr(store, "insert", stopped)  # noqa: B010 - of this store alone
    try:
        with pytest.raises(Exception):  # noqa: B017, PT011 - however the line breaks
            await open_for(kim, key="k-1", offer=True)
    finally:
        delattr(store, "insert")
    assert await own(zoe) == [] == await kim.sees("complete")
    id = (await open_for(kim, key="k-1", offer=True)).body["id"]
    assert (await own(zoe), await kim.sees("complete")) == ([], [id])
    assert await entered(kim, id, "favourable") == (await kim.ask("GET", f"/{id}")).body["entered_decision"]["id"]
