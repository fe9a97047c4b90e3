"""Deadlines that offers moved: in force at once, told once to each open application, whatever stops meanwhile (ADR 67)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.deadline import Move
from services.applications.repository.deadlines import TO_TELL, Telling
from services.applications.usecases import deadlines
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.ports import Document
from services.chassis.store.rows import PAGE
from services.chassis.store.sqlite import SqliteStore
from services.contracts.events.offers import DeadlinesMoved
from tests.service.applications.candidate import Candidate, PeerServices

LATER = "2027-04-17"


async def move(peers: PeerServices, *moves: tuple[str, str | None, str], version: int = 1) -> None:
    """Offers has moved deadlines, and applications has heard it."""
    parts = [{"reach": reach, "code": code, "submission_deadline": day} for reach, code, day in moves]
    event = DeadlinesMoved.model_validate({"campaign": "2027", "version": version, "moves": parts})
    await peers.suite.publish(event, "offers")
    await peers.suite.settle()


async def by_the_clock(peers: PeerServices) -> None:
    """All that the timers of applications do about moves, until nothing is left."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    steps = ((app.telling.moved, deadlines.look_for), (app.telling.to_tell, deadlines.tell))
    done = 1
    while done:
        done = 0
        for rows, work in steps:
            for row in [row async for row in rows()]:
                done += await work(app, row, command)


async def told(peers: PeerServices) -> list[tuple[str, str]]:
    return [(data["application"], data["submission_deadline"]) for data in await peers.told("deadline_extended")]


@pytest.mark.parametrize(
    ("moved", "reached"),
    [
        (("all", None), True),
        (("centre", "SEE"), True),
        (("programme", "M1-MER"), True),
        (("centre", "LSH"), False),
        (("programme", "M1-DROIT"), False),
        (("planet", None), False),
    ],
)
async def test_a_move_counts_at_once_for_those_whom_it_reaches(
    peers: PeerServices, zoe: Candidate, clock: FixedClock, moved: tuple[str, Any], reached: bool
) -> None:
    id = await zoe.ready()
    shown = await zoe.get(id)
    clock.moment = datetime(2027, 4, 17, 21, 59, 59, tzinfo=UTC)
    if moved[0] == "planet":  # of a newer release, which names a scope that is not known yet
        app = use_cases(peers.suite.service("applications").service.ports)
        await app.deadlines.keep("2027", [Move("planet", "", clock.now().date())], 1)
    else:
        await move(peers, (*moved, LATER))
    after = await zoe.get(id)
    assert after["submission_deadline"] == (LATER if reached else shown["submission_deadline"])
    assert after["can_submit"] is reached
    assert (await zoe.submit(id)).status == (200 if reached else 409)


async def test_everybody_with_an_open_application_is_told_once(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 122."""
    await peers.publish_programme("M1-DROIT", centre={"code": "LSH", "label": "LSH"})
    draft, elsewhere = await zoe.opened(), await zoe.opened("M1-DROIT")
    adam = await peers.candidate("adam")
    submitted = await adam.ready()
    assert (await adam.submit(submitted)).status == 200
    await move(peers, ("centre", "SEE", LATER))
    await by_the_clock(peers)
    assert await told(peers) == [(draft, LATER)]
    await move(peers, ("centre", "SEE", LATER), ("programme", "M1-DROIT", "2027-04-20"), version=2)
    for _ in range(2):
        await by_the_clock(peers)
    assert await told(peers) == [(draft, LATER), (elsewhere, "2027-04-20")]
    # Moved back: who was told the later day keeps it, who comes now is told the earlier one.
    await move(peers, ("centre", "SEE", "2027-04-16"), version=3)
    await by_the_clock(peers)
    assert (await zoe.get(draft))["submission_deadline"] == LATER
    assert (await adam.get(submitted))["submission_deadline"] == "2027-04-15"
    eve = await peers.candidate("eve")
    assert (await eve.get(await eve.opened()))["submission_deadline"] == "2027-04-16"
    assert len(await told(peers)) == 2


async def test_a_programme_with_a_later_day_of_its_own_is_told_too(peers: PeerServices, zoe: Candidate) -> None:
    id = await zoe.opened()
    await peers.publish_programme(version=2, changed=True, submission_deadline=LATER)
    await by_the_clock(peers)
    assert await told(peers) == [(id, LATER)]


async def test_a_second_move_while_the_first_is_being_told_is_told_too(tmp_path: Path, clock: FixedClock) -> None:
    """In a store of its own: the timer of a suite that runs tells every few seconds what is to be told."""
    store, id = SqliteStore(tmp_path / "telling.sqlite"), "a" * 26
    try:
        await store.prepare([TO_TELL])
        telling = Telling(store)
        await telling.tell(id, clock.now())
        (under_way,) = [row async for row in telling.to_tell()]
        await telling.tell(id, clock.now())
        await telling.told(under_way)
        assert [row["_id"] async for row in telling.to_tell()] == [id]
        # Nor does who has read a row of before take one away that has come since, in the same millisecond.
        (later,) = [row async for row in telling.to_tell()]
        await telling.told(later)
        await telling.tell(id, clock.now() + timedelta(milliseconds=1))
        await telling.told(under_way)
        assert [row["_id"] async for row in telling.to_tell()] == [id]
    finally:
        await store.close()


async def test_a_programme_that_cannot_be_read_keeps_no_other_from_being_told(
    peers: PeerServices, zoe: Candidate
) -> None:
    id = await zoe.opened()
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("programmes", "M1-MER")
    assert row is not None
    await store.insert("programmes", {"_id": "A-BROKEN", "version": 1, "campaign": "2027"})
    await move(peers, ("all", None, LATER))
    await by_the_clock(peers)
    assert await told(peers) == [(id, LATER)]


async def test_what_is_past_when_the_clock_comes_to_it_is_not_told(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    await zoe.opened()
    clock.moment = datetime(2027, 4, 18, 8, 0, tzinfo=UTC)
    await move(peers, ("all", None, LATER))
    await by_the_clock(peers)
    assert await told(peers) == []


async def test_more_than_a_page_is_found_and_one_that_cannot_be_read_keeps_no_other(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("applications", await zoe.opened())
    assert row is not None
    rows: list[Document] = [
        row | {"_id": f"copy-{n:03}", "slot": f"s{n}", "slot_key": f"s{n}", "active_key": f"k{n}"} for n in range(PAGE)
    ]
    del rows[7]["history"]
    for each in rows:
        await store.insert("applications", each)
    await move(peers, ("all", None, LATER))
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(clock.now() + timedelta(seconds=1), "test", acting_service("applications"))
    while found := [each async for each in app.telling.moved()]:
        for each in found:
            await deadlines.look_for(app, each, command)
    # The suite's own timer may be telling them: a row goes once its application has taken the day over.
    to_tell = {each["_id"] async for each in app.telling.to_tell()}
    there = await store.find("applications", {}, limit=1000)
    assert len(to_tell | {each["_id"] for each in there if each["submission_deadline"] == LATER}) == PAGE
