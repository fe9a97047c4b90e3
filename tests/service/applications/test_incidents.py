"""Incidents: measured over a stop or declared, judged once, and last days moved for whoever lost time (ADR 110)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.incidents import KEPT
from services.applications.repository.incidents import INCIDENTS, MOST, IncidentRepository
from services.applications.usecases import deadlines, decisions, incidents
from services.applications.usecases.app import App
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.ports import StoreUnavailable
from services.chassis.service.beats import BEATS, Beats
from services.chassis.testing import run_suite
from tests.parameters import hear
from tests.service.applications.candidate import BASE, Candidate, PeerServices, Reply
from tests.service.applications.test_decisions import answer, complete, entered, validate
from tests.service.applications.test_review import Staff, kim, set_to

__all__ = ["kim"]

ADMIN = ({"role": "admin"},)
BEGINS, ENDS = datetime(2027, 4, 15, 20, 0, tzinfo=UTC), datetime(2027, 4, 16, 2, 0, tzinfo=UTC)
"""From 22:00 until 4:00 in Paris: the programme's last day is the first of these."""


class Admin:
    """One administrator's client."""

    def __init__(self, peers: PeerServices, *grants: dict[str, Any]) -> None:
        self.peers, self.grants = peers, list(grants or ADMIN)

    async def ask(self, method: str, path: str, **request: Any) -> Reply:
        headers = self.peers.suite.bearer("ada", kind="staff", grants=self.grants) | request.pop("headers", {})
        async with self.peers.suite.client.request(method, BASE + path, headers=headers, **request) as answer:
            return Reply(answer.status, await answer.json(content_type=None), answer.headers)

    async def declares(self, begins: datetime = BEGINS, ends: datetime = ENDS) -> str:
        said = {"begins": begins.isoformat(), "ends": ends.isoformat(), "reason": "Panne de courant"}
        reply = await self.ask("POST", "/incidents", json=said)
        assert reply.status == 200, reply.body
        return str(reply.body["id"])

    async def previews(self, id: str, hours: int = 6) -> Reply:
        return await self.ask("POST", f"/incidents/{id}/extension", json={"hours": hours, "dry_run": True})

    async def extends(self, id: str, digest: str, hours: int = 6) -> Reply:
        body = {"hours": hours, "digest": digest, "reason": "Panne de courant"}
        return await self.ask("POST", f"/incidents/{id}/extension", json=body)

    async def prolonged(self) -> Any:
        """What everybody is told."""
        async with self.peers.suite.client.get(f"{BASE}/incidents/prolonged") as answer:
            assert answer.status == 200
            return (await answer.json())["until"]

    async def incidents(self) -> list[dict[str, Any]]:
        reply = await self.ask("GET", "/incidents")
        assert reply.status == 200, reply.body
        return list(reply.body["items"])


async def by_clock(peers: PeerServices) -> None:
    """What the timers of applications do about incidents, and about who is to be told of them."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    await incidents.follow(app, command)
    await tells(app, command)


async def tells(app: App, command: CommandContext) -> None:
    """What its timers do about who is to be told."""
    done = 1
    while done:
        done = 0
        for rows, work in ((app.telling.moved, deadlines.look_for), (app.telling.to_tell, deadlines.tell)):
            for row in [row async for row in rows()]:
                done += await work(app, row, command)


async def withdraws(peers: PeerServices) -> int:
    """How many places the timer takes back now, on proof that nothing is under way."""
    await peers.suite.vouch("offers")
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    return sum([await decisions.look_after(app, row, command) async for row in decisions.unanswered(app, command)])


async def test_last_days_that_a_declared_incident_touched_are_moved_once_and_told_once(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    id, admin = await zoe.ready(), Admin(peers)
    await peers.publish_programme("M1-DROIT", submission_deadline="2027-05-15")
    await zoe.opened("M1-DROIT")
    clock.moment = datetime(2027, 4, 16, 7, 0, tzinfo=UTC)
    assert (await zoe.submit(id)).slug == "deadline-passed"
    incident = await admin.declares()
    assert await admin.declares() == incident
    seen = (await admin.previews(incident)).body
    assert seen["days"] == [{"before": f"2027-04-{day}", "after": "2027-04-17"} for day in (15, 16)]
    (programme,) = seen["programmes"]
    assert (programme["code"], programme["submission_deadline"], programme["files"]) == ("M1-MER", "2027-04-15", 1)
    assert (seen["touched"], seen["files"], seen["people"], seen["mails"], seen["answers"]) == (1, 1, 1, 1, 0)
    assert await admin.prolonged() is None
    assert (await zoe.get(id))["submission_deadline"] == "2027-04-15"  # nothing has changed yet
    assert (await admin.extends(incident, "0" * 32)).slug == "incident-changed"
    assert (await admin.extends(incident, seen["digest"], hours=5)).body["fields"][0]["slug"] == "incident-hours"
    for _ in range(2):
        assert (await admin.extends(incident, seen["digest"])).status == 200
    shown = await zoe.get(id)
    assert (shown["submission_deadline"], shown["can_submit"]) == ("2027-04-17", True)
    for _ in range(2):
        await by_clock(peers)
    told = [(each["submission_deadline"], each["incident"]) for each in await peers.told("deadline_extended")]
    assert told == [("2027-04-17", True)]
    assert (await zoe.get(id))["prolonged"] is True
    assert (await zoe.submit(id)).status == 200
    (kept,) = await admin.incidents()
    assert (kept["state"], kept["hours"], kept["by"]) == ("extended", 6, "ada")
    assert (await admin.ask("POST", f"/incidents/{incident}/dismissal", json={"reason": "x"})).slug == "incident-judged"
    for day, until in ((17, "2027-04-17"), (18, None)):
        clock.moment = datetime(2027, 4, day, 7, 0, tzinfo=UTC)
        assert await admin.prolonged() == until, "until that day is over"


async def test_incidents_are_for_who_administers_all_centres(peers: PeerServices) -> None:
    there = Admin(peers, {"role": "admin", "centres": ["SEE"]})
    assert (await there.ask("GET", "/incidents")).status == 404
    assert (await Admin(peers, {"role": "manager"}).ask("GET", "/incidents")).status == 403
    assert (await Admin(peers).previews("declared-1-2")).slug == "not-found"


async def stopped(peers: PeerServices, at: datetime, *, boot: str) -> None:
    """Have the service seen last then, as by a machine that is started anew since: it had a power cut."""
    store = peers.suite.service("applications").service.ports.store
    text, done = at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), False
    async with asyncio.timeout(120):
        while not done:
            row = await store.get(BEATS.name, "beat")
            if row is None or row["version"] < 2:
                await asyncio.sleep(0.01)
                continue
            later = row | {"version": row["version"] + 1, "boot": boot, "at": text}
            done = await store.replace(
                BEATS.name, later, version=row["version"]
            )  # not where the service beat meanwhile


async def test_nobody_loses_a_place_whose_last_day_ended_while_the_suite_was_down(
    tmp_path: Path, clock: FixedClock
) -> None:
    """The suite stops before the last evening ends and starts after it: nothing is withdrawn before somebody has judged."""
    async with run_suite(tmp_path, services=("applications",), clock=clock, timers_by_time=False) as suite:
        peers = PeerServices(suite, clock)
        await peers.publish_programme()
        staff, zoe = Staff(peers), await peers.candidate("zoe")
        id = await complete(zoe, staff)
        assert (await validate(staff, id, await entered(staff, id))).status == 200
        clock.moment = datetime(2027, 7, 1, 18, 0, tzinfo=UTC)
        await stopped(peers, clock.now(), boot="before the power cut")
    clock.moment = datetime(2027, 7, 2, 9, 0, tzinfo=UTC)
    async with run_suite(tmp_path, services=("applications",), clock=clock, timers_by_time=False) as suite:
        peers = PeerServices(suite, clock)
        zoe, admin = Candidate(suite, "zoe"), Admin(peers)
        (found,) = await admin.incidents()
        assert (found["source"], found["begins"], found["ends"], found["least_hours"]) == (
            *("stopped", "2027-07-01T18:00:00.000Z"),
            *("2027-07-02T09:00:00.000Z", 15),
        )
        assert await withdraws(peers) == 0
        assert (await answer(zoe, id, "accept")).slug == "answer-late"
        seen = (await admin.previews(found["id"], 24)).body
        assert (seen["answers"], seen["days"][0]) == (1, {"before": "2027-07-01", "after": "2027-07-03"})
        assert (await admin.extends(found["id"], seen["digest"], 24)).status == 200
        assert await withdraws(peers) == 0
        for _ in range(2):
            await by_clock(peers)
        told = [(each["answer_deadline"], each["incident"]) for each in await peers.told("answer_due")]
        assert told == [("2027-07-03", True)]
        assert (await zoe.get(id))["answer_deadline"] == "2027-07-03"
        assert (await answer(zoe, id, "accept")).status == 200
    async with run_suite(tmp_path, services=("applications",), clock=clock, timers_by_time=False) as suite:
        assert len(await Admin(PeerServices(suite, clock)).incidents()) == 1


@pytest.mark.parametrize(("judged", "after"), [("dismissed", timedelta()), ("", timedelta(days=3))])
async def test_timers_go_on_once_an_incident_is_dismissed_or_nobody_has_judged_it_for_three_days(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock, judged: str, after: timedelta
) -> None:
    id, admin = await complete(zoe, kim), Admin(peers)
    assert (await validate(kim, id, await entered(kim, id))).status == 200
    set_to(clock, datetime(2027, 7, 2, 9, 0, tzinfo=UTC))
    incident = await admin.declares(datetime(2027, 7, 1, 18, 0, tzinfo=UTC), clock.now())
    assert await withdraws(peers) == 0
    clock.advance(seconds=after.total_seconds())
    if judged:
        reason = {"reason": "La nuit, personne"}
        assert (await admin.ask("POST", f"/incidents/{incident}/dismissal", json=reason)).body["state"] == judged
    assert await withdraws(peers) == 1


async def test_a_clock_that_leaps_while_the_service_runs_makes_no_incident(
    peers: PeerServices, clock: FixedClock
) -> None:
    app = use_cases(peers.suite.service("applications").service.ports)
    for days in (1, 30, -20):
        clock.advance(days=days)
        await incidents.beat(app, CommandContext(clock.now(), "timer", acting_service("applications")))
    assert await Admin(peers).incidents() == []


class _Away(IncidentRepository):
    """A store that is away when an incident is to be kept."""

    async def add(self, *_: Any, **__: Any) -> Any:
        raise StoreUnavailable


class _Seen(Beats):
    """What another process has seen before an incident was kept."""

    def __init__(self, seen: Any) -> None:
        self.seen = seen

    async def look(self) -> Any:
        return self.seen

    async def keep(self, *_: Any) -> None:
        """It is behind by then."""


async def test_a_stop_is_not_forgotten_by_a_process_that_ends_before_it_is_kept(
    peers: PeerServices, clock: FixedClock
) -> None:
    """And two processes that find it in the same moment keep it once."""
    ports = peers.suite.service("applications").service.ports
    app, command = use_cases(ports), CommandContext(clock.now(), "timer", acting_service("applications"))
    await stopped(peers, clock.now() - timedelta(hours=2), boot="earlier")
    with pytest.raises(StoreUnavailable):
        await incidents.beat(replace(app, incidents=_Away(ports.store, ports.outbox)), command)
    seen = await app.beats.look()
    assert await incidents.beat(app, command) == 1
    late = replace(app, beats=_Seen(seen))
    clock.advance(seconds=3)
    assert await incidents.beat(late, replace(command, now=clock.now())) == 0
    assert len(await Admin(peers).incidents()) == 1


async def test_a_stop_goes_on_after_a_process_that_ended_before_it_kept_its_beat(
    peers: PeerServices, clock: FixedClock
) -> None:
    """As of a machine that starts again and again after a power cut."""
    ports = peers.suite.service("applications").service.ports
    app, command = use_cases(ports), CommandContext(clock.now(), "timer", acting_service("applications"))
    await stopped(peers, clock.now() - timedelta(hours=2), boot="earlier")
    last, now, there = await app.beats.look()
    assert await incidents.beat(replace(app, beats=_Seen((last, now, there))), command) == 1
    later = replace(now, at=now.at + timedelta(hours=4))
    assert await incidents.beat(replace(app, beats=_Seen((last, later, there))), command) == 0
    (found,) = await Admin(peers).incidents()
    assert found["least_hours"] == 6


async def test_a_timer_that_comes_before_the_next_beat_withdraws_nobody_whose_day_ended_in_the_gap(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """As after a night in which the store was away, or the machine slept."""
    id = await complete(zoe, kim)
    assert (await validate(kim, id, await entered(kim, id))).status == 200
    set_to(clock, datetime(2027, 7, 2, 9, 0, tzinfo=UTC))
    await stopped(peers, datetime(2027, 7, 1, 18, 0, tzinfo=UTC), boot="earlier")
    assert await withdraws(peers) == 0
    (found,) = await Admin(peers).incidents()
    assert found["least_hours"] == 15


async def test_an_incident_that_is_judged_late_moves_last_days_all_the_same_and_another_process_tells_it(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    id, admin = await zoe.ready(), Admin(peers)
    clock.moment = datetime(2027, 4, 16, 7, 0, tzinfo=UTC)
    incident = await admin.declares()
    clock.advance(days=100)
    seen = (await admin.previews(incident)).body
    another = use_cases(peers.suite.service("applications").service.ports)  # it has not looked since
    assert (await admin.extends(incident, seen["digest"])).status == 200
    await tells(another, CommandContext(clock.now(), "timer", acting_service("applications")))
    told = [each["submission_deadline"] for each in await peers.told("deadline_extended")]
    assert told == [seen["days"][0]["after"]] == [(await zoe.get(id))["submission_deadline"]]


async def test_how_long_a_stop_must_be_is_a_parameter(peers: PeerServices, clock: FixedClock) -> None:
    await hear(peers.suite, {"applications.incident_minutes": 30})
    app = use_cases(peers.suite.service("applications").service.ports)
    for seconds, found in ((29 * 60 + 59, 0), (30 * 60, 1)):
        await stopped(peers, clock.now() - timedelta(seconds=seconds), boot="earlier")
        async with app.parameters.known():
            await incidents.beat(app, CommandContext(clock.now(), "timer", acting_service("applications")))
        assert len(await Admin(peers).incidents()) == found


async def test_a_planned_stop_is_none_but_for_what_goes_on_behind_its_window(
    peers: PeerServices, clock: FixedClock
) -> None:
    await hear(peers.suite, {"maintenance.windows": ["22:45-06:00"]})
    app, ends = use_cases(peers.suite.service("applications").service.ports), datetime(2027, 4, 11, 4, tzinfo=UTC)
    for minutes, found in ((0, []), (10, ["2027-04-11T04:00:00.000Z"])):
        clock.moment = ends + timedelta(minutes=minutes)
        await stopped(peers, ends - timedelta(hours=6), boot="earlier")
        async with app.parameters.known():
            await incidents.beat(app, CommandContext(clock.now(), "timer", acting_service("applications")))
        assert [each["begins"] for each in await Admin(peers).incidents()] == found


async def test_so_many_incidents_are_kept_and_those_that_are_long_over_give_way(
    peers: PeerServices, clock: FixedClock
) -> None:
    """Acceptance 103. One that was judged lately moves last days, however long ago it was."""
    admin, ports = Admin(peers), peers.suite.service("applications").service.ports
    incident = await admin.declares(clock.now() - timedelta(hours=2), clock.now() - timedelta(hours=1))
    row = await ports.store.get(INCIDENTS.name, incident)
    assert row is not None
    for number in range(MOST - 2):
        await ports.store.insert(INCIDENTS.name, row | {"_id": f"declared-{number}-0", "version": 1})
    span = clock.now() - timedelta(hours=4), clock.now() - timedelta(hours=3)
    assert await admin.declares(*span) != incident
    more = {"begins": span[0].isoformat(), "ends": clock.now().isoformat(), "reason": "Panne"}
    full = await admin.ask("POST", "/incidents", json=more)
    assert (full.status, full.slug, full.body["max"]) == (409, "too-many-incidents", MOST)
    clock.moment += KEPT
    seen = (await admin.previews(incident, 1)).body
    assert (await admin.extends(incident, seen["digest"], 1)).status == 200
    await admin.declares(clock.now() - timedelta(hours=2), clock.now() - timedelta(hours=1))
    assert len(await ports.store.find(INCIDENTS.name, {}, limit=MOST)) == 2
    assert [each["id"] for each in await admin.incidents() if each["state"] == "extended"] == [incident]
