"""The broker goes away in the midst of the work, in every way that it can, and comes back."""

from __future__ import annotations

import asyncio

from tests.faults.conftest import LONG, FaultBench
from tests.faults.crowd import TIMEOUT, Crowd
from tests.faults.marks import cluster

pytestmark = cluster("rabbitmq3")

OUTAGE = 60 if LONG else 5
"""Seconds that the broker is not there."""
SILENCE = 60 if LONG else 12
"""Seconds; longer than the broker has for an answer, and than a lease lasts."""
KILLS = 5 if LONG else 2
WRITES = 5_000 if LONG else 120
"""Each causes two events."""


async def test_the_broker_goes_away_in_every_way_under_load(bench: FaultBench) -> None:
    """One way after the other, on the same people; the lag can be seen, and is gone when all is quiet again."""
    async with Crowd(bench.cluster, writers=6, timeout=2 * TIMEOUT + WRITES // KILLS) as crowd:
        await crowd.go_through(1)
        for fault in (it_stops, it_is_killed, it_says_nothing):
            await fault(bench, crowd)
            await crowd.write(5)
        await crowd.go_through(1)
    await bench.find_everything(crowd)
    await bench.nothing_lags()


async def it_stops(bench: FaultBench, crowd: Crowd) -> None:
    """Commands are answered all the while."""
    await bench.rabbitmq.stop()
    await crowd.write(20)
    await asyncio.sleep(OUTAGE)
    await crowd.write(20)
    async with asyncio.timeout(TIMEOUT):
        while not await bench.cluster.metric("parvis_journal_lag"):
            await asyncio.sleep(0.1)
    await bench.rabbitmq.start()


async def it_is_killed(bench: FaultBench, crowd: Crowd) -> None:
    """Again and again; what it has confirmed it finds again, the rest is published again."""
    for _ in range(KILLS):
        await crowd.write(WRITES // KILLS)
        await bench.rabbitmq.kill()
        await bench.rabbitmq.start()


async def it_says_nothing(bench: FaultBench, crowd: Crowd) -> None:
    """Nothing is closed and nothing answers: a time-out means that it is unknown what was done."""
    bench.broker.blackhole()
    await crowd.write(20)
    await asyncio.sleep(SILENCE)
    bench.broker.restore()


async def test_what_the_broker_confirms_is_lost_on_the_way(bench: FaultBench) -> None:
    """It has every message and nobody learns of it, again and again: each is published again, and applied once."""
    repeated = bench.recorder.repeated
    async with Crowd(bench.cluster, writers=4) as crowd:
        await crowd.write(10)
        for _ in range(3):
            bench.broker.lose_answers()
            await crowd.write(10)
            bench.broker.restore()
            await crowd.write(10)
        await crowd.go_through(1)
    await bench.find_everything(crowd)
    assert bench.recorder.repeated > repeated
