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


async def test_the_store_cannot_be_reached_under_load(bench: FaultBench) -> None:
    async with Crowd(bench.cluster, writers=4) as crowd:
        await crowd.go_through(1)
        for store in bench.stores:
            store.cut()
        await asyncio.sleep(OUTAGE)
        for store in bench.stores:
            store.restore()
        await crowd.go_through(1)
    await bench.find_everything(crowd)


async def test_connections_to_the_store_break_half_way_again_and_again(bench: FaultBench) -> None:
    async with Crowd(bench.cluster, writers=4) as crowd:
        for _ in range(3 * TIMES):
            await crowd.write(5)
            for store in bench.stores:
                store.drop()
        await crowd.go_through(1)
    await bench.find_everything(crowd)


async def test_answers_of_the_store_are_lost_after_it_has_written(bench: FaultBench) -> None:
    """Whether a write was done is unknown, to commands, relays, inboxes and mails alike."""
    async with Crowd(bench.cluster, writers=4) as crowd:
        await crowd.go_through(1)
        for _ in range(TIMES):
            for store in bench.stores:
                store.lose_answers()
            await asyncio.sleep(1)
            for store in bench.stores:
                store.restore()
            await crowd.write(5)
        await crowd.go_through(1)
    await bench.find_everything(crowd)


async def test_the_store_says_nothing_for_a_while(bench: FaultBench) -> None:
    """What was asked meanwhile is done late, also what was given up."""
    async with Crowd(bench.cluster, writers=4) as crowd:
        await crowd.go_through(1)
        for store in bench.stores:
            store.blackhole()
        await asyncio.sleep(SILENCE)
        for store in bench.stores:
            store.restore()
        await crowd.go_through(1)
    await bench.find_everything(crowd)
