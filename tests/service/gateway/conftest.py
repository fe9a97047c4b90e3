"""nginx with the shipped configuration, in front of a suite in this process or of a service that writes down what it got."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from multidict import CIMultiDictProxy

from services import PORTAL, SERVICES
from services.cli.gateway import Limits, Site, configuration
from tests.processes import free_ports
from tests.servers.nginx import Nginx

AMPLE = Limits(everything="10000r/s", everything_burst=10000, strangers="10000r/s", strangers_burst=10000)


@dataclass
class Got:
    """A request as it came to the service: its head, and what of its body has come so far."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    at: float
    body: bytearray = field(default_factory=bytearray)
    first: asyncio.Event = field(default_factory=asyncio.Event)
    whole: asyncio.Event = field(default_factory=asyncio.Event)


class Recorder:
    """Stands for every service: answers 200 with its name to whatever comes, and remembers it."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.came = asyncio.Event()
        self.status = 200
        self.port = 0

    async def handle(self, request: web.Request) -> web.Response:
        got = Got(request.method, request.path, request.headers, time.time())
        self.got.append(got)
        self.came.set()
        async for chunk in request.content.iter_any():
            got.body += chunk
            got.first.set()
        got.whole.set()
        headers = {"Retry-After": "7"} if self.status == 503 else {}
        return web.json_response({"said": "by the service"}, status=self.status, headers=headers)

    @property
    def last(self) -> Got:
        return self.got[-1]


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", recorder.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    recorder.port = runner.addresses[0][1]
    yield recorder
    await runner.cleanup()


@dataclass(frozen=True)
class Gateway:
    """A running nginx."""

    url: str
    internal: str
    folder: Path
    server: Nginx

    @property
    def flag(self) -> Path:
        return self.folder / "maintenance"

    @property
    def log(self) -> str:
        return (self.folder / "access.log").read_text()


Open = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def gateway(nginx: type[Nginx]) -> AsyncIterator[Open]:
    """Open one: `await gateway(port, limits=..., **site)`; all goes to the one port unless `upstreams` is said."""
    async with AsyncExitStack() as stack:

        async def open(port: int, *, limits: Limits = AMPLE, **site: Any) -> Gateway:
            return await stack.enter_async_context(running(nginx, port, limits, site))

        yield open


@asynccontextmanager
async def running(nginx: type[Nginx], port: int, limits: Limits, site: dict[str, Any]) -> AsyncIterator[Gateway]:
    (internal,) = free_ports(1)
    seen: list[Path] = []

    def render(listen: int, folder: Path) -> str:
        seen.append(folder)
        upstreams = dict.fromkeys((*SERVICES, PORTAL), (f"127.0.0.1:{port}",))
        chosen: dict[str, Any] = {
            "upstreams": upstreams,
            "listen": f"127.0.0.1:{listen}",
            "internal": f"127.0.0.1:{internal}",
            "tls": None,
            "flag": f"{folder}/maintenance",
            "scratch": str(folder),
            "log": f"{folder}/access.log",
        }
        return configuration(Site(**{**chosen, **site}), limits)

    async with nginx(render) as server:
        yield Gateway(server.url, f"http://127.0.0.1:{internal}", seen[-1], server)
