"""A line that has fallen silent ends, and costs the portal nothing meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.portal.pages.applying.following import passed

SILENT = 2.0


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a service that says one thing and then nothing more, and never hangs up."""
    over = asyncio.Event()

    async def say(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b": here\n\n")
        await over.wait()
        return response

    app = web.Application()
    app.router.add_get("/", say)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))
        over.set()


@pytest.mark.timeout(300, method="thread")  # who spins is stopped by nothing else
@pytest.mark.parametrize(
    ("read", "patience"), [(SILENT, 600.0), (None, SILENT)], ids=["its line is given up", "it says too little"]
)
async def test_a_page_stops_to_listen_to_a_silent_service(silent: str, read: float | None, patience: float) -> None:
    """The file timeout of the connection, once it has struck, is raised by each reading without waiting."""
    stopped, timeout = asyncio.Event(), aiohttp.ClientTimeout(total=None, sock_read=read)
    heard: list[bytes] = []

    async def pass_on(request: web.Request) -> web.Response:
        async with aiohttp.ClientSession(timeout=timeout) as client, client.get(silent) as found:
            heard.extend([chunk async for chunk in passed(request, found.content, stopped, patience=patience)])
        return web.Response(text="over")

    app = web.Application()
    app.router.add_get("/", pass_on)
    async with (
        TestServer(app) as portal,
        aiohttp.ClientSession() as browser,
        asyncio.timeout(120),
        browser.get(portal.make_url("/")) as response,
    ):
        assert await response.text() == "over"
    assert heard == [b": here\n\n"]
    assert not stopped.is_set()
