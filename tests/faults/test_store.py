"""The store goes away in the midst of the work, or answers no more."""

from __future__ import annotations

import asyncio

from tests.faults.conftest import LONG, FaultBench
from tests.faults.crowd import Crowd
from tests.faults.marks import cluster

pytestmark = cluster("rabbitmq3")

OUTAGE = 60 if LONG else 5
"""Seconds that the store is not there."""
SILENCE = 60 if LONG else 12
"""Seconds; longer than the store has for an answer, and than a lease lasts."""
TIMES = 10 if LONG else 3


async def test_the_store_goes_away_in_every_way_under_load(bench: FaultBench) -> None:
    """One way after the other, on the same people; after each they are answered again."""
    async with Crowd(bench.cluster, writers=4) as crowd:
        await crowd.go_through(1)
        for fault in (it_cannot_be_reached, connections_break_half_way, answers_are_lost, it_says_nothing):
            await fault(bench, crowd)
            await crowd.write(5)
        await crowd.go_through(1)
    await bench.find_everything(crowd)


async def it_cannot_be_reached(bench: FaultBench, crowd: Crowd) -> None:
    for store in bench.stores:
        store.cut()
    await asyncio.sleep(OUTAGE)
    for store in bench.stores:
        store.restore()


async def connections_break_half_way(bench: FaultBench, crowd: Crowd) -> None:
    """Again and again."""
    for _ in range(3 * TIMES):
        for store in bench.stores:
            store.drop()
        await crowd.write(5)


async def answers_are_lost(bench: FaultBench, crowd: Crowd) -> None:
    """It has written: whether it has is unknown, to commands, relays, inboxes and mails alike."""
    for _ in range(TIMES):
        for store in bench.stores:
            store.lose_answers()
        await asyncio.sleep(1)
        for store in bench.stores:
            store.restore()
        await crowd.write(5)


async def it_says_nothing(bench: FaultBench, crowd: Crowd) -> None:
    """What was asked meanwhile is done late, also what was given up."""
    for store in bench.stores:
        store.blackhole()
    await asyncio.sleep(SILENCE)
    for store in bench.stores:
        store.restore()
