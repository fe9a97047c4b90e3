"""The host: runs one or many services in one process on one port, with the operations' pages on a second one."""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final, Protocol, Self, cast

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

import services
from services.chassis import http, metrics, urls
from services.chassis.clock import open_clock
from services.chassis.ids import RandomIds
from services.chassis.listening import Runner
from services.chassis.outbox import Outbox
from services.chassis.ports import Clock, Ids, PortError
from services.chassis.security import KeySets
from services.chassis.service import Ports, Running, Service, topology
from services.chassis.settings import Settings
from services.contracts.events.catalogue import Event

log = structlog.get_logger()

DRAIN_SECONDS: Final = 20.0
"""How long requests under way may take after SIGTERM; the rest of the 25 s is for letting go of the ports."""
PING_SECONDS: Final = 2.0
CATCH_UP_SECONDS: Final = 5.0


class Wiring(Protocol):
    """What the host asks of a service's `wiring` module."""

    LISTENS: tuple[type[Event], ...]

    def build(self, ports: Ports) -> Service:
        """Join the rooms of the service."""
        ...


Pages = Callable[[web.Application, "Host"], None]
"""Adds to the site what is served beside `/api`."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Stand-ins for the world that a test brings along: its clock and its ids."""

    clock: Clock | None = None
    ids: Ids | None = None


class Host:
    """One process: an async context manager that serves while it is entered."""

    def __init__(
        self,
        settings: Settings,
        names: Sequence[str],
        *,
        pages: Pages | None = None,
        rehearsal: Rehearsal | None = None,
    ) -> None:
        """`names` are services of the suite; `pages` adds what is served beside `/api`."""
        rehearsal = rehearsal or Rehearsal()
        self.settings = settings
        self.names = tuple(names)
        self.clock = rehearsal.clock or open_clock(settings.clock)
        self.ids = rehearsal.ids or RandomIds()
        self.running: dict[str, Running] = {}
        self.serving = False
        self.draining = False
        self.ops_port = 0
        self._pages = pages
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the ports, start the services, listen; the second port answers meanwhile, ready at the end."""
        async with AsyncExitStack() as stack:
            listening = stack.enter_context(
                socket.create_server((self.settings.host, self.settings.port), backlog=1024)
            )
            self.settings = self.settings.model_copy(update={"port": listening.getsockname()[1]})
            wirings = {name: _wiring(name) for name in self.names}
            broker = urls.open_broker(
                self.settings.broker, topology({name: wiring.LISTENS for name, wiring in wirings.items()})
            )
            stack.push_async_callback(broker.close)
            objects = urls.open_objects(self.settings.objects, self.settings.data)
            stack.push_async_callback(objects.close)
            mail = urls.open_mail(self.settings.mail, self.settings.data)
            stack.push_async_callback(mail.close)
            scanner = urls.open_scanner(self.settings.scanner)
            stack.push_async_callback(scanner.close)
            keysets = KeySets(self.settings.keyset_address, self.clock)
            stack.push_async_callback(keysets.close)
            for name, wiring in wirings.items():
                store = urls.open_store(self.settings.store, service=name, data=self.settings.data)
                stack.push_async_callback(store.close)
                ports = Ports(
                    self.settings, self.clock, self.ids, store, broker, objects, mail, scanner, keysets, Outbox()
                )
                self.running[name] = Running(wiring.build(ports))
            ops = stack.enter_context(socket.create_server((self.settings.ops_host, self.settings.ops_port)))
            self.ops_port = ops.getsockname()[1]
            await self._serve(stack, self._operations(), ops)
            for running in self.running.values():
                await stack.enter_async_context(running)
            site = http.root_application(self.settings, list(self.running.values()))
            if self._pages is not None:
                self._pages(site, self)
            await self._catch_up()
            await self._serve(stack, site, listening)
            stack.callback(self._drain)
            self.serving = True
            self._stack = stack.pop_all()
        log.info("host.ready", services=self.names, port=self.settings.port, ops_port=self.ops_port)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Drain: refuse what is new, finish what is under way, let go of the ports."""
        await self._stack.aclose()
        log.info("host.stopped", services=self.names)

    async def is_caught_up(self) -> bool:
        """Whether no event is under way between the services of this process."""
        for running in self.running.values():
            if not await running.has_told():
                return False
        return all([await running.has_heard() for running in self.running.values()])

    async def _catch_up(self) -> None:
        """Apply what the services have said by now before they answer; a long backlog does not hold the start up.

        What a process tells others elsewhere is nothing to wait for, nor what comes while others are at work.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_SECONDS):
                if len(self.running) > 1:
                    for running in self.running.values():
                        await running.wait_told()
                for running in self.running.values():
                    await running.wait_heard()

    def _drain(self) -> None:
        self.draining = True

    async def _serve(self, stack: AsyncExitStack, app: web.Application, listening: socket.socket) -> None:
        runner = Runner(app, drain_seconds=DRAIN_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening).start()

    def _operations(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/livez", _live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", _metrics)
        app.router.add_get("/version", self._version)
        return app

    async def _ready(self, request: web.Request) -> web.Response:
        states = await self.readiness()
        ready = self.serving and not self.draining and all(state == "ok" for state in states.values())
        return web.json_response({"ready": ready, "draining": self.draining, **states}, status=200 if ready else 503)

    async def readiness(self) -> Mapping[str, str]:
        """What each port answers to its ping: `ok` or `down`."""
        pings = {}
        for name, running in self.running.items():
            ports = running.service.ports
            pings[f"{name}.store"] = ports.store.ping
            pings["broker"] = ports.broker.ping
            if "objects" in running.service.needs:
                pings["objects"] = ports.objects.ping
        answers = await asyncio.gather(*(_answers(ping) for ping in pings.values()))
        return dict(zip(pings, answers, strict=True))

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"version": services.VERSION, "services": self.names, "python": sys.version.split()[0]}
        )


async def _answers(ping: Callable[[], object]) -> str:
    try:
        async with asyncio.timeout(PING_SECONDS):
            await cast("asyncio.Future[None]", ping())
    except (PortError, TimeoutError):
        return "down"
    return "ok"


async def _live(request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _metrics(request: web.Request) -> web.Response:
    metrics.TASKS.set(len(asyncio.all_tasks()))
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _wiring(name: str) -> Wiring:
    if name not in services.SERVICES:
        raise ValueError(f"no such service: {name}")
    return cast("Wiring", importlib.import_module(f"services.{name}.wiring"))
