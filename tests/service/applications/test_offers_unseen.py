"""Of a place that is to be offered its person sees nothing, whatever they do meanwhile (acceptance 46, 47; ADR 88)."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any

from services.contracts.events.applications import FileChanged
from services.contracts.events.envelope import Envelope
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_behalf import kim, offered, open_for, own
from tests.service.applications.test_decisions import CHANGING, entered, validate
from tests.service.applications.test_review import Staff

__all__ = ["kim"]


@dataclass
class Seen:
    """All that somebody is answered, with their own ids by the order in which they first appear."""

    candidate: Candidate
    names: list[str]
    answers: list[Any] = field(default_factory=list)

    def plain(self, text: str) -> str:
        for number, name in enumerate(self.names):
            text = text.replace(name, f"<{number}>")
        return text

    async def ask(self, method: str, path: str, **request: Any) -> Reply:
        reply = await self.candidate.ask(method, path, **request)
        if reply.status == 201 and reply.body["id"] not in self.names:
            self.names.append(reply.body["id"])
        headers = {name.lower(): value for name, value in reply.headers.items() if name not in CHANGING}
        tag = headers.pop("etag", "").rpartition("-")[2]  # before it is a digest of the bytes, which name the id
        events = headers.pop("parvis-seen", "")
        padded = events + "=" * (-len(events) % 4)
        said = [reply.status, headers, tag, base64.urlsafe_b64decode(padded).decode(), reply.body]
        self.answers.append(self.plain(json.dumps(said, sort_keys=True)))
        return reply

    async def apply(self, programme: str = "M1-MER", **headers: str) -> Reply:
        return await self.ask("POST", "/applications", json={"programme": programme}, headers=headers)


async def test_whoever_is_offered_a_place_sees_and_causes_the_same_as_who_is_not(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 40, 41, 45, 46: lists, foreign ids, both limits, one's own opening, its cancelling, events and mails."""
    await hear(peers.suite, {"applications.max_active": 2, "applications.max_openings": 4})
    for code in ("P0", "P1", "P2"):
        await peers.publish_programme(code)
    lea = await peers.candidate("lea0", file_number="LE12CD34")
    hidden = [await offered(kim, code) for code in ("M1-MER", "P2")]
    there = (("zoe", zoe, "AB12CD34"), ("lea0", lea, "LE12CD34"))
    both = [Seen(candidate, [name, number]) for name, candidate, number in there]
    for seen in both:
        for id in (*hidden, "a" * 26):
            for path in ("", "/receipt"):
                await seen.ask("GET", f"/applications/{id}{path}")
            for act in ("submission", "cancellation", "leave-waitlist"):
                await seen.ask("POST", f"/applications/{id}/{act}", headers={"If-Match": '"7"'})
            await seen.ask("POST", f"/applications/{id}/answer", json={"answer": "accept"})
        await seen.ask("GET", "/applications")
        await seen.apply("P0")
        first = (await seen.apply("M1-MER", **{"Idempotency-Key": "k"})).body["id"]
        await seen.apply("M1-MER", **{"Idempotency-Key": "k"})
        await peers.suite.settle()
        await seen.apply("M1-MER")
        await seen.apply("P1")
        await seen.ask("GET", f"/applications/{first}")
        await seen.ask("GET", "/applications?limit=1")
        await seen.ask("POST", f"/applications/{first}/cancellation")
        for code in ("P1", "M1-MER"):
            await seen.apply(code)
        await seen.ask("POST", f"/applications/{seen.names[-1]}/cancellation")
        await seen.apply("M1-MER")
        await seen.apply("P2")
        await seen.ask("GET", "/applications")
    assert both[0].answers == both[1].answers
    slugs = {json.loads(each)[-1].get("slug") for each in both[0].answers}
    assert {"not-found", "already-applied", "too-many-applications", "too-many-openings"} <= slugs
    told = [
        [
            both[place].plain(json.dumps([event["type"], event["data"], event["actor"]]))
            for event in await peers.events()
            if event["data"].get("account") == both[place].candidate.account
        ]
        for place in (0, 1)
    ]
    assert told[0] == told[1] != []
    everything = json.dumps(await peers.events())
    assert [id for id in hidden if id in everything] == []


async def test_what_is_offered_goes_over_to_the_file_that_its_person_opens(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 46, 78, 80: the same decision under its own id waits there, and nothing of the offer's file is left."""
    hidden = await offered(kim, comment="Bravo !")
    given = (await kim.ask("GET", f"/{hidden}")).body["entered_decision"]
    opened = await zoe.opened()
    await peers.suite.settle()
    assert await own(zoe) == [opened]
    view = (await kim.ask("GET", f"/{opened}")).body
    assert (view["state"], view["entered_decision"]) == ("draft", given)
    gone = (await kim.ask("GET", f"/{hidden}")).body
    assert (gone["state"], gone["entered_decision"]) == ("cancelled", None)
    assert (gone["taken_over_by"], view["taken_over_by"]) == (opened, None)
    trail = [(each["action"], each["actor"]) for each in (await kim.ask("GET", f"/{hidden}/audit")).body["items"]]
    assert ("take_back_offer", "service:applications") in trail
    assert await kim.sees("draft") == [opened]
    for asked, found in (({}, []), ({"decision": "entered"}, [opened]), ({"decision": "none"}, [])):
        reply = await kim.ask("GET", "", params=asked)
        assert [row["id"] for row in reply.body["items"]] == found, asked
    assert (await validate(kim, hidden, given["id"])).slug == "wrong-state"
    assert (await validate(kim, opened, given["id"])).status == 200
    shown = await zoe.get(opened)
    assert (shown["decision"], shown["possible_answers"]) == ("favourable", ["accept", "withdraw"])
    assert shown["decided"]["comment"] == "Bravo !"


async def test_what_staff_do_to_an_offer_whose_person_has_just_applied_is_done_to_neither(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 40, 46: where the offer came last, unseen by the opening, the next act of staff has it go over."""
    store = peers.suite.service("applications").service.ports.store
    opened = await zoe.opened()
    await peers.suite.settle()
    find, looked = store.find, False

    async def early(collection: str, where: Any, **page: Any) -> Any:
        """As it was before the opening, for who looks whether there is one."""
        nonlocal looked
        rows = await find(collection, where, **page)
        if collection == "applications" and "slot_key" in where and not looked:
            looked = True
            return []
        return rows

    setattr(store, "find", early)  # noqa: B010 - of this store alone
    try:
        reply = await open_for(kim, offer=True)
    finally:
        delattr(store, "find")
    assert (looked, reply.status) == (True, 201)
    assert (await kim.ask("GET", f"/{reply.body['id']}")).body["state"] == "cancelled"
    assert (await kim.ask("GET", f"/{opened}")).body["entered_decision"]["kind"] == "favourable"
    assert await own(zoe) == [opened]


async def test_an_offer_is_there_for_its_person_once_something_of_it_is_told(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 41, 46, 47: from then on it bars and counts, and documents may show it."""
    await hear(peers.suite, {"applications.max_active": 1})
    for code in ("P0", "P1"):
        await peers.publish_programme(code)
    id, back = await offered(kim), await zoe.opened("P0")
    assert await own(zoe) == [back]
    assert await concealed(peers, id) == [True]
    assert (await open_for(kim)).slug == (await open_for(kim, offer=True)).slug == "already-applied"
    decision = (await kim.ask("GET", f"/{id}")).body["entered_decision"]["id"]
    assert (await validate(kim, id, decision)).status == 200
    assert set(await own(zoe)) == {back, id}
    assert (await zoe.apply()).slug == "already-applied"
    assert (await zoe.apply("P1")).slug == "too-many-applications"
    assert await concealed(peers, id) == [True, False]
    assert await entered(kim, id, "unfavourable", reason="Complet") != decision
    assert set(await own(zoe)) == {back, id}


async def concealed(peers: PeerServices, id: str) -> list[bool]:
    """What documents were told of it."""
    await peers.suite.settle()
    told: list[bool] = []
    for journal in peers.suite.service("applications").journals.values():
        for entry in await journal.read(0, 1000):
            event = Envelope.model_validate_json(entry.body)
            if event.type == FileChanged.TYPE and event.data["application"] == id:
                told.append(event.data.get("concealed", False))
    return told


async def test_managers_and_their_candidate_at_once_leave_one_file(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 40, 46: whoever is first, the candidate has theirs, and no decision is lost or there twice."""
    for number in range(5):
        programme = f"P{number}"
        await peers.publish_programme(programme)
        offers = [open_for(each, programme=programme, offer=True) for each in (kim, Staff(peers, name="lou"))]
        *replies, applied = await asyncio.gather(*offers, zoe.apply(programme))
        assert applied.status == 201
        assert {reply.status for reply in replies} <= {201, 409}
        await peers.suite.settle()
        view = (await kim.ask("GET", f"/{applied.body['id']}")).body
        made = [reply.body["id"] for reply in replies if reply.status == 201]
        assert (view["entered_decision"] is not None) == bool(made)
        for id in made:
            gone = (await kim.ask("GET", f"/{id}")).body
            assert (gone["state"], gone["entered_decision"]) == ("cancelled", None)
    assert len(await own(zoe)) == 5
