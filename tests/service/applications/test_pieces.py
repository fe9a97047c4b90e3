"""Pieces over HTTP."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.events.idempotency import MAX_PLAIN_A_DAY
from tests.service.applications.candidate import LIMIT, Candidate, PeerServices
from tests.service.applications.test_review import Staff


def of(application: Any, code: str) -> Any:
    return next(piece for piece in application["pieces"] if piece["code"] == code)


async def test_a_document_is_deposited_removed_and_deposited_again(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 50, 51, 59."""
    id = await zoe.opened()
    given = await zoe.deposit(id, "cv", "doc-1")
    assert given.status == 200
    piece = of(given.body, "cv")
    assert (piece["state"], piece["state_label"]) == ("deposited", "Transmise")
    assert piece["document"] == {
        "id": "doc-1",
        "filename": "Relevé d’été.pdf",
        "media_type": "application/pdf",
        "size": 1000,
        "sha256": "ab" * 32,
    }
    second = await zoe.deposit(id, "cv", "doc-2")
    assert (second.status, second.slug) == (409, "piece-already-deposited")
    emptied = await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")
    assert (emptied.status, of(emptied.body, "cv")["state"]) == (200, "awaiting")
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).body == emptied.body
    assert (await zoe.deposit(id, "cv", "doc-2")).status == 200
    assert [data["document"] for data in await peers.told("piece_deposited")] == ["doc-1", "doc-2"]
    assert [data["document"] for data in await peers.told("piece_removed")] == ["doc-1"]


async def test_the_same_receipt_twice_is_one_deposit(peers: PeerServices, zoe: Candidate) -> None:
    id = await zoe.opened()
    path, body = f"/applications/{id}/pieces/cv", {"receipt": zoe.receipt("doc-1")}
    replies = await asyncio.gather(*(zoe.ask("PUT", path, json=body) for _ in range(10)))
    assert {reply.status for reply in replies} == {200}
    assert len(await peers.told("piece_deposited")) == 1


async def test_two_tabs_deposit_one_document(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 50."""
    id = await zoe.opened()
    replies = await asyncio.gather(*(zoe.deposit(id, "cv", f"doc-{number}") for number in range(10)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 9
    assert len(await peers.told("piece_deposited")) == 1


async def test_a_document_of_the_limit_is_taken_and_one_byte_more_is_not(zoe: Candidate) -> None:
    """Acceptance 48."""
    id = await zoe.opened()
    reply = await zoe.deposit(id, "cv", size=LIMIT + 1)
    assert (reply.status, reply.slug, reply.body["max_bytes"]) == (422, "too-large-for-piece", LIMIT)
    assert "1,9\N{NARROW NO-BREAK SPACE}Mo" in reply.body["detail"]
    assert (await zoe.deposit(id, "cv", size=LIMIT)).status == 200


async def test_a_type_that_the_piece_does_not_take_is_refused(zoe: Candidate) -> None:
    """Acceptance 49."""
    id = await zoe.opened()
    reply = await zoe.deposit(id, "cv", media_type="image/png")
    assert (reply.status, reply.slug) == (422, "type-not-allowed")
    assert reply.body["allowed"] == ["application/pdf", "image/jpeg"]
    assert "PDF et JPEG" in reply.body["detail"]
    assert (await zoe.deposit(id, "cv", media_type="image/jpeg")).status == 200


async def test_only_what_documents_signed_for_this_person_is_taken(peers: PeerServices, zoe: Candidate) -> None:
    id = await zoe.opened()
    sign = peers.suite.elsewhere.sign
    good = zoe.receipt("doc-1")
    claims: dict[str, Any] = {"sub": "zoe", "document": "d", "sha256": "ab" * 32, "size": 1, "iat": 1, "exp": 2**33}
    claims |= {"media_type": "application/pdf", "filename": "a.pdf"}
    head, body, signature = good.split(".")
    forged = {
        "another person's": Candidate(peers.suite, "ali").receipt("doc-1"),
        "another service's": sign("accounts", claims, typ="parvis-upload+jwt"),
        "another thing": sign("documents", claims, typ="at+jwt"),
        "not all claims": sign("documents", claims | {"size": "1"}, typ="parvis-upload+jwt"),
        "another signature": f"{head}.{body}.{signature[::-1]}",
        "no JWS": "a.b.c",
    }
    for what, receipt in forged.items():
        reply = await zoe.ask("PUT", f"/applications/{id}/pieces/cv", json={"receipt": receipt})
        assert (reply.status, reply.slug) == (422, "invalid-receipt"), what
    assert of(await zoe.get(id), "cv")["state"] == "awaiting"


async def test_a_receipt_is_good_until_its_time_is_over(zoe: Candidate, clock: FixedClock) -> None:
    id = await zoe.opened()
    receipt = {"receipt": zoe.receipt("doc-1")}
    clock.advance(seconds=3600)
    late = await zoe.ask("PUT", f"/applications/{id}/pieces/cv", json=receipt)
    assert (late.status, late.slug) == (422, "receipt-expired")
    clock.advance(seconds=-1)
    assert (await zoe.ask("PUT", f"/applications/{id}/pieces/cv", json=receipt)).status == 200


@pytest.mark.parametrize("receipt", [None, "", "abc", 'a.b.c"', "a.b." + "c" * 8189, {"$ne": ""}])
async def test_what_is_no_receipt_is_refused(zoe: Candidate, receipt: object) -> None:
    id = await zoe.opened()
    reply = await zoe.ask("PUT", f"/applications/{id}/pieces/cv", json={"receipt": receipt})
    assert (reply.status, reply.slug) == (422, "invalid-fields")


async def test_a_piece_that_is_not_asked_for_is_not_found(zoe: Candidate) -> None:
    id = await zoe.opened()
    assert (await zoe.deposit(id, "photo")).slug == "not-found"
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/photo")).slug == "not-found"
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/{'x' * 61}")).slug == "not-found"


async def test_a_conditional_piece_is_declared_not_applicable_and_back(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 53."""
    id = await zoe.opened()
    path = f"/applications/{id}/pieces/b2/not-applicable"
    declared = await zoe.ask("PUT", path)
    assert (declared.status, of(declared.body, "b2")["state_label"]) == (200, "Non concerné")
    assert (await zoe.ask("PUT", path)).body == declared.body
    assert (await zoe.deposit(id, "b2")).slug == "piece-not-applicable"
    back = await zoe.ask("DELETE", path)
    assert of(back.body, "b2")["state"] == "awaiting"
    assert (await zoe.ask("DELETE", path)).body == back.body
    assert (await zoe.deposit(id, "b2")).status == 200
    assert (await zoe.ask("PUT", path)).slug == "piece-already-deposited"
    assert [data["not_applicable"] for data in await peers.told("piece_marked")] == [True, False]


async def test_one_file_given_for_two_pieces_is_judged_and_taken_out_of_each_by_itself(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 120."""
    id, kim = await zoe.opened(), Staff(peers)
    for code in ("cv", "letter"):
        assert (await zoe.deposit(id, code, "doc-same")).status == 200
    await zoe.ask("PUT", f"/applications/{id}/pieces/b2/not-applicable")
    assert (await zoe.submit(id)).status == 200
    assert (await kim.judge(id, "cv", "validated")).status == 200
    assert (await kim.judge(id, "letter", "refused", comment="Ce n’est pas une lettre")).status == 200
    assert (await kim.mark(id, "incomplete")).status == 200
    emptied = await zoe.ask("DELETE", f"/applications/{id}/pieces/letter")
    assert (emptied.status, of(emptied.body, "letter")["state"]) == (200, "awaiting")
    assert (of(emptied.body, "cv")["state"], of(emptied.body, "cv")["document"]["id"]) == ("validated", "doc-same")
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).slug == "piece-validated"


async def test_to_and_fro_without_end_is_told_to_nobody(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 108: at the limit and one past it, and another file goes on."""
    id = await zoe.opened()
    path = f"/applications/{id}/pieces/b2/not-applicable"
    for number in range(MAX_PLAIN_A_DAY - 1):  # the opening was one
        assert (await zoe.ask("DELETE" if number % 2 else "PUT", path)).status == 200
    for _ in range(2):
        reply = await zoe.ask("PUT", path)
        assert (reply.status, reply.slug, reply.body["limit"]) == (429, "too-many-changes", MAX_PLAIN_A_DAY)
        assert int(reply.headers["Retry-After"]) == 86400
    assert len(await peers.told("piece_marked")) == MAX_PLAIN_A_DAY - 1
    await peers.publish_programme("M1-SOC")
    assert (await zoe.deposit(await zoe.opened("M1-SOC"), "cv")).status == 200
    assert (await zoe.ask("POST", f"/applications/{id}/cancellation", headers={"Idempotency-Key": "k"})).status == 200


async def test_a_piece_asked_of_everybody_is_not_declared(zoe: Candidate) -> None:
    """Acceptance 53."""
    id = await zoe.opened()
    reply = await zoe.ask("PUT", f"/applications/{id}/pieces/cv/not-applicable")
    assert (reply.status, reply.slug) == (409, "piece-not-conditional")


async def test_the_last_second_of_the_deadline_counts(zoe: Candidate, clock: FixedClock) -> None:
    """Acceptance 54: midnight of the institution's zone."""
    id = await zoe.opened()
    clock.moment = datetime(2027, 4, 15, 21, 59, 59, tzinfo=UTC)
    assert (await zoe.deposit(id, "cv")).status == 200
    clock.advance(seconds=1)
    late = await zoe.deposit(id, "letter")
    assert (late.status, late.slug, late.body["deadline"]) == (409, "deadline-passed", "2027-04-15")
    assert "15\u00a0avril\u00a02027" in late.body["detail"]
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).slug == "deadline-passed"
    assert (await zoe.ask("PUT", f"/applications/{id}/pieces/b2/not-applicable")).slug == "deadline-passed"


async def test_a_deadline_that_is_extended_counts_at_once(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    id = await zoe.opened()
    clock.moment = datetime(2027, 4, 16, 8, 0, tzinfo=UTC)
    assert (await zoe.deposit(id, "cv")).slug == "deadline-passed"
    await peers.publish_programme(version=2, changed=True, submission_deadline="2027-04-16", requirements=[])
    shown = await zoe.get(id)
    assert shown["submission_deadline"] == "2027-04-16"
    assert [piece["code"] for piece in shown["pieces"]] == ["cv", "letter", "b2"]
    assert not [block for block in shown["blocking"] if block["kind"] == "deadline"]
    assert (await zoe.deposit(id, "cv")).status == 200
    assert [data["submission_deadline"] for data in await peers.told("deadline_extended")] == ["2027-04-16"]
    clock.advance(days=1)
    assert (await zoe.deposit(id, "letter")).body["deadline"] == "2027-04-16"


async def test_a_deadline_that_comes_nearer_does_not_count_for_those_who_were_promised_more(
    peers: PeerServices, zoe: Candidate
) -> None:
    id = await zoe.opened()
    await peers.publish_programme(version=2, changed=True, submission_deadline="2027-01-31")
    assert (await zoe.get(id))["submission_deadline"] == "2027-04-15"
    assert (await zoe.deposit(id, "cv")).status == 200


async def test_after_submission_everything_is_frozen(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 71."""
    id = await zoe.ready()
    await zoe.submit(id)
    before = await zoe.get(id)
    events = len(await peers.events())
    for method, path in (
        ("DELETE", "cv"),
        ("PUT", "b2/not-applicable"),
        ("DELETE", "b2/not-applicable"),
        ("PUT", "cv/reuse"),
    ):
        reply = await zoe.ask(method, f"/applications/{id}/pieces/{path}")
        assert (reply.status, reply.slug) == (409, "file-frozen"), (method, path)
    assert (await zoe.deposit(id, "cv", "doc-cv")).slug == "file-frozen"
    assert await zoe.get(id) == before
    assert len(await peers.events()) == events


async def test_a_cancelled_application_is_frozen_too(zoe: Candidate) -> None:
    id = await zoe.ready()
    await zoe.ask("POST", f"/applications/{id}/cancellation")
    before = await zoe.get(id)
    reply = await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")
    assert (reply.status, reply.slug, reply.body["state"]) == (409, "file-frozen", "cancelled")
    assert "Annulé" in reply.body["detail"]
    assert (await zoe.ask("PUT", f"/applications/{id}/pieces/b2/not-applicable")).slug == "file-frozen"
    assert await zoe.get(id) == before


async def test_a_common_piece_is_taken_over_and_stays_this_application_s_own(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 63."""
    await peers.publish_programme("M2")
    first = await zoe.opened()
    second = await zoe.opened("M2")
    assert not of(await zoe.get(second), "cv")["reusable"]
    assert (await zoe.ask("PUT", f"/applications/{second}/pieces/cv/reuse")).slug == "nothing-to-reuse"
    await zoe.deposit(first, "cv", "doc-cv")
    await zoe.deposit(first, "letter", "doc-letter")
    shown = await zoe.get(second)
    assert {piece["code"]: piece["reusable"] for piece in shown["pieces"]} == {"cv": True, "letter": False, "b2": False}
    listed = (await zoe.ask("GET", "/applications")).body["items"]
    assert [of(item, "cv")["reusable"] for item in listed] == [True, False]
    taken = await zoe.ask("PUT", f"/applications/{second}/pieces/cv/reuse")
    assert (taken.status, of(taken.body, "cv")["document"]["id"]) == (200, "doc-cv")
    assert (await zoe.ask("PUT", f"/applications/{second}/pieces/letter/reuse")).slug == "nothing-to-reuse"
    await zoe.ask("DELETE", f"/applications/{first}/pieces/cv")
    assert of(await zoe.get(second), "cv")["document"]["id"] == "doc-cv"
    assert [(data["application"], data["document"]) for data in await peers.told("piece_deposited")] == [
        (first, "doc-cv"),
        (first, "doc-letter"),
        (second, "doc-cv"),
    ]


async def test_an_edit_of_what_has_changed_meanwhile_gets_the_current_state(zoe: Candidate) -> None:
    """Two people, or two tabs, on one file: versioned writes."""
    id = await zoe.opened()
    tag = (await zoe.ask("GET", f"/applications/{id}")).headers["ETag"]
    body = {"receipt": zoe.receipt("doc-1")}
    path = f"/applications/{id}/pieces/cv"
    changed = await zoe.ask("PUT", path, json=body, headers={"If-Match": tag})
    assert changed.status == 200
    stale = await zoe.ask("DELETE", path, headers={"If-Match": tag})
    assert (stale.status, stale.slug) == (412, "stale-version")
    assert stale.body["current"] == changed.body
    right = await zoe.ask("DELETE", path, headers={"If-Match": changed.headers["ETag"]})
    assert right.status == 200


async def test_a_tag_stands_for_these_very_bytes(zoe: Candidate, clock: FixedClock) -> None:
    id = await zoe.ready()
    first = await zoe.ask("GET", f"/applications/{id}")
    same = await zoe.ask("GET", f"/applications/{id}", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status == 304
    clock.moment = datetime(2027, 4, 16, 8, 0, tzinfo=UTC)
    later = await zoe.ask("GET", f"/applications/{id}", headers={"If-None-Match": first.headers["ETag"]})
    assert (later.status, later.body["can_submit"], later.body["version"]) == (200, False, first.body["version"])
