"""A service of several processes knows over its lives when it was away, and tells it once (ADR 120)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.journal import Journal
from services.chassis.service.absences import LEAST, ServiceBeats
from services.chassis.service.beats import Beats
from services.chassis.service.last_runs import LastRuns
from services.chassis.testing import Suite, run_suite
from services.contracts.beats import Uptime
from services.contracts.events.catalogue import Audience
from services.contracts.instants import instant_text
from services.documents.repository.absences import AbsenceRepository

BEGINS = datetime(2027, 4, 15, 20, 0, tzinfo=UTC)
LIVES = 3600.0


def replica(suite: Suite, clock: FixedClock, *, boot: str = "one", ran: float = LIVES) -> ServiceBeats:
    """One process of documents, on a machine that has run for so many seconds."""
    ports = suite.service("documents").service.ports
    beats = Beats(ports.store, clock, lambda: Uptime(boot, timedelta(seconds=ran)), service="documents")
    told, runs = AbsenceRepository(ports.store, ports.outbox), LastRuns(ports.store)
    return ServiceBeats("documents", beats, told, runs, clock, ports.ids)


async def beats(one: ServiceBeats) -> None:
    await one.beat(CommandContext(one.clock.now(), "beat", acting_service("documents")))


async def told(suite: Suite) -> list[tuple[str, str]]:
    """The absences that other services hear of."""
    await suite.settle()
    journal = Journal(suite.service("documents").service.ports.store, Audience.INTERNAL)
    return [
        (data["begins"], data["ends"])
        for each in await journal.read(0)
        for data in [json.loads(each.body)["data"]]
        if each.type == "documents.service.was_away.v1"
    ]


@pytest.mark.parametrize(("still", "tells"), [(LEAST, True), (LEAST - timedelta(milliseconds=1), False)])
async def test_while_a_release_served_that_keeps_no_beats_the_service_was_not_away(
    tmp_path: Path, still: timedelta, tells: bool
) -> None:
    """Updated, taken back for six hours, and updated again: its timers ran, until it was stopped for the update."""
    clock = FixedClock(BEGINS)
    async with run_suite(tmp_path, services=("documents",), clock=clock, timers_by_time=False) as suite:
        await beats(replica(suite, clock))
        runs = LastRuns(suite.service("documents").service.ports.store)
        clock.advance(hours=6)
        served = clock.now()
        runs.note("sweep", served, 0)
        await runs.keep()
        clock.advance(milliseconds=still / timedelta(milliseconds=1))
        async with replica(suite, clock, ran=LIVES + 6 * 3600 + still.total_seconds()).measured():
            assert await told(suite) == ([(instant_text(served), instant_text(clock.now()))] if tells else [])


@pytest.mark.parametrize("same_machine", [True, False])
@pytest.mark.parametrize(("short_by", "tells"), [(0.0, True), (0.001, False)])
async def test_a_life_that_begins_five_minutes_after_the_last_one_tells_of_it_once(
    tmp_path: Path, short_by: float, tells: bool, same_machine: bool
) -> None:
    """At the bound and a millisecond below it; by the machine's own count, after a power cut by the clock."""
    clock = FixedClock(BEGINS)
    async with run_suite(tmp_path, services=("documents",), clock=clock, timers_by_time=False) as suite:
        await beats(replica(suite, clock))
        assert await told(suite) == [], "the first life of all"
        away = LEAST.total_seconds() - short_by
        clock.advance(seconds=away)
        given = {"ran": LIVES + away} if same_machine else {"boot": "two", "ran": 30.0}
        second = replica(suite, clock, **given)
        await beats(second)
        await beats(second)
        assert await told(suite) == ([("2027-04-15T20:00:00.000Z", "2027-04-15T20:05:00.000Z")] if tells else [])


async def test_a_replica_that_leaves_while_another_goes_on_is_no_absence(tmp_path: Path) -> None:
    """A rolling update; nor is a clock that leaps while the machine runs."""
    clock = FixedClock(BEGINS)
    async with run_suite(tmp_path, services=("documents",), clock=clock, timers_by_time=False) as suite:
        await beats(replica(suite, clock))
        for minute in range(1, 16):
            clock.advance(minutes=1)
            await beats(replica(suite, clock, ran=LIVES + 60 * minute))
        clock.advance(minutes=1)
        await beats(replica(suite, clock, ran=LIVES + 60 * 16))
        clock.advance(days=3)
        await beats(replica(suite, clock, ran=LIVES + 60 * 17))
        assert await told(suite) == []


async def test_a_life_that_ended_before_it_kept_its_beat_is_part_of_the_same_absence(tmp_path: Path) -> None:
    clock = FixedClock(BEGINS)
    async with run_suite(tmp_path, services=("documents",), clock=clock, timers_by_time=False) as suite:
        first = replica(suite, clock)
        await beats(first)
        seen = await suite.service("documents").service.ports.store.get("beats", "beat")
        assert seen is not None
        clock.advance(hours=1)
        await beats(replica(suite, clock, ran=LIVES + 3600))
        store = suite.service("documents").service.ports.store
        now = await store.get("beats", "beat")
        assert now is not None
        await store.replace("beats", seen | {"version": now["version"] + 1}, version=now["version"])
        clock.advance(minutes=2)
        await beats(replica(suite, clock, ran=LIVES + 3720))
        assert await told(suite) == [
            ("2027-04-15T20:00:00.000Z", "2027-04-15T21:00:00.000Z"),
            ("2027-04-15T20:00:00.000Z", "2027-04-15T21:02:00.000Z"),
        ]
