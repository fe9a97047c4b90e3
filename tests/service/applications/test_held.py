"""What the registrar holds of somebody counts in their files, from when it is told (acceptance 26; ADR 93)."""

from __future__ import annotations

from typing import Any

import pytest

from services.applications.views.receipts import verify_receipt
from services.chassis.clock import FixedClock
from services.contracts.events.accounts import HeldDocumentPart
from tests.service.applications.candidate import Candidate, PeerServices, piece
from tests.service.applications.test_audit import trail
from tests.service.applications.test_receipts import check, standing
from tests.service.applications.test_review import Staff

MARKS = {"code": "RNBAC", "label": "Relevé de notes", "on": "2022-07-05", "expires_on": "2027-02-01"}
HELD = {"label": "Relevé de notes", "on": "2022-07-05", "expires_on": "2027-02-01", "document": None}
WITHOUT_DOCUMENT: dict[str, Any] = {"state": "validated", "document": None, "registrar": HELD}


@pytest.fixture
async def programme(peers: PeerServices) -> None:
    await peers.publish_programme(requirements=[piece("bac", conditional=True) | {"registrar_code": "RNBAC"}])


async def tell(peers: PeerServices, account: str, version: int, *documents: dict[str, str]) -> Candidate:
    held = [HeldDocumentPart.model_validate(each) for each in documents]
    return await peers.candidate(account, version=version, held=held or None)


async def shown(candidate: Candidate, id: str) -> dict[str, Any]:
    (there,) = (await candidate.get(id))["pieces"]
    return {name: there.get(name) for name in ("state", "document", "registrar")}


@pytest.mark.usefixtures("programme")
async def test_who_opens_an_application_need_not_give_what_is_held_and_nobody_changes_it(peers: PeerServices) -> None:
    """Acceptance 26: the refusal says whom to write to."""
    zoe = await tell(peers, "zoe", 1, MARKS)
    id = await zoe.opened()
    assert await shown(zoe, id) == WITHOUT_DOCUMENT
    assert (await zoe.get(id))["can_submit"] is True
    path = f"/applications/{id}/pieces/bac"
    for reply in (
        await zoe.deposit(id, "bac"),
        await zoe.ask("DELETE", path),
        await zoe.ask("PUT", f"{path}/not-applicable"),
        await zoe.ask("DELETE", f"{path}/not-applicable"),
        await zoe.ask("PUT", f"{path}/reuse"),
    ):
        assert (reply.status, reply.slug) == (403, "managed-by-registrar") and reply.body["contact"]
    assert (await zoe.submit(id)).status == 200
    kim = Staff(peers)
    refused = await kim.judge(id, "bac", "refused")
    assert (refused.status, refused.slug) == (403, "managed-by-registrar") and refused.body["contact"]
    (seen,) = (await kim.ask("GET", f"/{id}")).body["pieces"]
    assert (seen["state"], seen["registrar"], seen.get("judged_at")) == ("validated", HELD, None)
    assert (await peers.told("submitted"))[0]["pieces"] == []
    record = (await zoe.ask("GET", f"/applications/{id}/receipt")).body
    assert record["held"] == {"bac": {**HELD, "expires_on": None}} and record["pieces"] == []
    last = next(each.submission for each in reversed(await standing(peers)) if each.submission is not None)
    status, checked = await check(peers, last.id)
    assert (status, checked["pieces"], checked["held"]) == (200, 0, [{**HELD, "expires_on": None}]), (
        "who is shown it, too"
    )
    async with peers.suite.client.get("/api/applications/jwks.json") as answer:
        proved = verify_receipt(record["receipt"], await answer.json())
    assert [each.model_dump() for each in proved.held or ()] == [
        {"piece": "bac", "label": "Relevé de notes", "of_day": "2022-07-05"}
    ]


@pytest.mark.usefixtures("programme")
async def test_news_reach_drafts_of_this_person_alone_and_what_was_given_comes_back_when_they_are_taken_back(
    peers: PeerServices,
) -> None:
    zoe, ali = await tell(peers, "zoe", 1), await tell(peers, "ali", 1)
    id, other = await zoe.opened(), await ali.opened()
    given = (await zoe.deposit(id, "bac")).body["pieces"][0]["document"]
    await tell(peers, "zoe", 2, MARKS)
    assert await shown(zoe, id) == WITHOUT_DOCUMENT | {"document": given}
    assert await shown(ali, other) == {"state": "awaiting", "document": None, "registrar": None}
    before = (await zoe.get(id))["version"]
    await tell(peers, "zoe", 3, MARKS)
    assert (await zoe.get(id))["version"] == before
    await tell(peers, "zoe", 4)
    assert await shown(zoe, id) == {"state": "deposited", "document": given, "registrar": None}
    assert [(each["piece"], each["held"]) for each in await peers.told("piece_held")] == [("bac", True), ("bac", False)]
    entries = [(each["action"], each["actor"]) for each in await trail(Staff(peers), id)]
    by_service = "service:applications"
    assert entries == [
        *(("open", "account:zoe"), ("deposit", "account:zoe")),
        *(("hold", by_service), ("release", by_service)),
    ]


@pytest.mark.usefixtures("programme")
async def test_what_has_expired_is_to_be_given_from_the_day_after_unless_it_was_handed_over(
    peers: PeerServices, clock: FixedClock
) -> None:
    zoe = await tell(peers, "zoe", 1, MARKS)
    ali = await tell(peers, "ali", 1, MARKS)
    id, handed_over = await zoe.opened(), await ali.opened()
    assert (await ali.submit(handed_over)).status == 200
    clock.advance(days=1)
    assert await shown(zoe, id) == {"state": "awaiting", "document": None, "registrar": None}
    late = await zoe.submit(id)
    assert (late.status, late.slug) == (409, "not-ready")
    assert [block["code"] for block in late.body["blocking"]] == ["bac"]
    reply = await zoe.deposit(id, "bac")
    assert reply.status == 200 and reply.body["pieces"][0]["state"] == "deposited"
    await tell(peers, "ali", 2)
    assert await shown(ali, handed_over) == WITHOUT_DOCUMENT


@pytest.mark.usefixtures("programme")
async def test_news_heard_while_staff_had_a_file_are_in_it_when_it_is_given_back(peers: PeerServices) -> None:
    zoe, kim = await tell(peers, "zoe", 1), Staff(peers)
    id = await zoe.opened()
    await zoe.deposit(id, "bac")
    assert (await zoe.submit(id)).status == 200
    assert (await kim.judge(id, "bac", "refused", comment="Illisible")).status == 200
    await tell(peers, "zoe", 2, MARKS)
    assert (await shown(zoe, id))["state"] == "refused"
    assert (await kim.mark(id, "incomplete")).status == 200
    there = await shown(zoe, id)
    assert (there["state"], there["registrar"], (await zoe.get(id))["can_submit"]) == ("validated", HELD, True)
    assert (await peers.told("marked_incomplete"))[-1]["refused"] == []
    assert (await trail(kim, id))[-1]["action"] == "mark_incomplete"
    # It is withdrawn while staff have taken the file back: nothing of it is there any more.
    assert (await kim.mark(id, "submitted")).status == 200
    await tell(peers, "zoe", 3)
    assert (await kim.mark(id, "incomplete")).status == 200
    assert ((await shown(zoe, id))["state"], (await shown(zoe, id))["registrar"]) == ("refused", None)


async def test_what_has_expired_can_be_taken_over_from_another_file(peers: PeerServices, clock: FixedClock) -> None:
    common = piece("bac", common=True)
    await peers.publish_programme(requirements=[common | {"registrar_code": "RNBAC"}])
    await peers.publish_programme("M1-B", requirements=[common])
    zoe = await tell(peers, "zoe", 1, MARKS)
    assert (await zoe.deposit(await zoe.opened("M1-B"), "bac")).status == 200
    id = await zoe.opened()
    assert (await zoe.get(id))["pieces"][0]["reusable"] is False
    clock.advance(days=1)
    assert (await zoe.get(id))["pieces"][0]["reusable"] is True


async def test_a_file_that_cannot_be_read_keeps_news_from_no_other(peers: PeerServices) -> None:
    for code in ("M1-A", "M1-B", "M1-C"):
        await peers.publish_programme(code, requirements=[piece("bac") | {"registrar_code": "RNBAC"}])
    zoe = await tell(peers, "zoe", 1)
    first, broken, last = [await zoe.opened(code) for code in ("M1-A", "M1-B", "M1-C")]
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("applications", broken)
    assert row is not None
    assert await store.replace(
        "applications", row | {"state": "of no release", "version": row["version"] + 1}, version=row["version"]
    )
    await tell(peers, "zoe", 2, MARKS)
    for id in (first, last):
        assert await shown(zoe, id) == WITHOUT_DOCUMENT
