"""RabbitMQ, both versions that Parvis runs on, with the management plugin."""

import asyncio
import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from itertools import chain
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlsplit
from uuid import uuid4

from tests.servers import docker, packages
from tests.servers.place import Place
from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

_COMMAND = 60.0
_CONFIGURATION = """\
loopback_users = none
listeners.tcp.default = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {admin}
vm_memory_high_watermark.absolute = 400MB
disk_free_limit.absolute = 50MB
total_memory_available_override_value = 2GB
log.console = true
log.file = false
"""


class RabbitMQ(Server):
    """What both versions have in common."""

    version: ClassVar[str]

    @property
    def admin_url(self) -> str:
        """The management HTTP API: ``http://user:password@host:port``."""
        return self._state["admin_url"]

    async def settle(self) -> None:
        """Wait until the queues declared so far outlive a `kill`.

        RabbitMQ writes the names of its quorum queues to disk twice a second; the log of one that is not written yet
        is thrown away after a kill -9, with the messages it has confirmed (seen on 3.10 and 4.3).
        """
        await asyncio.sleep(3)

    def new_vhost(self) -> str:
        """The URL of a fresh virtual host: what keeps tests, and the workers that share one broker, apart."""
        vhost = f"t-{uuid4().hex[:12]}"
        user = urlsplit(self.admin_url).username or "guest"
        self.admin("PUT", f"/api/vhosts/{vhost}")
        self.admin("PUT", f"/api/permissions/{vhost}/{user}", {"configure": ".*", "write": ".*", "read": ".*"})
        return f"{self.url.rstrip('/')}/{quote(vhost, safe='')}"

    def admin(self, method: str, path: str, body: object = None, *, timeout: float = _COMMAND) -> object:
        """One request to the management API; its JSON answer, None when empty.

        Raises `OSError` on a refusal, and if nothing comes for `timeout` seconds. On 5xx it is made again for as long:
        RabbitMQ answers so to a list out of which another test takes a thing at that moment.
        """
        until = time.monotonic() + timeout
        while True:
            status, text = self._request(method, path, body, timeout)
            if status < 500 or time.monotonic() > until:
                break
            time.sleep(0.2)
        if status >= 400:
            raise OSError(f"{method} {path}: {status} {text.decode('utf-8', 'replace')}")
        return json.loads(text) if text else None

    def _request(self, method: str, path: str, body: object, timeout: float) -> tuple[int, bytes]:
        at = urlsplit(self.admin_url)
        secret = base64.b64encode(f"{at.username}:{at.password}".encode()).decode()
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=timeout)
        try:
            content = None if body is None else json.dumps(body)
            headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as broken:
            raise OSError(f"{method} {path}: {broken!r}") from broken
        finally:
            connection.close()

    def ctl(self, *words: str) -> str:
        """``rabbitmqctl`` on this node, for a server of the test's own; returns what it prints, within a minute."""
        self._own("run rabbitmqctl")
        if self._container is not None:
            command = ["docker", "exec", self._container, "rabbitmqctl", *words]
        else:
            assert self._place is not None
            command = self._place.command("rabbitmqctl", "-n", self._state["node"], *words)
        environment = {**os.environ, **self._environment()}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=_COMMAND
        ).stdout

    @classmethod
    def _version(cls, programs: Path) -> str | None:
        """The version of the RabbitMQ whose programs are there, from the names of its folders."""
        named = (folder.name for folder in chain(programs.parents, (programs / "../lib").glob("rabbitmq_server-*")))
        for name in named:
            if name.startswith("rabbitmq_server-"):
                return name.partition("-")[2]
        return None

    @classmethod
    def _installed(cls) -> Place | None:
        candidates = [Path("/usr/lib/rabbitmq/bin")]  # Debian's; what it puts on the path is a wrapper for its service
        if found := shutil.which("rabbitmq-server"):
            candidates.append(Path(found).resolve().parent)
        for programs in candidates:
            if (programs / "rabbitmq-server").exists() and (cls._version(programs) or "").startswith(cls.version):
                return Place(programs)
        return None

    def _attach(self, url: str) -> dict[str, str]:
        at = urlsplit(url)
        default = f"http://{at.username or 'guest'}:{at.password or 'guest'}@{at.hostname}:15672"
        admin_url = os.environ.get(f"PARVIS_TEST_{self.name.upper()}_ADMIN_URL") or default
        return {"url": url.rstrip("/"), "admin_url": admin_url}

    def _create(self, image: str) -> tuple[str, dict[str, str]]:
        amqp, admin = free_port(), free_port()
        container = docker.create(image, ports={amqp: 5672, admin: 15672}, environment={})
        return container, _state(amqp, admin)

    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        amqp, admin, epmd, distribution = (free_port() for _ in range(4))
        (folder / "rabbitmq.conf").write_text(_CONFIGURATION.format(amqp=amqp, admin=admin))
        (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        for name in ("data", "home"):
            (folder / name).mkdir()
            place.own(folder / name)
        return _state(amqp, admin) | {
            "node": f"parvis{amqp}@localhost",
            "epmd": str(epmd),
            "distribution": str(distribution),
        }

    def _environment(self) -> dict[str, str]:
        if self._place is None or self._folder is None:
            return {}
        inside = self._place.inside(self._folder)
        return {
            "HOME": f"{inside}/home",
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": self._state["epmd"],
            "RABBITMQ_CONFIG_FILE": f"{inside}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": self._state["distribution"],
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{inside}/enabled_plugins",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_LOG_BASE": inside,
            "RABBITMQ_MNESIA_BASE": f"{inside}/data",
            "RABBITMQ_NODENAME": self._state["node"],
            # Idle schedulers of several brokers on two cores shall sleep, not spin.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        }

    def _launch(self) -> list[Process]:
        if self._container is not None:
            return self._spawn_container()
        assert self._place is not None
        return [self._spawn("rabbitmq", self._place.command("rabbitmq-server"), self._environment())]

    def _answers(self) -> bool:
        at = urlsplit(self.url)
        try:
            with socket.create_connection((at.hostname, at.port or 5672), timeout=5) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                greeted = connection.recv(1) == b"\x01"
            self.admin("GET", "/api/whoami", timeout=5)
        except OSError:
            return False
        return greeted


class RabbitMQ3(RabbitMQ):
    """RabbitMQ 3.10, Debian bookworm's."""

    name = "rabbitmq3"
    version = "3."
    image = "rabbitmq:3.10-management"
    what_to_install = "RabbitMQ 3 (Debian bookworm: apt-get install rabbitmq-server)"

    @classmethod
    def _made(cls) -> Place | None:
        return None  # what is made is installed from then on

    @classmethod
    def _make(cls) -> Place:
        packages.apt_install(cls.name, ["rabbitmq-server"], cls.what_to_install)
        if place := cls._installed():
            return place
        raise packages.not_the_version(cls.name, "rabbitmq-server", cls.what_to_install)


class RabbitMQ4(RabbitMQ):
    """RabbitMQ 4, from a newer Debian in a folder."""

    name = "rabbitmq4"
    version = "4."
    image = "rabbitmq:4-management"
    what_to_install = "RabbitMQ 4 (Debian trixie or newer: apt-get install rabbitmq-server)"

    @classmethod
    def _made(cls) -> Place | None:
        return _foreign(root) if (root := packages.debian_folder()).exists() else None

    @classmethod
    def _make(cls) -> Place:
        return _foreign(packages.make_debian_folder(cls.name, cls.what_to_install))


def _foreign(root: Path) -> Place:
    return Place(Path("/usr/lib/rabbitmq/bin"), root=root, user="rabbitmq")


def _state(amqp: int, admin: int) -> dict[str, str]:
    return {"url": f"amqp://guest:guest@127.0.0.1:{amqp}", "admin_url": f"http://guest:guest@127.0.0.1:{admin}"}
