"""The suite in its production size: a process per service and replica, real servers behind them, nginx as shipped."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from prometheus_client.parser import text_string_to_metric_families

from services import PORTAL, SERVICES
from services.chassis.settings import Settings
from services.cli.gateway import Limits, Site, configuration
from services.cli.offline import opened
from tests.processes import SuiteProcess, free_ports, parvis
from tests.rest import come_to_rest, inboxes_of, journaled, lacking
from tests.servers.nginx import Nginx
from tests.servers.rabbitmq import RabbitMQ
from tests.service.operations.broker import VirtualHost

SERVERS = ("rabbitmq4", "mongodb", "s3", "nginx")
"""What a cluster is made of, by the names of the fixtures."""
REST_SECONDS = 300
AMPLE = Limits("10000r/s", 10000, "10000r/s", 10000, 1000)
"""Everybody in these tests comes from one address."""


@dataclass(frozen=True)
class Backing:
    """The servers behind a cluster; the URLs may lead through proxies.

    `store` names a database that nobody uses, `objects` a fresh bucket. `amqp` is where services reach the broker, if that
    is not where it listens.
    """

    rabbitmq: RabbitMQ
    store: str
    objects: str
    amqp: str = ""


class Cluster:
    """`parvis serve` for each service, over as many lives as the test wants; its face is that of `SuiteProcess`."""

    def __init__(
        self, data: Path, backing: Backing, *, replicas: int = 1, pages: bool = False, **settings: Any
    ) -> None:
        """`pages`: with the portal. Further keywords are settings of every process, e.g. `relay_pause=1`."""
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.backing = backing
        self.replicas = replicas
        self.pages = pages
        self.settings = settings
        self.virtual_host = VirtualHost.on(backing.rabbitmq, data)
        self.processes: dict[str, list[SuiteProcess]] = {}
        self._gateway = Nginx(self._routes)
        self._mail_port, self._internal, self._nowhere = free_ports(3)
        self._mail: Controller | None = None
        self._started_with: dict[str, Any] = {}
        self._has_begun = False

    async def open(self) -> None:
        """Set up what stands around the processes: topology, gateway, mail host. Ends with `close`."""
        at = urlsplit(self.backing.amqp or self.virtual_host.amqp)
        applied = await self.virtual_host.parvis(
            "topology",
            "apply",
            "--secrets",
            str(self.virtual_host.secrets),
            "--amqp",
            f"amqp://{at.hostname}:{at.port}",
        )
        assert applied.code == 0, applied.out + applied.err
        self._mail = Controller(Mailbox(self.data / "mail"), hostname="127.0.0.1", port=self._mail_port)
        await asyncio.to_thread(self._mail.start)
        # nginx takes its port at the first start; the services are told of it, and it is told theirs.
        names = (*SERVICES, PORTAL) if self.pages else SERVICES
        self.processes = {name: [self._process(name, at) for at in range(self.replicas)] for name in names}
        await self._gateway.start()
        for process in self.every:
            process.settings |= self._common()

    async def close(self) -> None:
        """Kill what still runs and take everything away."""
        await self.kill()
        await self._gateway.close()
        if self._mail is not None:
            await asyncio.to_thread(self._mail.stop)
        await self.virtual_host.clean()

    @property
    def base(self) -> str:
        """The address that people know."""
        return self._gateway.url

    @property
    def every(self) -> list[SuiteProcess]:
        """All processes."""
        return [process for replicas in self.processes.values() for process in replicas]

    @property
    def alive(self) -> bool:
        """Whether all processes live."""
        return all(process.alive for process in self.every)

    @property
    def operations(self) -> dict[str, Any]:
        """The settings of a command of operations."""
        return {**self._common(), "data": self.data, "broker": self.virtual_host.url_of("accounts")}

    def environment(self, **more: Any) -> dict[str, str]:
        """The same as environment variables."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
        return own | {f"PARVIS_{name.upper()}": str(value) for name, value in (self.operations | more).items()}

    async def start(self, **more: Any) -> None:
        """Start what does not run, and wait until all can serve; with other settings than before, all anew."""
        if more != self._started_with:
            await self.stop()
            self._started_with = more
        await asyncio.gather(*(process.start(**more) for process in self.every if not process.alive))
        for process in self.every:
            assert process.alive, f"{process.command} {process.returncode}: {process.log.read_text()[-2000:]}"
        if not self._has_begun:
            # What was there from the first is known everywhere: the campaign, and the programmes of the sample.
            async with opened(Settings(**self.operations)) as suite:
                async with asyncio.timeout(REST_SECONDS):
                    await come_to_rest(suite, REST_SECONDS)
                    while lacking(suite, await journaled(suite), await inboxes_of(suite)):
                        await asyncio.sleep(0.3)
                        await come_to_rest(suite, REST_SECONDS)
            self._has_begun = True

    async def kill(self) -> None:
        """End every process as power failure would."""
        await asyncio.gather(*(process.kill() for process in self.every if process.alive))

    async def stop(self) -> int:
        """End every process as operations would; the worst return code."""
        codes = await asyncio.gather(*(process.stop() for process in self.every if process.alive))
        return max(map(abs, codes), default=0)

    async def metric(self, name: str) -> float:
        """The sum of a metric over all processes and labels."""
        async with aiohttp.ClientSession() as client:
            texts = await asyncio.gather(*(_metrics(client, process) for process in self.every if process.alive))
        families = [family for text in texts for family in text_string_to_metric_families(text)]
        return sum(sample.value for family in families for sample in family.samples if sample.name == name)

    async def parvis(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Type a command of operations."""
        return await parvis(*arguments, cwd=self.data, env=self.environment())

    def _common(self) -> Mapping[str, Any]:
        return {
            "store": self.backing.store,
            "objects": self.backing.objects,
            "mail": f"smtp://127.0.0.1:{self._mail_port}",
            "link_secret": "4v8mZ1tWq0r7Xc2Lp9",
            "public_url": self.base,
            "keysets_url": f"{self.base}/api/{{service}}/jwks.json",
            "behind_gateway": True,
            **self.settings,
        }

    def _process(self, name: str, replica: int) -> SuiteProcess:
        process = SuiteProcess(self.data / f"{name}-{replica}", command=("serve", name))
        if name == PORTAL:
            process.settings |= {"api_url": f"http://127.0.0.1:{self._internal}", "session_secret": "Wn5c9Yt2Kb7Xq4Lr8"}
        else:
            process.settings["broker"] = self.virtual_host.url_of(name)
        return process

    def _routes(self, port: int, folder: Path) -> str:
        upstreams = {
            name: [f"127.0.0.1:{process.port}" for process in replicas] for name, replicas in self.processes.items()
        }
        site = Site(
            upstreams={PORTAL: [f"127.0.0.1:{self._nowhere}"], **upstreams},
            listen=f"127.0.0.1:{port}",
            internal=f"127.0.0.1:{self._internal}",
            tls=None,
            flag=f"{folder}/maintenance",
            scratch=str(folder),
            log=f"{folder}/access.log",
        )
        return configuration(site, AMPLE)


async def _metrics(client: aiohttp.ClientSession, process: SuiteProcess) -> str:
    async with client.get(f"http://127.0.0.1:{process.ops_port}/metrics") as answer:
        return await answer.text()
