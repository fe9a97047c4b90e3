"""Staff open applications in somebody's place, and offer places (acceptance 47)."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.contracts.events.accounts import AccountErased, AddressChanged
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import ApplicationsParameters, Parameters
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_decisions import seen, validate
from tests.service.applications.test_review import Staff, mailed, set_to
from tests.service.handed_over import all_mails_are_handed_over

__all__ = ["mailed"]

APRIL_16 = datetime(2027, 4, 16, 11, 0, tzinfo=UTC)
"""The day after the last one of the programme."""


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def open_for(staff: Staff, account: str = "zoe", programme: str = "M1-MER", **body: Any) -> Reply:
    headers = {"Idempotency-Key": key} if (key := body.pop("key", None)) else {}
    body = {"account": account, "programme": programme, **body}
    return await staff.ask("POST", "/applications", json=body, headers=headers)


async def offered(staff: Staff, programme: str = "M1-MER", **body: Any) -> str:
    reply = await open_for(staff, programme=programme, offer=True, **body)
    assert reply.status == 201, reply.body
    return str(reply.body["id"])


async def own(candidate: Candidate) -> list[str]:
    return [row["id"] for row in (await candidate.ask("GET", "/applications")).body["items"]]


async def test_a_manager_opens_an_application_after_the_last_day_and_gives_the_candidate_another_one(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 47, 94."""
    set_to(clock, APRIL_16)
    assert (await zoe.apply()).slug == "programme-closed"
    for day, rule in ((None, "required"), ("2027-04-15", "day-past"), ("2028-04-17", "day-too-far")):
        refused = await open_for(kim, submission_deadline=day)
        (fault,) = refused.body["fields"]
        assert (refused.status, fault["field"], fault["slug"]) == (422, "submission_deadline", rule)
    assert await own(zoe) == []
    opened = await open_for(kim, submission_deadline="2027-04-16")
    assert opened.status == 201, opened.body
    id = opened.body["id"]
    assert opened.headers["Location"] == f"/api/applications/review/{id}"
    (first,) = opened.body["history"]
    assert (first["state"], first["actor"], first["on_behalf_of"]) == ("draft", "staff:kim", "account:zoe")
    shown = await zoe.get(id)
    assert (shown["state"], shown["opened_by"], shown["submission_deadline"]) == ("draft", "university", "2027-04-16")
    assert "kim" not in json.dumps(shown)
    (entry,) = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    assert (entry["action"], entry["actor"], entry["on_behalf_of"]) == ("open", "staff:kim", "account:zoe")
    assert entry["mail"] is True
    (event,) = [each for each in await peers.events() if each["type"] == "applications.application.opened.v1"]
    assert (event["actor"], event["onbehalfof"]) == ("staff:kim", "account:zoe")
    assert (event["data"]["by"], event["data"]["submission_deadline"]) == ("staff", "2027-04-16")
    for code in ("cv", "letter"):
        assert (await zoe.deposit(id, code, f"doc-{code}")).status == 200
    assert (await zoe.ask("PUT", f"/applications/{id}/pieces/b2/not-applicable")).status == 200
    assert (await zoe.submit(id)).status == 200


async def test_before_the_first_day_the_programmes_last_day_is_the_least(
    zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 47: an earlier day takes nothing from what the programme promises."""
    clock.moment = datetime(2027, 1, 9, 11, 0, tzinfo=UTC)
    assert (await zoe.apply()).slug == "programme-closed"
    opened = await open_for(kim, submission_deadline="2027-02-01")
    assert (opened.status, opened.body["submission_deadline"]) == (201, "2027-04-15")


async def test_the_twenty_first_is_opened_by_staff_alone(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 41, 47: it counts, so that the candidate opens none in the place of one that is cancelled."""
    await hear(peers.suite, {"applications.max_active": 2})
    for number in range(5):
        await peers.publish_programme(f"P{number}")
    first = await zoe.opened("P0")
    await zoe.opened("P1")
    assert (await zoe.apply("P2")).slug == "too-many-applications"
    assert (await open_for(kim, programme="P2")).status == 201
    assert (await open_for(kim, programme="P3")).status == 201
    assert (await zoe.ask("POST", f"/applications/{first}/cancellation")).status == 200
    refused = await zoe.apply("P4")
    assert (refused.slug, refused.body["max"]) == ("too-many-applications", 2)


async def test_who_may_open_for_whom(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 47, 62, 92: beyond reach nothing is there; other functions are refused; nobody unknown, nobody erased."""
    for role in ("commission", "registrar", "support", "readonly", "admin"):
        none = Staff(peers, ({"role": role},), "max")
        assert (await open_for(none)).status == (await none.ask("GET", "/person?account=zoe")).status == 403
    assert (await zoe.ask("POST", "/review/applications", json={"account": "zoe", "programme": "M1-MER"})).status == 403
    elsewhere = Staff(peers, ({"role": "manager", "centres": ["AUTRE"]}, {"role": "commission"}), "max")
    here = Staff(peers, ({"role": "manager", "centres": ["SEE"]},), "lou")
    for reply in (
        await open_for(elsewhere),
        await open_for(here, programme="M1-AIR"),
        await open_for(here, account="nobody"),
        await open_for(here, file_number="ZZ99ZZ99"),
        await here.ask("GET", "/person?file_number=ZZ99ZZ99"),
        await here.ask("GET", "/person?file_number=what"),
    ):
        assert (reply.status, reply.slug) == (404, "not-found")
    neither = await here.ask("GET", "/person")
    assert (neither.status, neither.body["fields"][0]["slug"]) == (422, "required")
    gone = await peers.candidate("gone", file_number="GN12CD34")
    await peers.suite.publish(AccountErased(account="gone", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert (await open_for(here, account=gone.account)).status == 404
    assert (await here.ask("GET", "/person?file_number=GN12CD34")).status == 404
    assert await own(zoe) == []


async def test_whom_a_file_number_means_is_told_before(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Case, hyphens and misread letters are forgiven; whose profile lacks a step has nothing opened (acceptance 23)."""
    await peers.candidate("ann", file_number="AN10CD34", missing=["address", "baccalaureate"])
    told = await kim.ask("GET", "/person", params={"file_number": "anio-cd34"})
    assert told.body == {
        "account": "ann",
        "file_number": "AN10CD34",
        "campaign": "2027",
        "family_name": "Müller-L’Hôte",
        "given_name": "Zoé",
        "missing": ["address", "baccalaureate"],
    }
    body = {"file_number": "an10cd34", "programme": "M1-MER"}
    refused = await kim.ask("POST", "/applications", json=body)
    assert (refused.status, refused.slug) == (409, "profile-incomplete")
    assert refused.body["missing"] == ["address", "baccalaureate"]
    both = await open_for(kim, file_number="AN10CD34")
    assert (both.status, both.slug) == (404, "not-found")
    body = {"file_number": "ab12cd34", "programme": "M1-MER"}
    assert (await kim.ask("POST", "/applications", json=body)).body["account"] == "zoe"


@pytest.mark.parametrize(
    ("part", "reason"),
    [({"campaign": "2026"}, "other-campaign"), ({"offered": False}, "not-offered"), (None, "withdrawn")],
)
async def test_what_takes_nobody_takes_nobody_from_staff_either(
    peers: PeerServices, zoe: Candidate, kim: Staff, part: dict[str, Any] | None, reason: str
) -> None:
    """Acceptance 47."""
    await peers.publish_programme("M2", **(part or {}))
    if part is None:
        await peers.withdraw_programme("M2")
    for offer in (False, True):
        refused = await open_for(kim, programme="M2", offer=offer)
        assert (refused.status, refused.slug, refused.body["reason"]) == (409, "programme-closed", reason)


async def test_one_programme_one_application_whoever_opens_it(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 40, 47: sent twice, by two managers at once, beside the candidate's own."""
    await peers.publish_programme("M1-LAC")
    same = await asyncio.gather(*(open_for(kim, key="k-1", offer=True) for _ in range(5)))
    assert {(reply.status, reply.body["id"]) for reply in same} == {(201, same[0].body["id"])}
    assert len((await kim.ask("GET", f"/{same[0].body['id']}/audit")).body["items"]) == 2
    other = await open_for(kim, programme="M1-LAC", key="k-1", offer=True)
    assert (other.status, other.slug) == (422, "idempotency-key-reused")
    lou = Staff(peers, name="lou")
    asked = [open_for(each, programme="M1-LAC", offer=True) for each in (kim, lou) for _ in range(5)]
    replies = await asyncio.gather(*asked, zoe.apply("M1-LAC"))
    assert replies[-1].status == 201, "what staff do at the same time is nothing to the candidate"
    # Who looked before the candidate came may still be let in, and gives way as the first did.
    assert {reply.status for reply in replies[:-1]} <= {201, 409}
    assert {reply.slug for reply in replies if reply.status == 409} == {"already-applied"}
    await peers.suite.settle()
    assert await own(zoe) == [replies[-1].body["id"]]
    store = peers.suite.service("applications").service.ports.store
    there = {row["_id"] for row in await store.find("decisions", {}, limit=1000)}
    made = {reply.body["id"] for reply in (*same, *replies) if reply.status == 201}
    assert there <= made, "what was entered for nothing is gone"
    assert (await open_for(kim)).slug == "already-applied"


async def test_an_offer_is_a_complete_file_of_whose_decision_nothing_is_seen_until_it_is_validated(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 46, 47, 78: what the candidate sees, and what that does to the store, is the same without the decision."""
    set_to(clock, APRIL_16)
    rules = Parameters(applications=ApplicationsParameters(decided_by="two"))
    await peers.suite.publish(ParametersChanged(scope="institution", version=1, parameters=rules), "offers")
    await peers.publish_programme("M1-LAC")
    plain, id = await offered(kim, "M1-LAC"), await offered(kim, comment="Bravo !")
    store = peers.suite.service("applications").service.ports.store
    entry = await store.get("decisions", plain)
    assert entry is not None
    await store.delete("decisions", plain, version=entry["version"])
    await peers.suite.settle()
    view = (await kim.ask("GET", f"/{id}")).body
    assert (view["state"], view["entered"], view["decision"]) == ("complete", True, None)
    assert (view["entered_decision"]["kind"], view["entered_decision"]["comment"]) == ("favourable", "Bravo !")
    assert (view["history"][0]["actor"], view["history"][0]["on_behalf_of"]) == ("staff:kim", "account:zoe")
    actions = [(each["action"], each["mail"]) for each in (await kim.ask("GET", f"/{id}/audit")).body["items"]]
    assert actions == [("offer", False), ("enter_decision", False)]
    assert sorted(await kim.sees("complete")) == sorted([plain, id])
    assert await own(zoe) == []
    assert (await seen(zoe, id))[0] == (await seen(zoe, "a" * 26))[0]
    assert await peers.events() == [], "nobody else is told that a place is to be offered"
    assert (await zoe.submit(id)).slug == (await zoe.ask("GET", f"/applications/{id}/receipt")).slug == "not-found"
    decision = view["entered_decision"]["id"]
    assert (await validate(kim, id, decision)).slug == "second-person"
    assert (await validate(Staff(peers, name="lou"), id, decision)).status == 200
    shown = await zoe.get(id)
    assert (shown["decision"], shown["possible_answers"]) == ("favourable", ["accept", "withdraw"])
    assert (shown["opened_by"], shown["submitted_at"], shown["can_submit"]) == ("university", None, False)
    assert await own(zoe) == [id], "of the other one nothing is seen"
    assert len(await peers.told("decided")) == 1
    accepted = await zoe.ask("POST", f"/applications/{id}/answer", json={"answer": "accept"})
    assert (accepted.status, accepted.body["letter"]) == (200, "admission")


async def test_an_offer_is_marked_in_no_way_that_would_tell_its_candidate(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 46, 72, 93, 115: neither alone nor with others, before its decision counts; then like any file."""
    id = await offered(kim)
    for refused in (
        await kim.mark(id, "submitted"),
        await kim.mark(id, "incomplete"),
        await kim.ask("POST", f"/{id}/reopening", json={"reason": "Par erreur"}),
    ):
        assert (refused.status, refused.slug) == (409, "wrong-state")
    for action, args in (("mark_submitted", {}), ("mark_incomplete", {}), ("reopen", {"reason": "Par erreur"})):
        body = {"action": action, "ids": [id], "args": args, "dry_run": True}
        (item,) = (await kim.ask("POST", "/bulk", json=body)).body["items"]
        assert (item["result"], item["refusal"]["slug"]) == ("refused", "wrong-state")
    assert await own(zoe) == [] == await peers.events()
    decision = (await kim.ask("GET", f"/{id}")).body["entered_decision"]["id"]
    assert (await validate(kim, id, decision)).status == 200
    assert (await kim.mark(id, "incomplete")).status == 200
    for code in ("cv", "letter"):
        assert (await zoe.deposit(id, code, f"doc-{code}")).status == 200
    assert (await zoe.ask("PUT", f"/applications/{id}/pieces/b2/not-applicable")).status == 200
    assert (await zoe.submit(id)).status == 200


async def test_an_offer_is_of_the_institutions_favourable_types(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 47, 123: a type that gives reasons wants one; a draft has neither, and an offer no last day."""
    types = [
        "ADM | favourable | Admission",
        "DIR | favourable | Admission directe |  | reason",
        "REF | unfavourable | Refus",
    ]
    await hear(peers.suite, {"applications.decision_types": types})
    for body, field, rule in (
        ({"offer": True, "type": "DIR"}, "reason", "required"),
        ({"offer": True, "type": "REF"}, "type", "not-of-kind"),
        ({"offer": True, "type": "ABC"}, "type", "unknown-decision-type"),
        ({"offer": True, "submission_deadline": "2027-03-01"}, "submission_deadline", "not-of-kind"),
        ({"comment": "Bravo !"}, "comment", "not-of-kind"),
    ):
        refused = await open_for(kim, **body)
        (error,) = refused.body["fields"]
        assert (refused.status, error["field"], error["slug"]) == (422, field, rule)
    assert await own(zoe) == []
    id = await offered(kim, type="DIR", reason="Entretien")
    decision = (await kim.ask("GET", f"/{id}")).body["entered_decision"]
    assert (decision["type"], decision["label"], decision["reason"]) == ("DIR", "Admission directe", "Entretien")


async def test_the_candidate_is_told_of_a_draft_at_once_and_of_an_offer_by_its_decision(mailed: PeerServices) -> None:
    """Acceptance 46, 47."""
    for code in ("M1-MER", "M1-LAC"):
        await mailed.publish_programme(code)
    kim = Staff(mailed)
    await mailed.candidate("zoe")
    person = {"file_number": "AB12CD34", "email": "zoe@example.org", "family_name": "Müller", "given_name": "Zoé"}
    await mailed.suite.publish(AddressChanged(account="zoe", language="fr", **person), "accounts")
    await offered(kim)
    assert (await open_for(kim, programme="M1-LAC", submission_deadline="2027-04-20")).status == 201
    await all_mails_are_handed_over(mailed.suite)
    (mail,) = mailed.suite.mails()
    assert mail["Subject"].startswith(
        "Candidature ouverte pour vous, à transmettre au plus tard le 20\u00a0avril\u00a02027"
    )
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "L’université a ouvert une candidature pour vous" in text
    assert "kim" not in text
