"""Candidates hear of changes of an application while a connection lasts, and of nothing that they may not see."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from services.applications.repository.applications import APPLICATIONS
from services.chassis import urls
from services.chassis.clock import FixedClock
from services.chassis.http.following import LASTS
from services.chassis.testing import run_suite
from services.contracts.events.accounts import SessionRevoked
from tests.service.applications.candidate import BASE, Candidate, PeerServices, Reply
from tests.service.applications.following import listening
from tests.service.applications.test_decisions import entered, validate
from tests.service.applications.test_review import Staff, handed_over


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def test_a_change_is_heard_and_an_entered_decision_is_not(zoe: Candidate, kim: Staff) -> None:
    """Acceptance 46, 78: what comes next is told with the version after the last one that was seen."""
    id = await handed_over(zoe)
    begun = (await zoe.get(id))["version"]
    async with listening(zoe, id) as line:
        assert await line.moved() == begun
        decision = await entered(kim, id, "waitlist", comment="Sous réserve")
        decision = await entered(kim, id, comment="Bravo !")
        assert (await kim.ask("POST", f"/{id}/notes", json={"text": "À revoir"})).status in (200, 201)
        assert (await kim.judge(id, "cv", "validated")).status == 200
        assert await line.change() == {"id": id, "version": begun + 1}
        assert (await validate(kim, id, decision)).status == 200
        assert await line.change() == {"id": id, "version": begun + 2}
    assert (await zoe.get(id))["decision"] == "favourable"


async def test_who_comes_back_is_told_at_once_of_what_is_newer(zoe: Candidate, kim: Staff) -> None:
    id = await handed_over(zoe)
    before = (await zoe.get(id))["version"]
    assert (await kim.judge(id, "cv", "validated")).status == 200
    async with listening(zoe, id, before) as behind, listening(zoe, id, before + 1) as level:
        assert await behind.change() == {"id": id, "version": before + 1}
        assert await level.moved() == before + 1
    async with zoe.suite.client.head(f"{BASE}/applications/{id}/events", headers=zoe.suite.bearer("zoe")) as head:
        assert (head.status, head.headers["Content-Type"]) == (200, "text/event-stream")
    for wrong in ("-1", "01", "twelve", "12345678901"):
        reply = await asked(zoe, id, **{"Last-Event-ID": wrong})
        assert (reply.status, reply.slug) == (400, "invalid-header"), wrong


async def test_another_process_changes_it_and_what_no_answer_shows_is_passed_over(
    tmp_path: Path, zoe: Candidate
) -> None:
    """That a mail is to be sent moves the version and says nothing."""
    id = await zoe.opened()
    store = urls.open_store("sqlite:", service="applications", data=tmp_path)
    store.declare([APPLICATIONS])

    async def change(**members: object) -> int:
        row = await store.get(APPLICATIONS.name, id)
        assert row is not None
        assert await store.replace(
            APPLICATIONS.name, row | members | {"version": row["version"] + 1}, version=row["version"]
        )
        return int(row["version"]) + 1

    async with listening(zoe, id) as line:
        begun = await line.moved()
        assert await change(reminded={"deadline": "2027-04-15", "days": 7}) == begun + 1
        assert await line.moved() == begun + 1
        assert (await zoe.deposit(id, "cv")).status == 200
        assert (await line.change())["version"] == begun + 2
        assert await change(reminded={"deadline": "2027-04-15", "days": 2}) == begun + 3
        assert await line.moved() == begun + 3
    # Who comes back is told of what happened meanwhile as those are who stay.
    async with listening(zoe, id, begun + 2) as level, listening(zoe, id, begun + 1) as behind:
        assert await level.moved() == begun + 3
        assert await behind.change() == {"id": id, "version": begun + 3}
        assert (
            await change(submission_deadline="2027-04-16") == begun + 4
        )  # by a release that does not say what is seen
        assert await level.change() == {"id": id, "version": begun + 4}
    async with listening(zoe, id, begun + 5) as restored:
        assert await restored.change() == {"id": id, "version": begun + 4}
    await store.close()


async def test_a_connection_ends_with_its_session_and_with_its_time(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    id = await zoe.opened()
    async with listening(zoe, id) as line:
        await line.moved()
        clock.advance(seconds=LASTS.total_seconds() - 0.001)
        assert (await zoe.deposit(id, "cv")).status == 200
        assert (await line.change())["id"] == id
        clock.advance(seconds=0.001)
        await line.ends()
    async with listening(zoe, id) as line:
        await line.moved()
        await peers.suite.publish(SessionRevoked(account="zoe", session="session-zoe"), "accounts")
        await line.ends()
    reply = await asked(zoe, id)
    assert (reply.status, reply.slug) == (401, "token-invalid")


async def test_a_connection_does_not_outlive_its_access_token(zoe: Candidate, clock: FixedClock) -> None:
    id = await zoe.opened()
    async with listening(zoe, id, exp=int(clock.now().timestamp()) + 60) as line:
        await line.moved()
        clock.advance(seconds=59)
        assert (await zoe.deposit(id, "cv")).status == 200
        assert (await line.change())["id"] == id
        clock.advance(seconds=1)
        await line.ends()


async def test_so_many_listen_at_once_and_one_more_is_asked_to_come_back(tmp_path: Path, clock: FixedClock) -> None:
    """Beyond one's share, and beyond all places, before anything is looked for; and nobody keeps the process from ending."""
    async with aiohttp.ClientSession() as browser, AsyncExitStack() as listeners:
        async with run_suite(tmp_path, services=("applications",), clock=clock, max_following=2) as suite:
            peers = PeerServices(suite, clock)
            await peers.publish_programme()
            zoe, kim = await peers.candidate("zoe"), await peers.candidate("kim", file_number="EF56GH78")
            mine, theirs = await zoe.opened(), await kim.opened()
            foreign = await asked(kim, mine)
            assert (foreign.status, foreign.slug) == (404, "not-found")
            line = await listeners.enter_async_context(listening(zoe, mine, client=browser))
            await line.moved()
            again = await asked(zoe, mine)
            assert (again.status, again.slug, again.headers["Retry-After"]) == (429, "too-many-at-once", "30")
            async with listening(kim, theirs):
                full = await asked(kim, mine)
                assert (full.status, full.slug, full.headers["Retry-After"]) == (503, "busy", "30")
                assert (await kim.ask("GET", "/applications")).status == 200
            async with asyncio.timeout(60):  # the place is left once it is seen that the line is gone
                while (await asked(kim, mine)).status == 503:
                    await asyncio.sleep(0.05)
        await line.ends()


async def asked(candidate: Candidate, id: str, **headers: str) -> Reply:
    return await candidate.ask("GET", f"/applications/{id}/events", headers=headers)
