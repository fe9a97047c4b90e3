"""The crowd that does not wait: who is served, who is put off, and of whom nothing becomes known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.load.open_loop import Answer, Planned, offer
from tests.load.wire import request

ASKED = 6


class Server:
    """Answers `/<status>`; 503 says when to ask again, and `/0` hangs up. `lines` are those over which it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.lines: set[object] = set()

    async def handle(self, asked: web.Request) -> web.Response:
        self.lines.add(asked.transport)
        await asyncio.sleep(0)
        status = int(asked.match_info["status"])
        if not status:
            assert asked.transport is not None
            asked.transport.close()
        return web.Response(status=status or 200, text="told", headers={"Retry-After": "1"} if status == 503 else {})


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    serving, app = Server(), web.Application()
    app.router.add_get("/{status}", serving.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    serving.port = runner.addresses[0][1]
    yield serving
    await runner.cleanup()


def plan(*statuses: int) -> list[Planned]:
    """All due at once."""
    made = [request("GET", f"/{status}") for status in statuses]
    return [Planned(0, "it", number, lambda each=each: each) for number, each in enumerate(made)]  # type: ignore[misc]


def by_number(answers: list[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda answer: answer.planned.number)


async def test_each_is_answered_once(server: Server) -> None:
    answers = by_number(await offer(server.port, plan(200, 503, 500, 429, 0)))
    assert [answer.status for answer in answers] == [200, 503, 500, 429, 0]
    assert [answer.is_good for answer in answers] == [True, False, False, False, False]
    assert [answer.is_put_off for answer in answers] == [False, True, False, False, False]
    assert answers[0].body == b"told"


async def test_connections_are_as_many_as_are_allowed_and_are_used_again(server: Server) -> None:
    answers = await offer(server.port, plan(*[200] * ASKED), most=2)
    assert len(answers) == ASKED
    assert len(server.lines) == 2


async def test_who_cannot_connect_and_who_waits_too_long_is_not_answered() -> None:
    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    silent = asyncio.Event()
    listening = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    assert [answer.status for answer in await offer(port, plan(200, 200), most=1, patience=0.05)] == [0, 0]
    silent.set()
    listening.close()
    await listening.wait_closed()
    assert [answer.status for answer in await offer(port, plan(200))] == [0]
