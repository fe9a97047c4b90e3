"""A virtual host of a real RabbitMQ, and the commands that an operator types to set it up."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from services.chassis.broker.amqp import AmqpBroker
from tests.processes import ROOT
from tests.servers.rabbitmq import RabbitMQ


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Corner:
    """One virtual host; its name stands before those of its users."""

    server: RabbitMQ
    vhost: str
    folder: Path

    @classmethod
    def on(cls, server: RabbitMQ, folder: Path) -> Corner:
        return cls(server, server.new_vhost().rpartition("/")[2], folder)

    @property
    def admin_url(self) -> str:
        return f"{self.server.admin_url}/{self.vhost}"

    @property
    def amqp(self) -> str:
        return f"amqp://{urlsplit(self.server.url).netloc.rpartition('@')[2]}"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    async def parvis(self, *arguments: str) -> Answer:
        """Type a command."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "services", *arguments],
            env=own | {"PARVIS_BROKER_ADMIN": self.admin_url, "PYTHONPATH": str(ROOT)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    async def apply(self) -> Answer:
        return await self.parvis("topology", "apply", "--secrets", str(self.secrets), "--amqp", self.amqp)

    async def check(self) -> Answer:
        return await self.parvis("topology", "check", "--secrets", str(self.secrets))

    async def subscriber(self, name: str, *types: str) -> str:
        """Add a subscriber; its URL as it was printed."""
        answer = await self.parvis("subscriber", "add", name, "--types", ",".join(types), "--amqp", self.amqp)
        assert answer.code == 0, answer.err
        url = re.search(r"amqp://\S+", answer.out)
        assert url, answer.out
        return url[0]

    def url_of(self, service: str) -> str:
        """What the service is given as PARVIS_BROKER_FILE."""
        return (self.secrets / f"broker-{service}").read_text().strip()

    def broker_of(self, service: str) -> AmqpBroker:
        return AmqpBroker(self.url_of(service), patience=5)

    async def admin(self, method: str, path: str, body: object = None) -> object:
        """Do as somebody with all rights would by hand; `{v}` is the virtual host."""
        return await asyncio.to_thread(self.server.admin, method, path.format(v=self.vhost), body)

    async def clean(self) -> None:
        """Take the virtual host and its users away."""
        await self.admin("DELETE", "/api/vhosts/{v}")
        users = await self.admin("GET", "/api/users")
        assert isinstance(users, list)
        for user in users:
            if user["name"].startswith(f"{self.vhost}."):
                await self.admin("DELETE", f"/api/users/{user['name']}")
