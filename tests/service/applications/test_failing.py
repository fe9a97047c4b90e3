"""A service that answers people by failures is an incident, which somebody judges (ADR 110)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.testing import Suite, run_suite
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_incidents import BEGINS, ENDS, Admin, stopped


@pytest.fixture
async def peers(tmp_path: Path, clock: FixedClock) -> AsyncIterator[PeerServices]:
    both = ("applications", "documents")
    async with run_suite(tmp_path, services=both, clock=clock, timers_by_time=False) as suite:
        yield PeerServices(suite, clock)


async def a_minute(suite: Suite, status: int, *, path: str = "", times: int = 20, people: int = 3) -> None:
    """So many requests of people to documents are answered so; then the minute is over."""
    for number in range(times):
        headers = suite.bearer(f"zoe{number % people}")
        async with suite.client.get(f"/api/documents/documents{path}", headers=headers) as answer:
            assert answer.status == status
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(minutes=1)
    (timer,) = [each for each in suite.service("applications").service.timers if each.name == "beats"]
    for _ in range(2):
        await timer.run(CommandContext(suite.clock.now(), "test", acting_service("applications")))


async def test_two_minutes_of_failures_are_one_incident_that_grows_and_ordinary_refusals_are_none(
    peers: PeerServices, clock: FixedClock
) -> None:
    suite, admin = peers.suite, Admin(peers)
    clock.moment = clock.now().replace(second=0, microsecond=0)
    for _ in range(3):
        await a_minute(suite, 404, path="/01jd5w8q3v7m2c9k4t6x0b1n5r")
    await a_minute(suite, 200)
    await suite.service("documents").service.ports.store.close()
    for _ in range(3):
        await a_minute(suite, 503, times=40, people=1)
    assert await admin.incidents() == [], "one alone, who may have found how to have it fail"
    begins = clock.now()
    await a_minute(suite, 503)
    assert await admin.incidents() == []
    await a_minute(suite, 503)
    await a_minute(suite, 503, times=19)
    (found,) = await admin.incidents()
    assert (found["source"], found["service"], found["state"]) == ("failing", "documents", "open")
    assert (found["begins"], found["seconds"]) == (begins.strftime("%Y-%m-%dT%H:%M:%S.000Z"), 120)
    for _ in range(3):
        await a_minute(suite, 503)
    (found,) = await admin.incidents()
    assert found["seconds"] == 360, "a minute in which hardly anybody asked makes no other outage of it"
    assert (await admin.ask("POST", f"/incidents/{found['id']}/dismissal", json={"reason": "x"})).status == 200
    await a_minute(suite, 503)
    assert len(await admin.incidents()) == 1
    for _ in range(2):
        await a_minute(suite, 503)
    assert sorted(each["seconds"] for each in await admin.incidents()) == [180, 360], "what goes on behind it is new"


async def test_an_outage_of_all_is_one_incident_whatever_of_it_was_measured(
    peers: PeerServices, clock: FixedClock
) -> None:
    """The service had stopped, as its beats tell, and what was answered meanwhile were failures of several services."""
    suite, admin = peers.suite, Admin(peers)
    clock.moment = clock.now().replace(second=0, microsecond=0)
    await stopped(peers, clock.now(), boot="before the power cut")
    answered = suite.service("applications").service.ports.answered
    for _ in range(12):
        clock.advance(minutes=1)
        for number, service in enumerate(("accounts", "documents") * 20):
            answered.count(service, clock.now() - timedelta(seconds=30), failed=True, who=str(number))
    await a_minute(suite, 404, path="/01jd5w8q3v7m2c9k4t6x0b1n5r")
    (found,) = await admin.incidents()
    assert (found["source"], found["seconds"]) == ("stopped", 780)
    began = datetime.fromisoformat(found["begins"])
    for number in range(40):
        for minutes in (1, 2):
            answered.count("documents", began - timedelta(minutes=minutes), failed=True, who=str(number))
    await a_minute(suite, 404, path="/01jd5w8q3v7m2c9k4t6x0b1n5r")
    (found,) = await admin.incidents()
    assert found["seconds"] == 900, "it had begun earlier than was known"
    assert datetime.fromisoformat(found["begins"]) == began - timedelta(minutes=2)


async def test_what_was_extended_and_moved_nobodys_last_day_is_announced_to_nobody(
    peers: PeerServices, clock: FixedClock
) -> None:
    """A last day ends each midnight; and what is judged is not declared anew."""
    admin = Admin(peers)
    clock.moment = ENDS + timedelta(hours=5)
    incident = await admin.declares()
    seen = (await admin.previews(incident)).body
    assert (bool(seen["days"]), seen["touched"]) == (True, 0)
    assert (await admin.extends(incident, seen["digest"])).status == 200
    assert await admin.prolonged() is None
    said = {"begins": BEGINS.isoformat(), "ends": ENDS.isoformat(), "reason": "Encore"}
    again = await admin.ask("POST", "/incidents", json=said)
    assert (again.status, again.slug) == (409, "incident-judged")
    shorter = await admin.declares(ends=ENDS - timedelta(hours=1))
    await peers.publish_programme("M1-MER")
    seen = (await admin.previews(shorter)).body
    assert seen["touched"] == 1
    assert (await admin.extends(shorter, seen["digest"])).status == 200
    assert await admin.prolonged() == seen["days"][0]["after"]
