"""The pages of the operations' port: is it alive, is it ready, how is everything, and figures."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

import services
from services.chassis.host.dependencies import Dependency
from services.chassis.telemetry import metrics
from services.chassis.telemetry.supervisor import Supervisor, TaskState
from services.contracts.instants import instant_text

LOOK_SECONDS: Final = 30.0
"""How often every dependency is asked whether it works, if nobody needs it meanwhile."""


class Process(Protocol):
    """What there is to tell of a process: the services in it, and how it fares."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def serving(self) -> bool: ...
    @property
    def draining(self) -> bool: ...
    @property
    def dependencies(self) -> Sequence[Dependency]: ...
    @property
    def tasks(self) -> Supervisor: ...


class Operations:
    """What one process tells of itself."""

    def __init__(self, host: Process) -> None:
        self._host = host
        self._started_at = datetime.now(UTC)
        metrics.BUILD.info({"version": services.VERSION, "python": sys.version.split()[0]})

    def application(self) -> web.Application:
        """The pages."""
        app = web.Application()
        app.router.add_get("/livez", _live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/status", self._status)
        app.router.add_get("/metrics", _metrics)
        app.router.add_get("/version", self._version)
        return app

    async def look(self) -> None:
        """Ask every dependency now and then, until cancelled, so that figures are fresh also where nothing happens."""
        while True:
            await asyncio.gather(*(dependency.look() for dependency in self._host.dependencies))
            await asyncio.sleep(LOOK_SECONDS)

    async def readiness(self) -> tuple[bool, Mapping[str, str]]:
        """Whether this process can do its own work, and what stands against it.

        That takes its own stores and its tasks. Broker, objects and mail server may be away: that costs delay and nothing
        else, and a process taken out of service for it could not even take in what can wait.
        """
        host = self._host
        stores = [dependency for dependency in host.dependencies if dependency.port == "store"]
        works = await asyncio.gather(*(store.look() for store in stores))
        states = {store.name: "ok" if up else "down" for store, up in zip(stores, works, strict=True)}
        states |= {name: "failing" for name, task in host.tasks.states.items() if not task.is_kept_running()}
        return host.serving and not host.draining and all(state == "ok" for state in states.values()), states

    async def _ready(self, request: web.Request) -> web.Response:
        ready, states = await self.readiness()
        told = {"ready": ready, "draining": self._host.draining, **states}
        return web.json_response(told, status=200 if ready else 503)

    async def _status(self, request: web.Request) -> web.Response:
        host = self._host
        await asyncio.gather(*(dependency.look() for dependency in host.dependencies))
        ready, _ = await self.readiness()
        return web.json_response(
            {
                "ready": ready,
                "draining": host.draining,
                "version": services.VERSION,
                "services": host.names,
                "started_at": instant_text(self._started_at),
                "dependencies": {dependency.name: _told_of(dependency) for dependency in host.dependencies},
                "tasks": {name: _told_of_task(task) for name, task in host.tasks.states.items()},
            }
        )

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"version": services.VERSION, "services": self._host.names, "python": sys.version.split()[0]}
        )


def _told_of(dependency: Dependency) -> dict[str, Any]:
    return {
        "up": dependency.is_up,
        "worked_at": _moment(dependency.worked_at),
        "failed_at": _moment(dependency.failed_at),
        "error": dependency.error or None,
    }


def _told_of_task(task: TaskState) -> dict[str, Any]:
    return {
        "working": task.working,
        "kept_running": task.is_kept_running(),
        "restarts": task.restarts,
        "failed_at": _moment(task.failed_at),
        "error": task.error or None,
    }


def _moment(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment else None


async def _live(request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _metrics(request: web.Request) -> web.Response:
    metrics.TASKS.set(len(asyncio.all_tasks()))
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
