"""The suite in its production size, to be played on: a process for each service, on servers, behind nginx as shipped."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services import PORTAL, SERVICES
from services.chassis.service.service import Service
from services.chassis.settings import Settings
from services.cli.due import do_what_is_due
from services.cli.gateway import Limits, Site, configuration
from services.cli.offline import opened
from services.cli.rehearsing.servers import Servers
from services.cli.rehearsing.suite import (
    MOST,
    OF_SERVICES,
    DidNotStart,
    Silent,
    ended,
    free_ports,
    last_of,
    served,
    settings_on,
    shown,
)

SECRET_BYTES: Final = 24
LEASE_SECONDS: Final = 3.0
"""What a process that was killed held for all is another one's so soon."""
RATE: Final = "100000r/s"
AMPLE: Final = Limits(RATE, MOST, RATE, MOST, uploads=1000, under_way=1000, under_way_neighbours=4000)
"""Everybody who is made up asks from one machine."""
PROGRAMS: Final = "/usr/sbin:/usr/local/sbin"
"""Where nginx is on systems that do not show it to everybody."""


def nginx_program() -> str:
    """The gateway's program; raises LookupError where there is none."""
    found = shutil.which("nginx") or shutil.which("nginx", path=PROGRAMS)
    if found is None:
        raise LookupError("nginx is not installed")
    return found


class ManySuite:
    """`parvis serve` for each service, by this very interpreter; its gateway outlives them, as in an outage.

    Ends with `close`. What it has written on the servers stays there.
    """

    def __init__(self, folder: Path, timezone: str, servers: Servers, *, nginx: str) -> None:
        """`folder` is there, and empty; so are the servers."""
        self._folder = folder
        self._timezone = timezone
        self._servers = servers
        self._nginx = nginx
        self._port, self._internal, self._nowhere, *ports = free_ports(3 + 2 * len(SERVICES))
        self._ports = {name: (ports[2 * at], ports[2 * at + 1]) for at, name in enumerate(SERVICES)}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._opened = AsyncExitStack()
        self._services: Mapping[str, Service] | None = None
        self._gateway: asyncio.subprocess.Process | None = None
        self._link_secret = secrets.token_urlsafe(SECRET_BYTES)
        self.log = folder / "suite.log"
        self.mails = servers.mails
        self.show(datetime.now().astimezone())

    @property
    def settings(self) -> Settings:
        """See `PlayedSuite`; by the user of the broker that topology has made for accounts."""
        return Settings(**self._given("accounts"))

    @property
    def base(self) -> str:
        """See `PlayedSuite`."""
        return f"http://127.0.0.1:{self._port}"

    def show(self, moment: datetime) -> None:
        """See `PlayedSuite`."""
        shown(self._folder / "clock", moment)

    async def start(self) -> None:
        """See `PlayedSuite`; the first time, set up the broker and the gateway."""
        if self._gateway is None:
            await self._set_up()
        for name in SERVICES:
            given = self._given(name) | dict(OF_SERVICES)
            (self._folder / "var" / name).mkdir(parents=True, exist_ok=True)
            self._processes[name] = await self._parvis(given, "serve", name)
        await asyncio.gather(
            *(
                served(process, f"http://127.0.0.1:{self._ports[name][1]}/readyz", self.log)
                for name, process in self._processes.items()
            )
        )

    async def stop(self) -> None:
        """See `PlayedSuite`."""
        await asyncio.gather(*(ended(process, signal.SIGTERM) for process in self._processes.values()))

    async def kill(self) -> None:
        """See `PlayedSuite`."""
        await asyncio.gather(*(ended(process, signal.SIGKILL) for process in self._processes.values()))

    async def does_what_is_due(self) -> bool:
        """See `PlayedSuite`; by this process, beside the services and on their stores, which it opens once."""
        if self._services is None:
            self._services = await self._opened.enter_async_context(opened(self.settings))
        return bool(await do_what_is_due.work(self._services, Silent(), {}))

    async def close(self) -> None:
        """Stop the suite, and its gateway."""
        try:
            await self._opened.aclose()
        finally:  # also where a server is gone by now
            await self.stop()
            if self._gateway is not None:
                await ended(self._gateway, signal.SIGTERM)

    async def _set_up(self) -> None:
        given = {"broker_admin": self._servers.broker_admin}
        secret = str(self._folder / "secrets")
        applying = await self._parvis(given, "topology", "apply", "--secrets", secret, "--amqp", self._servers.amqp)
        if await applying.wait():
            raise DidNotStart(await asyncio.to_thread(last_of, self.log))
        scratch = self._folder / "nginx"
        await asyncio.to_thread(scratch.mkdir)
        upstreams = {name: [f"127.0.0.1:{port}"] for name, (port, _) in self._ports.items()}
        site = Site(
            upstreams={PORTAL: [f"127.0.0.1:{self._nowhere}"], **upstreams},
            listen=f"127.0.0.1:{self._port}",
            internal=f"127.0.0.1:{self._internal}",
            tls=None,
            flag=str(scratch / "maintenance"),
            scratch=str(scratch),
            log=str(scratch / "access.log"),
        )
        written = scratch / "nginx.conf"
        await asyncio.to_thread(written.write_text, configuration(site, AMPLE), encoding="utf-8")
        # Started by root its workers would be another user's, to whom this folder is closed.
        own = f"daemon off; pid {scratch}/nginx.pid;{' user root;' if os.geteuid() == 0 else ''}"
        self._gateway = await self._begin(
            {}, self._nginx, "-p", str(scratch), "-e", "stderr", "-c", str(written), "-g", own
        )

    def _given(self, service: str) -> dict[str, Any]:
        port, ops_port = self._ports[service]
        broker = self._folder / "secrets" / f"broker-{service}"
        return settings_on(self._folder, self._timezone, port, ops_port) | {
            "data": self._folder / "var" / service,
            "store": self._servers.store,
            "broker": broker.read_text(encoding="ascii").strip() if broker.is_file() else self._servers.broker,
            "objects": self._servers.objects,
            "mail": self._servers.mail,
            "link_secret": self._link_secret,
            "public_url": self.base,
            "keysets_url": f"{self.base}/api/{{service}}/jwks.json",
            "behind_gateway": True,
            "lease_seconds": LEASE_SECONDS,
        }

    async def _parvis(self, given: dict[str, Any], *words: str) -> asyncio.subprocess.Process:
        return await self._begin(given, sys.executable, "-m", "services", *words)

    async def _begin(self, given: dict[str, Any], *command: str) -> asyncio.subprocess.Process:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
        chosen = {f"PARVIS_{name.upper()}": str(value) for name, value in given.items()}
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *command, cwd=self._folder, env=kept | chosen, stdout=log, stderr=log
            )
