"""Who listens stays while a store hiccups, and ends with the machine's time where the suite's stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import aiohttp
from aiohttp import web
from pydantic import BaseModel

from services.chassis.clock import FixedClock
from services.chassis.following import Change, Line
from services.chassis.http import following, replies
from services.chassis.http.connections import Bounds
from services.chassis.http.middleware import CONTEXT, Context
from services.chassis.ports import StoreUnavailable
from services.chassis.refusals import TOKEN_INVALID
from services.chassis.settings import Settings


class Told(BaseModel):
    version: int


def heard(line: Line, check: Callable[[], Awaitable[None]], unsure_seconds: float) -> AsyncIterator[bytes]:
    request = cast("web.Request", SimpleNamespace(transport=object()))
    clock = FixedClock(datetime(2027, 2, 1, tzinfo=UTC))
    return following.said(request, line, clock=clock, check=check, unsure_seconds=unsure_seconds)


def told(line: Line, version: int) -> None:
    line.tell(Change(version, Told(version=version)))


async def test_a_store_that_hiccups_ends_no_connection_and_one_that_stays_away_does() -> None:
    line, asked = Line(lambda line: None), list[int]()

    async def away() -> None:
        asked.append(len(asked))
        told(line, len(asked) + 1)
        if len(asked) != 2:
            raise StoreUnavailable("away")

    told(line, 1)
    said = heard(line, away, 60.0)
    for _ in range(5):
        await anext(said)
    assert len(asked) == 4  # what is said first asks nothing
    line, asked = Line(lambda line: None), []
    told(line, 1)
    assert [each async for each in heard(line, away, -1.0)][1:] == []


async def test_a_session_that_has_ended_is_told_of_nothing() -> None:
    line = Line(lambda line: None)

    async def refused() -> None:
        raise TOKEN_INVALID()

    told(line, 1)
    assert [each async for each in heard(line, refused, 60.0)][1:] == []


def test_what_is_heard_quietly_after_something_aloud_is_aloud_and_of_the_newest_version() -> None:
    line = Line(lambda line: None)
    told(line, 2)
    line.tell(Change(3, Told(version=3), aloud=False))
    change = line._change  # noqa: SLF001
    assert change == Change(3, Told(version=3), aloud=True)


async def test_a_client_that_goes_is_no_failure_and_counts_until_its_answer_begins() -> None:
    """Tabs are closed all day: neither a span nor the log tells of each, nor do minutes of them count as slow answers."""
    ended: list[web.StreamResponse] = []
    context = Context("c", 0.0, None)
    gone = asyncio.Event()

    async def follow(request: web.Request) -> web.StreamResponse:
        request[CONTEXT] = context
        response = await replies.stream(request, until_gone(request), web.StreamResponse(), None, lasting=True)
        ended.append(response)
        gone.set()
        return response

    async def until_gone(request: web.Request) -> AsyncIterator[bytes]:
        yield b": here\n\n"
        while request.transport is not None:
            await asyncio.sleep(0.01)

    app = web.Application()
    app.router.add_get("/", follow)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with asyncio.timeout(60):
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{runner.addresses[0][1]}") as response,
        ):
            assert await response.content.readline() == b": here\n"
            response.close()
        await gone.wait()
    await runner.cleanup()
    assert [each.status for each in ended] == [200]
    assert context.answered is not None


def test_a_quarter_of_all_connections_may_listen() -> None:
    def most(following: int, connections: int) -> int:
        return Bounds.of(Settings(max_following=following, max_connections=connections)).following

    assert (most(4, 16), most(5, 16), most(3, 16), most(512, 8)) == (4, 4, 3, 2)
