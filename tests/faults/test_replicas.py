"""Two replicas of each service: one sleeps, one dies, one after the other is replaced, and more relay than need be."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Any

import aiohttp

from services.chassis.events.leases import LEASES
from services.chassis.events.record import every
from services.chassis.service.service import Running, Service
from services.contracts.instants import instant_text
from tests.candidate import BUSY, Answer, Candidate
from tests.faults.conftest import LEASE_SECONDS, LONG, REPLICAS, FaultBench
from tests.faults.crowd import TIMEOUT, Crowd
from tests.faults.mails import no_mail_is_handed_over
from tests.faults.marks import cluster
from tests.faults.stores import Suite

pytestmark = cluster("rabbitmq3")

NAP = 3 * LEASE_SECONDS if LONG else LEASE_SECONDS + 2
"""Seconds; longer than a lease lasts."""
LISTENERS = ("accounts", "applications", "documents", "mailer")
"""Services with leases to hold at any time: for their inbox as well as for their journals."""


async def holders(suite: Suite) -> dict[str, set[str]]:
    """Who holds leases now, by service."""
    return {
        name: {
            row["holder"]
            async for row in every(suite[name].ports.store, LEASES.name)
            if row["until"] > instant_text(suite[name].ports.clock.now())
        }
        for name in LISTENERS
    }


async def test_replicas_sleep_and_die_and_more_relay_than_there_are(bench: FaultBench) -> None:
    """One after the other, on the same people."""
    async with Crowd(bench.cluster, writers=4) as crowd:
        await crowd.go_through(1)
        await who_holds_leases_sleeps(bench, crowd)
        await one_of_each_dies(bench, crowd)
        await more_relays_are_at_work(bench, crowd)
        await crowd.go_through(1)
    await bench.find_everything(crowd)


async def who_holds_leases_sleeps(bench: FaultBench, crowd: Crowd) -> None:
    """Longer than they last: the other takes them. On waking, the first finds that out before it does harm."""
    seen = []
    for replica in range(REPLICAS):
        asleep = [replicas[replica] for replicas in bench.cluster.processes.values()]
        for process in asleep:
            process.freeze()
        await asyncio.sleep(NAP)
        async with asyncio.timeout(TIMEOUT):
            held = await holders(bench.suite)
            while any(len(found) != 1 for found in held.values()):
                await asyncio.sleep(0.5)
                held = await holders(bench.suite)
        seen.append(held)
        for process in asleep:
            process.thaw()
        await crowd.write(20)
    first, second = seen
    for name in LISTENERS:
        assert not first[name] & second[name], name


async def one_of_each_dies(bench: FaultBench, crowd: Crowd) -> None:
    """What it was at is found and finished by the other, and the requests that it leaves open are sent again."""
    for replica in range(REPLICAS if LONG else 1):
        await no_mail_is_handed_over(bench, replica)
        await asyncio.gather(*(replicas[replica].kill() for replicas in bench.cluster.processes.values()))
        await crowd.write(20)
        await bench.cluster.start()


async def more_relays_are_at_work(bench: FaultBench, crowd: Crowd) -> None:
    """They look for what the others are about to relay, without a pause; every journal stays whole and in order."""
    relaying = [asyncio.create_task(relay_eagerly(service)) for service in bench.suite.values() for _ in range(2)]
    await crowd.write(60)
    for task in relaying:
        task.cancel()
    ends = await asyncio.gather(*relaying, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends


async def relay_eagerly(service: Service) -> None:
    relay = Running(service).relay
    while True:
        await relay.step()
        await asyncio.sleep(0.01)


class AsksTwice(Candidate):
    """One whose client sends what was not answered once more, when it is told to, and no third time.

    Whoever is told then that the suite is catching up has been answered, by one that waits for events: he comes again.
    """

    async def ask(self, method: str, path: str, **request: Any) -> Answer:
        headers = {"Idempotency-Key": secrets.token_hex(16), **request.pop("headers", {})}
        self.insist = False
        answer = None
        with suppress(aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
            answer = await super().ask(method, path, headers=headers, **request)
        if answer is not None and answer.status not in BUSY:
            return answer
        await asyncio.sleep(float(answer.headers["Retry-After"]) if answer is not None else 1)
        again = await super().ask(method, path, headers=headers, **request)
        while again.status == 503 and again.slug == "catching-up":
            await asyncio.sleep(float(again.headers["Retry-After"]))
            again = await super().ask(method, path, headers=headers, **request)
        return again


async def test_every_process_is_replaced_one_by_one_under_load(bench: FaultBench) -> None:
    """Nothing is lost, and no request fails that is sent once more."""
    async with Crowd(bench.cluster, at_once=2, writers=4, kind=AsksTwice) as crowd:
        await crowd.go_through(1)
        await asyncio.gather(*(replace(bench, name) for name in bench.cluster.processes))
        await crowd.go_through(1)
    await bench.find_everything(crowd)


async def replace(bench: FaultBench, name: str) -> None:
    """Stop and start the replicas of a service, one after the other."""
    for process in bench.cluster.processes[name]:
        assert await process.stop() == 0
        await process.start()
