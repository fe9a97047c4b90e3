"""Each submission is a document of its own, written first and never changed; the application names it."""

import asyncio
import hashlib
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from services.applications.views.receipts import verify_receipt
from services.chassis.ports import Document, Store
from services.contracts.events.accounts import AccountErased
from tests.service.applications.candidate import STEPS, Candidate, PeerServices

RELEASED = Path(__file__).parents[2] / "contracts" / "stored" / "0.1.0" / "applications.json"


def store_of(peers: PeerServices) -> Store:
    return peers.suite.service("applications").service.ports.store


async def row_of(peers: PeerServices, id: str) -> Document:
    """The application as it is stored once its events are relayed."""
    await peers.suite.settle()
    row = await store_of(peers).get("applications", id)
    assert row is not None
    return row


async def submissions(peers: PeerServices) -> list[Document]:
    return await store_of(peers).find("submissions", {})


async def put(peers: PeerServices, row: Document, **members: Any) -> None:
    """Have staff, or a crash, have left an application so."""
    changed = row | members | {"version": row["version"] + 1}
    assert await store_of(peers).replace("applications", changed, version=row["version"])


async def submitted(zoe: Candidate) -> tuple[str, Any]:
    id = await zoe.ready()
    reply = await zoe.submit(id)
    assert reply.status == 200, reply.body
    return id, reply.body


async def test_the_application_keeps_where_it_is_and_its_digest_alone(peers: PeerServices, zoe: Candidate) -> None:
    id, answer = await submitted(zoe)
    (own,) = await submissions(peers)
    assert (await row_of(peers, id))["submissions"] == [
        {
            "id": own["_id"],
            "submitted_at": answer["submitted_at"],
            "receipt_sha256": hashlib.sha256(answer["receipt"].encode()).hexdigest(),
        }
    ]
    assert (own["application"], own["account"], own["submitted_at"]) == (id, "zoe", answer["submitted_at"])
    assert (own["receipt"], own["profile"]) == (answer["receipt"], STEPS)
    assert [code for code, _ in own["pieces"]] == ["cv", "letter"]


async def test_each_further_submission_adds_as_little(peers: PeerServices, zoe: Candidate) -> None:
    id, _ = await submitted(zoe)
    before = len(json.dumps((await row_of(peers, id))["submissions"]))
    for _ in range(3):
        await put(peers, await row_of(peers, id), state="incomplete")
        peers.clock.advance(seconds=1)
        assert (await zoe.submit(id)).status == 200
    assert len(json.dumps((await row_of(peers, id))["submissions"])) == 4 * before
    assert len(await submissions(peers)) == 4


async def test_twenty_at_once_leave_one_submission(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 69: whoever comes too late takes back what it has written, and nobody else's."""
    id = await zoe.ready()
    replies = await asyncio.gather(*(zoe.submit(id) for _ in range(20)))
    assert len({reply.body["receipt"] for reply in replies}) == 1
    (own,) = await submissions(peers)
    assert own["receipt"] == replies[0].body["receipt"]


async def test_who_is_refused_leaves_nothing(peers: PeerServices, zoe: Candidate) -> None:
    id = await zoe.opened()
    assert (await zoe.submit(id)).slug == "not-ready"
    assert await submissions(peers) == []


async def test_what_a_crash_has_left_is_no_submission_and_goes_with_the_next(
    peers: PeerServices, zoe: Candidate
) -> None:
    """A document that no application names proves nothing, is shown to nobody, and does not stay."""
    id, answer = await submitted(zoe)
    (own,) = await submissions(peers)
    await store_of(peers).insert("submissions", own | {"_id": "left-by-a-crash", "receipt": "a.b.c"})
    record = await zoe.ask("GET", f"/applications/{id}/receipt")
    assert record.body["receipt"] == answer["receipt"]
    await put(peers, await row_of(peers, id), state="incomplete")
    peers.clock.advance(seconds=1)
    again = await zoe.submit(id)
    assert (again.status, again.body["receipt"] == answer["receipt"]) == (200, False)
    assert {row["receipt"] for row in await submissions(peers)} == {answer["receipt"], again.body["receipt"]}


async def test_what_another_request_has_just_written_is_left_alone(peers: PeerServices, zoe: Candidate) -> None:
    """It is decided on the very version that stands, so that its application may still come to name it."""
    id, _ = await submitted(zoe)
    row = await row_of(peers, id)
    await put(peers, row, state="incomplete")
    (own,) = await submissions(peers)
    for name, version in (("left", row["version"] + 1), ("under-way", row["version"] + 2)):
        await store_of(peers).insert("submissions", own | {"_id": name, "decided_on": version})
    peers.clock.advance(seconds=1)
    assert (await zoe.submit(id)).status == 200
    left = {each["_id"] for each in await submissions(peers)}
    assert "left" not in left
    assert "under-way" in left


async def test_a_submission_that_is_gone_or_changed_is_not_shown_as_whole(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 105."""
    id, _ = await submitted(zoe)
    (own,) = await submissions(peers)
    assert await store_of(peers).replace("submissions", own | {"receipt": "a.b.c", "version": 2}, version=1)
    assert (await zoe.ask("GET", f"/applications/{id}/receipt")).status == 500
    assert await store_of(peers).delete("submissions", own["_id"])
    assert (await zoe.ask("GET", f"/applications/{id}/receipt")).status == 500
    assert (await zoe.get(id))["state"] == "submitted"


async def test_what_was_submitted_goes_with_its_person(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 21: also what a crash has left."""
    await submitted(zoe)
    (own,) = await submissions(peers)
    await store_of(peers).insert("submissions", own | {"_id": "left-by-a-crash"})
    ali = await peers.candidate("ali", file_number="EF56GH78")
    await submitted(ali)
    await peers.suite.settle()
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert [row["account"] for row in await submissions(peers)] == ["ali"]


async def test_what_0_1_0_kept_in_the_application_is_read_and_submitted_again(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 69, 112: the first submission stays as it was, in its place."""
    id, answer = await submitted(zoe)
    (own,) = await submissions(peers)
    inline = {name: deepcopy(own[name]) for name in ("submitted_at", "pieces", "profile", "receipt")}
    row = await row_of(peers, id)
    del row["schema"]
    await put(peers, row, submissions=[inline], state="incomplete")
    assert await store_of(peers).delete("submissions", own["_id"])

    record = await zoe.ask("GET", f"/applications/{id}/receipt")
    assert (record.body["receipt"], record.body["profile"]) == (answer["receipt"], STEPS)
    peers.clock.advance(seconds=1)
    again = await zoe.submit(id)
    assert again.status == 200
    first, second = (await row_of(peers, id))["submissions"]
    assert first["inline"] == inline
    assert set(second) == {"id", "submitted_at", "receipt_sha256"}
    async with peers.suite.client.get("/api/applications/jwks.json") as keys:
        assert verify_receipt(again.body["receipt"], await keys.json()).application == id


async def test_the_sample_of_0_1_0_still_shows_its_receipt(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 112."""
    (row, *_) = json.loads(RELEASED.read_text())["applications"]
    await store_of(peers).insert("applications", row)
    owner = Candidate(peers.suite, row["account"])
    record = await owner.ask("GET", f"/applications/{row['_id']}/receipt")
    assert record.status == 200
    assert record.body["receipt"] == row["submissions"][0]["receipt"]
