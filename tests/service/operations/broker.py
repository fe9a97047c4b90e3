"""A virtual host of a real RabbitMQ, and the commands that an operator types to set it up."""

from __future__ import annotations

import asyncio
import io
import os
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from services.chassis.broker.amqp import AmqpBroker
from services.cli.commands import main
from tests.servers.rabbitmq import RabbitMQ


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class VirtualHost:
    """One virtual host; its name stands before those of its users."""

    server: RabbitMQ
    vhost: str
    folder: Path

    @classmethod
    def on(cls, server: RabbitMQ, folder: Path) -> VirtualHost:
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

    async def parvis(self, *arguments: str, **environment: str) -> Answer:
        """Type a command: the whole of it, in a thread of this process, which has loaded already what it needs."""
        return await asyncio.to_thread(_typed, arguments, {"PARVIS_BROKER_ADMIN": self.admin_url, **environment})

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
        return AmqpBroker(self.url_of(service), timeout=30)

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


def _typed(arguments: tuple[str, ...], environment: dict[str, str]) -> Answer:
    out, err, code = io.StringIO(), io.StringIO(), 0
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PARVIS_")}
    os.environ.update(environment)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main.main(list(arguments), prog_name="parvis")
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        for name in environment:
            del os.environ[name]
        os.environ.update(before)
    return Answer(code, out.getvalue(), err.getvalue())
