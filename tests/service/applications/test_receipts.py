"""Whether a printed receipt is genuine: anybody may ask, by its code, and is told what it proves."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from services.chassis.events.journal import INTERNAL
from services.contracts.events.applications import FileChanged
from services.contracts.events.envelope import Envelope
from tests.service.applications.candidate import Candidate, PeerServices


async def standing(peers: PeerServices) -> list[FileChanged]:
    """How files stand, as it was told."""
    await peers.suite.settle()
    rows = await peers.suite.service("applications").service.ports.store.find(INTERNAL.name, {}, limit=1000)
    told = [Envelope.decode(row["body"].encode()) for row in rows]
    return [FileChanged.model_validate(each.data) for each in told if each.type == FileChanged.TYPE]


async def check(peers: PeerServices, code: str) -> tuple[int, Any]:
    """As somebody without an account."""
    async with peers.suite.client.get(f"/api/applications/receipts/{code}") as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_receipt_is_told_genuine_with_what_it_proves_and_no_more(peers: PeerServices, zoe: Candidate) -> None:
    """Product, section 8, point 1; no name, no address, no file's name."""
    submitted = (await zoe.submit(await zoe.ready())).body
    last = (await standing(peers))[-1].submission
    assert last is not None
    status, body = await check(peers, last.id)
    assert (status, body) == (
        200,
        {
            "submitted_at": submitted["submitted_at"],
            "file_number": "AB12CD34",
            "programme": {"code": "M1-MER", "title": "Sciences de la mer", "centre": "UFR SEE", "diploma": "Master 1"},
            "pieces": 2,
            "held": [],
            "receipt_sha256": hashlib.sha256(submitted["receipt"].encode()).hexdigest(),
        },
    )


async def test_what_no_application_names_proves_nothing(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 62: what a crash has left between its two writes, the id of an application, and what there never was."""
    id = await zoe.ready()
    await zoe.submit(id)
    last = (await standing(peers))[-1].submission
    assert last is not None
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("submissions", last.id)
    assert row is not None
    await store.insert("submissions", row | {"_id": "0" * 26})
    for code in ("0" * 26, "1" * 26, id, f"{id}.0", "x", f"{last.id}.0"):
        assert (await check(peers, code))[0] == 404, code


async def test_how_a_file_stands_is_told_at_each_step(peers: PeerServices, zoe: Candidate) -> None:
    id = await zoe.ready()
    await zoe.submit(id)
    told = await standing(peers)
    assert [(each.state, each.submission is not None) for each in told] == [("draft", False)] * 4 + [
        ("submitted", True)
    ]
    assert [slot.document and slot.document.id for slot in told[-1].pieces] == ["doc-cv", "doc-letter", None]
    submission = told[-1].submission
    assert submission is not None and submission.profile.identity is not None
    assert submission.profile.identity.family_name == "Müller-L’Hôte"
    assert [slot.code for slot in submission.pieces] == ["cv", "letter"]


async def test_who_has_missed_it_is_told_how_files_stand_now(peers: PeerServices, zoe: Candidate) -> None:
    """Also of what was submitted before anybody listened."""
    await zoe.submit(await zoe.ready())
    await peers.publish_programme("M1-TER")
    await zoe.opened("M1-TER")
    before = await standing(peers)
    teller = peers.suite.service("applications").teller
    assert await asyncio.wait_for(teller.tell_again("documents", {FileChanged.TYPE: 0}), 30) == 2
    after = (await standing(peers))[len(before) :]
    assert sorted(each.state for each in after) == ["draft", "submitted"]
    assert [each for each in after if each.submission] == [before[4]]
