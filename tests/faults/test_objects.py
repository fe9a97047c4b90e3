"""The object store goes away half-way through uploads, refuses them, or its answers are lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from tests.candidate import Candidate, pdf
from tests.faults.conftest import LONG, FaultBench
from tests.faults.crowd import Crowd, newcomer
from tests.faults.marks import cluster

pytestmark = cluster("rabbitmq3")

OUTAGE = 60 if LONG else 4
"""Seconds that the object store is not there."""
TIMES = 20 if LONG else 5


@asynccontextmanager
async def overloaded() -> AsyncIterator[tuple[str, int]]:
    """An object store that says SlowDown to everything; its address."""

    async def slow_down(request: web.Request) -> web.Response:
        return web.Response(status=503, text="<Error><Code>SlowDown</Code></Error>", content_type="application/xml")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", slow_down)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0]
    await runner.cleanup()


@asynccontextmanager
async def somebody(bench: FaultBench) -> AsyncIterator[Candidate]:
    """One who can upload, and takes the first answer."""
    async with aiohttp.ClientSession() as client:
        person = newcomer(bench.cluster, client)
        await person.becomes_known()
        person.insist = False
        yield person


async def is_told_to_come_again(person: Candidate) -> None:
    """An upload is refused for now."""
    refused = await person.uploads(pdf())
    assert refused.status == 503, refused.body
    assert int(refused.headers["Retry-After"]) > 0


async def test_the_object_store_goes_away_in_every_way_under_load(bench: FaultBench) -> None:
    """One way after the other, on the same people: nothing that was acknowledged lacks a byte."""
    async with Crowd(bench.cluster, at_once=2, writers=1) as crowd, somebody(bench) as person:
        await crowd.go_through(1)
        await it_is_overloaded(bench, person)
        await it_cannot_be_reached(bench, person, crowd)
        await connections_break(bench)
        await answers_are_lost(bench)
        await crowd.go_through(2)
    await bench.find_everything(crowd)


async def it_is_overloaded(bench: FaultBench, person: Candidate) -> None:
    """Uploads are refused for now."""
    async with overloaded() as refusing:
        bench.objects.divert(*refusing)
        await is_told_to_come_again(person)
        bench.objects.restore()
    assert (await person.uploads(pdf())).status == 201


async def it_cannot_be_reached(bench: FaultBench, person: Candidate, crowd: Crowd) -> None:
    """Uploads are refused for now; all that needs no bytes goes on."""
    bench.objects.cut()
    await is_told_to_come_again(person)
    await crowd.write(5)
    await asyncio.sleep(OUTAGE)
    bench.objects.restore()
    assert (await person.uploads(pdf())).status == 201


async def connections_break(bench: FaultBench) -> None:
    """In the midst of uploads."""
    for _ in range(2 * TIMES):
        await asyncio.sleep(0.5)
        bench.objects.drop()


async def answers_are_lost(bench: FaultBench) -> None:
    """What it has written and nobody knows of is never taken for a document."""
    for _ in range(TIMES):
        bench.objects.lose_answers()
        await asyncio.sleep(1)
        bench.objects.restore()
        await asyncio.sleep(0.5)
