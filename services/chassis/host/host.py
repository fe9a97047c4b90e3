"""The host: runs one or many services in one process on one port, with the operations' pages on a second one."""

from __future__ import annotations

import asyncio
import errno
import importlib
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self, TypeVar, cast

import structlog
from aiohttp import web

import services
from services.chassis import urls
from services.chassis.broker.topology import topology
from services.chassis.events.outbox import Outbox
from services.chassis.host.dependencies import Dependency, watched
from services.chassis.host.operations import Operations
from services.chassis.http import application
from services.chassis.http.connections import Bounds
from services.chassis.http.server import Runner
from services.chassis.ids import RandomIds
from services.chassis.ports import Clock, Ids, PreEnrolments
from services.chassis.security.tokens import KeySets
from services.chassis.service.identity import claim
from services.chassis.service.objects import claim_if_there
from services.chassis.service.service import Ports, Running, Service
from services.chassis.settings import Settings, UnusableSetting
from services.chassis.telemetry import tracing
from services.chassis.telemetry.answering import Answered
from services.chassis.telemetry.supervisor import Supervisor
from services.contracts.events.catalogue import Event

log = structlog.get_logger()

P = TypeVar("P")

DRAIN_SECONDS: Final = 20.0
"""How long requests under way may take after SIGTERM; the rest of the 25 s is for letting go of the ports."""
CATCH_UP_SECONDS: Final = 5.0
ACCEPTED_AT_ONCE: Final = 16
"""Connections that are accepted before the first of them is looked at: beyond the bound they cost files all the same."""
WAITING_CONNECTIONS: Final = 1024
"""Those that the machine holds until they are accepted."""


class Wiring(Protocol):
    """What the host asks of a service's `wiring` module."""

    LISTENS: tuple[type[Event], ...]

    def build(self, ports: Ports) -> Service:
        """Join the rooms of the service."""
        ...


Pages = Callable[[web.Application, "Host"], None]
"""Adds to the site what is served beside `/api`."""


@dataclass(frozen=True, slots=True)
class SettingOverrides:
    """Stand-ins for the world that a test brings along: its clock and its ids.

    Where `timers_by_time` is not so, nothing is done because time passes: timers run at the start, and when they are woken.
    """

    clock: Clock | None = None
    ids: Ids | None = None
    timers_by_time: bool = True


class Host:
    """One process: an async context manager that serves while it is entered."""

    def __init__(
        self,
        settings: Settings,
        names: Sequence[str],
        *,
        pages: Pages | None = None,
        rehearsal: SettingOverrides | None = None,
    ) -> None:
        """`names` are services of the suite; `pages` adds what is served beside `/api`."""
        rehearsal = rehearsal or SettingOverrides()
        self.settings = settings
        self.names = tuple(names)
        self.clock = rehearsal.clock or urls.open_clock(settings.clock)
        self.ids = rehearsal.ids or RandomIds()
        self._timers_by_time = rehearsal.timers_by_time
        self.running: dict[str, Running] = {}
        self.serving = False
        self.draining = False
        self.ops_port = 0
        self.tasks = Supervisor()
        self.dependencies: list[Dependency] = []
        self._pages = pages
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the ports, start the services, listen; the second port answers meanwhile, ready at the end."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(tracing.exporting())
            listening = stack.enter_context(_listening("PARVIS_", self.settings.host, self.settings.port))
            self.settings = self.settings.model_copy(update={"port": listening.getsockname()[1]})
            wirings = {name: _wiring(name) for name in self.names}
            queues = topology({name: wiring.LISTENS for name, wiring in wirings.items()})
            broker = self._opened(stack, urls.open_broker(self.settings.broker, queues), "broker")
            objects = self._opened(stack, urls.open_objects(self.settings.objects, self.settings.data), "objects")
            mail = self._opened(stack, urls.open_mail(self.settings.mail, self.settings.data), "mail")
            scanner = urls.open_scanner(self.settings.scanner, serves="documents" in self.names)
            scanner = self._opened(stack, scanner, "scanner")
            public, inside = self.settings.base_url, self.settings.api_address
            ent = urls.open_ent(self.settings.ent_url, self.clock, public=public, inside=inside)
            ent = self._opened(stack, ent, "ent")
            records = self._opened(stack, urls.open_records(self.settings.sis_url), "sis")
            forms = self._opened(stack, urls.open_forms(self.settings.forms), "forms")
            pre_enrolments = self._pre_enrolments(stack)
            bounces = urls.open_bounces(self.settings.bounces) if "mailer" in self.names else None
            bounces = None if bounces is None else self._opened(stack, bounces, "bounces")
            answered = Answered()
            keysets = KeySets(self.settings.keyset_address, self.clock)
            stack.push_async_callback(keysets.close)
            for name, wiring in wirings.items():
                store = urls.open_store(self.settings.store, service=name, data=self.settings.data)
                ports = Ports(
                    self.settings,
                    self.clock,
                    self.ids,
                    self._opened(stack, store, "store", name),
                    broker,
                    objects,
                    mail,
                    scanner,
                    ent,
                    records,
                    forms,
                    keysets,
                    Outbox(),
                    self.tasks,
                    pre_enrolments,
                    [each for each in self.dependencies if each.service in ("", name)],
                    bounces,
                    answered,
                )
                self.running[name] = Running(wiring.build(ports), timers_by_time=self._timers_by_time)
            used = {"store", "broker"}.union(*(running.service.needs for running in self.running.values()))
            self.dependencies = [each for each in self.dependencies if self.running and each.port in used]
            ops = stack.enter_context(_listening("PARVIS_OPS_", self.settings.ops_host, self.settings.ops_port))
            self.ops_port = ops.getsockname()[1]
            operations = Operations(self)
            await self._serve(stack, operations.application(), ops)
            await self._claim_stores()
            for running in self.running.values():
                await stack.enter_async_context(running)
            await stack.enter_async_context(self.tasks.running({"look": operations.look}))
            site = application.root_application(self.settings, list(self.running.values()))
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
            if not await running.is_published():
                return False
        return all([await running.is_applied() for running in self.running.values()])

    async def _catch_up(self) -> None:
        """Apply what the services have said by now before they answer; a long backlog does not hold the start up.

        What a process tells others elsewhere is nothing to wait for, nor what comes while others are at work.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_SECONDS):
                if len(self.running) > 1:
                    for running in self.running.values():
                        await running.wait_published()
                for running in self.running.values():
                    await running.wait_applied()

    def _opened(self, stack: AsyncExitStack, port: P, kind: str, service: str = "") -> P:
        """The port, watched, and closed in its turn."""
        stack.push_async_callback(cast("Any", port).close)
        watching, dependency = watched(port, kind, service)
        self.dependencies.append(dependency)
        return watching

    def _pre_enrolments(self, stack: AsyncExitStack) -> PreEnrolments | None:
        settings = self.settings
        port = urls.open_pre_enrolments(
            settings.pre_enrolment_url, settings.data, self.clock, settings.pre_enrolment_secret
        )
        return None if port is None else self._opened(stack, port, "pre-enrolment")

    async def _claim_stores(self) -> None:
        """Begin nothing on stores that are not those of one whole suite; raises WrongStores."""
        stores = {name: running.service.ports.store for name, running in self.running.items()}
        folder = urls.sqlite_folder(self.settings.store, self.settings.data)
        await claim(stores, folder=folder, suite=self.settings.suite, ids=self.ids)
        for running in self.running.values():
            ports = running.service.ports
            if running.service.held is not None:
                await ports.store.prepare(running.service.kept)
                await claim_if_there(ports.store, ports.objects, running.service.held, self.ids)

    def _drain(self) -> None:
        self.draining = True

    async def _serve(self, stack: AsyncExitStack, app: web.Application, listening: socket.socket) -> None:
        runner = Runner(app, Bounds.of(self.settings), drain_seconds=DRAIN_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening, backlog=ACCEPTED_AT_ONCE).start()
        listening.listen(WAITING_CONNECTIONS)


def _listening(prefix: str, address: str, port: int) -> socket.socket:
    """A socket that listens; raises UnusableSetting if the address is not this machine's, or the port not to be had."""
    try:
        return socket.create_server((address, port), backlog=WAITING_CONNECTIONS)
    except OverflowError:
        raise UnusableSetting(f"{prefix}PORT", f"{port} is no port") from None
    except OSError as error:
        number = error.errno or 0
        if number < 0 or number == errno.EADDRNOTAVAIL:  # below 0 it is getaddrinfo's
            raise UnusableSetting(f"{prefix}HOST", f"{address} is no address of this machine") from None
        why = "another program listens there" if number == errno.EADDRINUSE else os.strerror(number)
        raise UnusableSetting(f"{prefix}PORT", f"cannot listen on {address}, port {port}: {why}") from None


def _wiring(name: str) -> Wiring:
    if name not in services.SERVICES:
        raise ValueError(f"no such service: {name}")
    return cast("Wiring", importlib.import_module(f"services.{name}.wiring"))
