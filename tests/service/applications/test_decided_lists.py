"""Staff find files by how they are decided on, and see it in their lists."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.applications.repository.listing import LISTING, RENEWALS
from services.applications.usecases.listing import rebuild
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.store.rows import every
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_decisions import answer, entered, validate
from tests.service.applications.test_export import fetched, table
from tests.service.applications.test_lists import Files, rows
from tests.service.applications.test_review import Staff


@pytest.fixture
async def files(peers: PeerServices, clock: FixedClock) -> Files:
    return await Files(peers).made(clock)


async def test_files_are_found_by_decision_and_answer(peers: PeerServices, files: Files, clock: FixedClock) -> None:
    """Acceptance 92: what is entered and waits to be validated, what counts, and what is answered to a place."""
    kim, zoe, ana = Staff(peers), await peers.candidate("zoe"), await peers.candidate("ana")
    for name in ("zoe-sea", "ana-sea", "zoe-bio"):
        assert (await validate(kim, files.id(name), await entered(kim, files.id(name)))).status == 200
    assert (await answer(zoe, files.id("zoe-sea"), "accept")).status == 200
    assert (await answer(ana, files.id("ana-sea"), "withdraw")).status == 200
    await peers.suite.settle()
    await entered(kim, files.id("ben-law"), "waitlist")
    await entered(kim, files.id("zoe-sea"), "unfavourable", reason="Niveau")
    queries: tuple[tuple[dict[str, str], str], ...] = (
        ({"decision": "entered"}, "zoe-sea ben-law"),
        ({"decision": "entered", "sort": "newest"}, "ben-law zoe-sea"),
        ({"decision": "entered", "answer": "accept"}, "zoe-sea"),
        ({"decision": "favourable"}, "ana-sea zoe-sea zoe-bio"),
        ({"answer": "none"}, "zoe-bio"),
        ({"answer": "accept"}, "zoe-sea"),
        ({"answer": "withdraw", "centre": "SEE"}, "ana-sea"),
        ({"decision": "waitlist"}, ""),
        ({"decision": "entered", "answer": "none"}, ""),
        ({"decision": "favourable", "answer": "withdraw"}, "ana-sea"),
        ({"decision": "none", "answer": "accept"}, ""),
        ({"decision": "unfavourable", "answer": "withdraw"}, ""),
        ({"decision": "none"}, "ben-law"),
        ({"decision": "none", "state": "draft"}, "ana-draft"),
        ({"decision": "favourable", "commission": "BIO"}, "zoe-bio"),
        ({"decision": "favourable", "account": "zoe"}, "zoe-sea zoe-bio"),
    )
    for query, expected in queries:
        assert await files.seen(kim, **query) == expected.split(), query
        taken = table(await fetched(kim, "csv", **query))
        assert len(taken) == len(expected.split()), query
        asked = {name: value for name, value in query.items() if name not in ("sort", "state")}
        counted = {
            each["state"]: each["files"] for each in (await kim.ask("GET", "/counts", params=asked)).body["items"]
        }
        assert (
            counted["submitted"] == len([name for name in expected.split() if name != "ana-draft"]) or "state" in query
        )
    listed = {files.names[row["id"]]: row for row in (await kim.ask("GET", "")).body["items"]}
    told = ("decided", "decided_label", "answer", "entered")
    assert [listed["zoe-sea"][name] for name in told] == ["favourable", "Avis favorable", "accept", True]
    assert [listed["ben-law"][name] for name in told] == [None, None, None, True]
    for query in ({"decision": "entered", "sort": "name"}, {"decision": "entered", "q": "zoe"}):
        assert (await kim.ask("GET", "", params=query)).slug == "unknown-sort"
    assert (await kim.ask("GET", "", params={"decision": "maybe"})).slug == "invalid-fields"
    ports = peers.suite.service("applications").service.ports
    there: Any = await rows(ports.store)
    await rebuild(use_cases(ports), CommandContext(clock.now(), "anew", OPERATOR))
    assert await rows(ports.store) == there
    assert (await kim.ask("DELETE", f"/{files.id('ben-law')}/decision")).status == 200
    assert await files.seen(kim, decision="entered") == ["zoe-sea"]


async def test_who_has_left_a_waiting_list_waits_in_no_list(peers: PeerServices, files: Files) -> None:
    """Neither in lists, nor in counts, nor in what is exported; they are found by having left (acceptance 89, 92)."""
    kim, zoe = Staff(peers), await peers.candidate("zoe")
    for name, kind, more in (
        ("zoe-sea", "ranked_waitlist", {"rank": 1}),
        ("zoe-bio", "waitlist", {}),
        ("ana-sea", "ranked_waitlist", {"rank": 2}),
    ):
        assert (await validate(kim, files.id(name), await entered(kim, files.id(name), kind, **more))).status == 200
    for name in ("zoe-sea", "zoe-bio"):
        assert (await zoe.ask("POST", f"/applications/{files.id(name)}/leave-waitlist")).status == 200
    await peers.suite.settle()
    queries: tuple[tuple[dict[str, str], str, set[str]], ...] = (
        ({"decision": "ranked_waitlist"}, "ana-sea", {""}),
        ({"decision": "waitlist"}, "", set()),
        ({"answer": "left"}, "zoe-sea zoe-bio", {"Liste d’attente quittée"}),
        ({"decision": "waitlist", "answer": "left"}, "zoe-bio", {"Liste d’attente quittée"}),
        ({"decision": "favourable", "answer": "left"}, "", set()),
    )
    for query, expected, answers in queries:
        assert set(await files.seen(kim, **query)) == set(expected.split()), query
        counts = (await kim.ask("GET", "/counts", params=query)).body["items"]
        assert sum(each["files"] for each in counts) == len(expected.split()), query
        exported = table(await fetched(kim, "csv", **query))
        assert {row["Place confirmée"] for row in exported} == answers, query
    listed = {files.names[row["id"]]: row for row in (await kim.ask("GET", "")).body["items"]}
    assert [listed["zoe-sea"][name] for name in ("decided", "answer")] == ["ranked_waitlist", "left"]


async def test_rows_of_an_older_release_are_made_anew_once_by_themselves(
    peers: PeerServices, files: Files, clock: FixedClock
) -> None:
    """Acceptance 92: who upgrades finds files by their decisions without doing anything for it."""
    service = peers.suite.service("applications").service
    store, command = service.ports.store, CommandContext(clock.now(), "renewal", OPERATOR)
    (timer,) = [each for each in service.timers if each.name == "lists"]
    there = await rows(store)

    async def made_older() -> None:
        async for row in every(store, LISTING.name, {}):
            older = {name: value for name, value in row.items() if name not in ("decided", "entered", "called")}
            assert await store.replace(LISTING.name, older | {"version": row["version"] + 1}, version=row["version"])

    async def renewed() -> None:
        async with asyncio.timeout(120):
            while not ((row := await store.get(RENEWALS.name, "rows")) and row["done"]):
                await asyncio.sleep(0.01)

    await renewed()
    await made_older()
    await timer.run(command)
    assert all("decided" not in row for row in (await rows(store)).values()), "it was done already"
    await store.delete(RENEWALS.name, "rows")
    await asyncio.gather(*(timer.run(command) for _ in range(3)))
    await renewed()
    assert await rows(store) == there
