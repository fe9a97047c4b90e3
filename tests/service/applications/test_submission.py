"""Submitting over HTTP, and the receipt."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from services.applications.domain.receipts import digest_of
from services.applications.views.receipts import BadReceipt, verify_receipt
from services.chassis.clock import FixedClock
from tests.service.applications.candidate import STEPS, Candidate, PeerServices, piece


async def keys(peers: PeerServices) -> Any:
    async with peers.suite.client.get("/api/applications/jwks.json") as answer:
        return await answer.json()


async def test_a_file_that_lacks_something_is_told_all_of_it_by_name(zoe: Candidate) -> None:
    """Acceptance 65."""
    id = await zoe.opened()
    reply = await zoe.submit(id)
    assert (reply.status, reply.slug) == (409, "not-ready")
    assert reply.body["blocking"] == [
        {"kind": "piece", "code": "cv", "label": "Pièce cv", "reason": "awaiting"},
        {"kind": "piece", "code": "letter", "label": "Pièce letter", "reason": "awaiting"},
        {"kind": "piece", "code": "b2", "label": "Pièce b2", "reason": "awaiting"},
    ]
    assert reply.body["blocking"] == (await zoe.get(id))["blocking"]
    english = await zoe.submit(id, **{"Accept-Language": "en"})
    assert english.body["blocking"][0]["label"] == "Piece cv"
    assert (await zoe.get(id))["state"] == "draft"


async def test_a_file_that_lacks_nothing_is_submitted_with_a_receipt(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    """Acceptance 68, 69; product, section 8, point 1."""
    id = await zoe.ready()
    shown = await zoe.get(id)
    assert (shown["can_submit"], shown["blocking"]) == (True, [])
    clock.advance(seconds=90.5)
    reply = await zoe.submit(id)
    assert reply.status == 200
    assert set(reply.body) == {"submitted_at", "receipt"}
    assert reply.body["submitted_at"] == "2027-02-01T11:01:30.500Z"
    claims = verify_receipt(reply.body["receipt"], await keys(peers))
    assert (claims.application, claims.account, claims.file_number) == (id, "zoe", "AB12CD34")
    assert (claims.programme.code, claims.campaign) == ("M1-MER", "2027")
    assert claims.programme.title == {"fr": "Sciences de la mer", "en": "Marine science"}
    assert [(piece.piece, piece.document, piece.sha256, piece.size) for piece in claims.pieces] == [
        ("cv", "doc-cv", "ab" * 32, 1000),
        ("letter", "doc-letter", "ab" * 32, 1000),
    ]
    assert claims.profile_sha256 == digest_of(STEPS)
    assert claims.submitted_at == reply.body["submitted_at"]
    after = await zoe.get(id)
    assert (after["state"], after["state_label"], after["submitted_at"]) == (
        "submitted",
        "Réceptionné",
        reply.body["submitted_at"],
    )
    assert (after["can_submit"], after["can_cancel"], after["blocking"]) == (False, False, [])
    assert await peers.told("submitted") == [
        {
            "application": id,
            "account": "zoe",
            "programme": "M1-MER",
            "campaign": "2027",
            "submitted_at": reply.body["submitted_at"],
            "receipt_sha256": hashlib.sha256(reply.body["receipt"].encode()).hexdigest(),
            "pieces": [
                {"piece": "cv", "document": "doc-cv", "sha256": "ab" * 32},
                {"piece": "letter", "document": "doc-letter", "sha256": "ab" * 32},
            ],
        }
    ]


async def test_submitting_again_submits_once(peers: PeerServices, zoe: Candidate, clock: FixedClock) -> None:
    """Acceptance 69."""
    id = await zoe.ready()
    first = await zoe.submit(id)
    clock.advance(days=100)
    again = await zoe.submit(id)
    assert (again.status, again.body) == (200, first.body)
    assert len(await peers.told("submitted")) == 1


async def test_one_key_sent_twenty_times_at_once_is_one_submission(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 69."""
    id = await zoe.ready()
    replies = await asyncio.gather(*(zoe.submit(id, **{"Idempotency-Key": "once"}) for _ in range(20)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body["receipt"] for reply in replies}) == 1
    assert len({reply.headers["Parvis-Seen"] for reply in replies}) == 1
    assert len(await peers.told("submitted")) == 1


async def test_twenty_without_a_key_are_one_submission_too(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 69."""
    id = await zoe.ready()
    replies = await asyncio.gather(*(zoe.submit(id) for _ in range(20)))
    assert {(reply.status, reply.body["receipt"]) for reply in replies} == {(200, replies[0].body["receipt"])}
    assert len(await peers.told("submitted")) == 1


async def test_a_deposit_and_a_submission_at_once_leave_no_doubt(peers: PeerServices, zoe: Candidate) -> None:
    """What the receipt says is what the file holds, whichever came first."""
    id = await zoe.ready()
    removed, submitted = await asyncio.gather(zoe.ask("DELETE", f"/applications/{id}/pieces/cv"), zoe.submit(id))
    assert {removed.status, submitted.status} == {200, 409}
    shown = await zoe.get(id)
    if submitted.status == 200:
        assert removed.slug == "file-frozen"
        record = (await zoe.ask("GET", f"/applications/{id}/receipt")).body
        assert [given["document"] for given in record["pieces"]] == ["doc-cv", "doc-letter"]
    else:
        assert submitted.slug == "not-ready"
        assert shown["state"] == "draft"


async def test_the_last_second_counts_and_the_next_does_not(zoe: Candidate, clock: FixedClock) -> None:
    id = await zoe.ready()
    clock.moment = datetime(2027, 4, 15, 22, 0, 0, tzinfo=UTC)
    assert not (await zoe.get(id))["can_submit"]
    late = await zoe.submit(id)
    assert (late.status, late.slug) == (409, "deadline-passed")
    assert [block["kind"] for block in late.body["blocking"]] == ["deadline"]
    clock.advance(seconds=-1)
    assert (await zoe.get(id))["can_submit"]
    assert (await zoe.submit(id)).status == 200


async def test_an_extended_deadline_lets_the_file_be_submitted(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    id = await zoe.ready()
    clock.moment = datetime(2027, 4, 20, 8, 0, tzinfo=UTC)
    await peers.publish_programme(version=2, changed=True, submission_deadline="2027-04-20")
    assert (await zoe.get(id))["can_submit"]
    assert (await zoe.submit(id)).status == 200
    types = [event["type"].split(".")[2] for event in await peers.events()]
    assert types[-2:] == ["deadline_extended", "submitted"]


async def test_the_record_holds_documents_and_profile_as_they_were(peers: PeerServices, zoe: Candidate) -> None:
    """Product, section 4: frozen with the profile as it was."""
    id = await zoe.ready()
    submitted = await zoe.submit(id)
    moved = {**STEPS, "address": {"lines": ["1 rue Neuve"], "city": "Lille", "country": "FR"}}
    await peers.candidate("zoe", version=2, steps=moved)
    record = (await zoe.ask("GET", f"/applications/{id}/receipt")).body
    assert (record["submitted_at"], record["receipt"]) == (submitted.body["submitted_at"], submitted.body["receipt"])
    assert record["profile"] == STEPS
    assert record["pieces"][0] == {
        "piece": "cv",
        "document": "doc-cv",
        "filename": "Relevé d’été.pdf",
        "media_type": "application/pdf",
        "size": 1000,
        "sha256": "ab" * 32,
    }
    assert verify_receipt(record["receipt"], await keys(peers)).profile_sha256 == digest_of(record["profile"])


async def test_studies_at_this_university_are_frozen_with_the_rest(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 26, 28: what the registrar says later changes nothing of what was submitted."""
    studies = [{"year": 2025, "label": "Licence 3 Biologie", "result": "Admis"}]
    await peers.candidate("zoe", version=2, rows={"internal_record": studies})
    id = await zoe.ready()
    assert (await zoe.submit(id)).status == 200
    await peers.candidate("zoe", version=3, rows={"internal_record": [{"year": 2025, "label": "Licence 3"}]})
    record = (await zoe.ask("GET", f"/applications/{id}/receipt")).body
    assert record["profile"] == STEPS | {"internal_record": studies}
    assert verify_receipt(record["receipt"], await keys(peers)).profile_sha256 == digest_of(record["profile"])


async def test_the_receipt_of_the_longest_file_is_verified_like_any_other(peers: PeerServices, zoe: Candidate) -> None:
    """Offers publishes at most 40 requirements, with codes of at most 60 characters."""
    codes = [f"{number:02d}".ljust(60, "x") for number in range(40)]
    await peers.publish_programme("LONG", requirements=[piece(code) for code in codes])
    id = await zoe.opened("LONG")
    for number, code in enumerate(codes):
        assert (await zoe.deposit(id, code, f"{number:026d}")).status == 200
    reply = await zoe.submit(id)
    assert reply.status == 200
    claims = verify_receipt(reply.body["receipt"], await keys(peers))
    assert [given.piece for given in claims.pieces] == codes


async def test_a_draft_has_no_receipt(zoe: Candidate) -> None:
    id = await zoe.opened()
    reply = await zoe.ask("GET", f"/applications/{id}/receipt")
    assert (reply.status, reply.slug) == (409, "not-submitted")


async def test_whoever_has_no_card_has_nothing_to_submit(peers: PeerServices, zoe: Candidate) -> None:
    reply = await Candidate(peers.suite, "nobody").submit(await zoe.ready())
    assert (reply.status, reply.slug) == (404, "not-found")


async def test_a_cancelled_application_is_not_submitted(zoe: Candidate) -> None:
    id = await zoe.ready()
    await zoe.ask("POST", f"/applications/{id}/cancellation")
    reply = await zoe.submit(id)
    assert (reply.status, reply.slug) == (409, "wrong-state")


async def test_events_name_nobody(peers: PeerServices, zoe: Candidate) -> None:
    """Architecture, section 3: public events are thin."""
    id = await zoe.ready()
    await zoe.submit(id)
    said = str(await peers.events())
    for word in ("Zoé", "Müller", "Abeilles", "Relevé", "AB12CD34"):
        assert word not in said


async def test_a_receipt_that_was_touched_proves_nothing(peers: PeerServices, zoe: Candidate) -> None:
    receipt = (await zoe.submit(await zoe.ready())).body["receipt"]
    keyset = await keys(peers)
    head, body, signature = receipt.split(".")
    middle = body[: len(body) // 2] + ("A" if body[len(body) // 2] != "A" else "B") + body[len(body) // 2 + 1 :]
    with pytest.raises(BadReceipt, match="changed since it was signed"):
        verify_receipt(f"{head}.{middle}.{signature}", keyset)
    with pytest.raises(BadReceipt, match="key that is not in this key set"):
        verify_receipt(receipt, {"keys": []})
    with pytest.raises(BadReceipt, match="damaged"):
        verify_receipt("hello", keyset)
    with pytest.raises(BadReceipt, match="not the receipt of a submission"):
        verify_receipt(zoe.receipt("doc-1"), keyset)
    with pytest.raises(BadReceipt, match="key set is not one"):
        verify_receipt(receipt, {"kid": "applications"})


async def test_what_applications_signed_is_not_for_that_a_submission(peers: PeerServices, zoe: Candidate) -> None:
    signer = peers.suite.service("applications").service.signer
    assert signer is not None
    keyset = await keys(peers)
    with pytest.raises(BadReceipt, match="not the receipt of a submission"):
        verify_receipt(signer.sign({"application": "a"}, typ="parvis-receipt+jwt"), keyset)
    with pytest.raises(BadReceipt, match="not the receipt of a submission"):
        verify_receipt(signer.sign({"application": "a"}, typ="other+jwt"), keyset)
