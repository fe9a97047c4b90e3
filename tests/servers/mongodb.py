"""A server of the MongoDB protocol: mongod where there is one, else FerretDB over PostgreSQL with DocumentDB."""

import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from tests.servers import docker, packages
from tests.servers.available import DidNotStart
from tests.servers.place import Place
from tests.servers.ports import free_port, listens
from tests.servers.process import Process
from tests.servers.server import Server

_COMMAND = 120.0
"""Seconds after which a program of the server hangs; all start slowly on a busy machine."""
# The data die with the test, and only a loss of power could tell the difference.
_POSTGRESQL = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name = 'postgres'
dynamic_shared_memory_type = mmap
max_connections = 150
shared_buffers = 128MB
fsync = off
full_page_writes = off
"""
# {"ping": 1, "$db": "admin"} as an OP_MSG.
_PING = b"\x10ping\x00\x01\x00\x00\x00\x02$db\x00\x06\x00\x00\x00admin\x00\x00"
_PING = struct.pack("<i", len(_PING) + 4) + _PING
_PING = struct.pack("<iiiiiB", len(_PING) + 21, 1, 0, 2013, 0, 0) + _PING


class MongoDB(Server):
    """A server of the MongoDB protocol, without transactions and without authentication."""

    name = "mongodb"
    image = "mongo:7"
    what_to_install = "MongoDB 5 or newer with mongod on the path, or its address in PARVIS_TEST_MONGODB_URL"

    def new_database(self) -> str:
        """The URL of a database that nobody uses: what keeps tests, and the workers that share one server, apart."""
        at = urlsplit(self.url)
        return at._replace(path=f"/t_{uuid4().hex[:12]}").geturl()

    @property
    def flavour(self) -> str:
        """``mongodb`` or ``ferretdb``; a given server counts as MongoDB."""
        return self._state["flavour"]

    @classmethod
    def _installed(cls) -> Place | None:
        found = shutil.which("mongod")
        return Place(Path(found).parent) if found else None

    @classmethod
    def _made(cls) -> Place | None:
        root = packages.debian_folder()
        return _postgresql(root) if root.exists() and packages.ferretdb().exists() else None

    @classmethod
    def _make(cls) -> Place:
        packages.make_ferretdb(cls.name, cls.what_to_install)
        return _postgresql(packages.make_debian_folder(cls.name, cls.what_to_install))

    def _attach(self, url: str) -> dict[str, str]:
        return {"url": url, "flavour": "mongodb"}

    def _create(self, image: str) -> tuple[str, dict[str, str]]:
        port = free_port()
        return docker.create(image, ports={port: 27017}, environment={}), _state(port, "mongodb")

    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        port = free_port()
        if place.root is None:
            (folder / "data").mkdir()
            return _state(port, "mongodb")
        postgresql, data = free_port(), folder / "postgresql"
        initdb = ["--pgdata", place.inside(data), "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(
            place.command("initdb", *initdb), capture_output=True, text=True, check=False, timeout=_COMMAND
        )
        if made.returncode != 0:
            raise DidNotStart(f"{self.name}: initdb failed\n{made.stdout}{made.stderr}")
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write(_POSTGRESQL.format(port=postgresql))
        (folder / "ferretdb").mkdir()
        return _state(port, "ferretdb") | {"postgresql": str(postgresql)}

    def _launch(self) -> list[Process]:
        if self._container is not None:
            return self._spawn_container()
        assert self._place is not None
        assert self._folder is not None
        address = urlsplit(self.url)
        if self._place.root is None:
            words = ["--bind_ip", "127.0.0.1", "--port", str(address.port), "--dbpath", str(self._folder / "data")]
            return [self._spawn("mongod", self._place.command("mongod", *words))]
        data = self._place.inside(self._folder / "postgresql")
        postgresql = self._spawn("postgresql", self._place.command("postgres", "-D", data), {"LC_ALL": "C.UTF-8"})
        self._processes = [postgresql]
        self._create_extension(self._place)
        ferretdb = self._spawn(
            "ferretdb",
            [
                str(packages.ferretdb()),
                f"--postgresql-url=postgres://postgres@127.0.0.1:{self._state['postgresql']}/postgres",
                f"--listen-addr={address.netloc}",
                f"--state-dir={self._folder / 'ferretdb'}",
            ],
        )
        return [postgresql, ferretdb]

    def _create_extension(self, place: Place) -> None:
        """Wait for PostgreSQL and give it DocumentDB; a second time changes nothing."""
        port = self._state["postgresql"]
        self._wait_for(lambda: listens(int(port)))
        statement = "create extension if not exists documentdb cascade"
        words = ["-h", "127.0.0.1", "-p", port, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qc", statement, "postgres"]
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "30", "LC_ALL": "C.UTF-8"}

        def created() -> bool:
            asked = subprocess.run(
                place.command("psql", *words),
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=_COMMAND,
            )
            # It accepts connections a little before it serves them, the longer after a kill -9.
            if asked.returncode != 0 and "starting up" not in asked.stderr and "recovery" not in asked.stderr:
                raise DidNotStart(f"{self.name}: DocumentDB was not created\n{asked.stderr}\n{self.log}")
            return asked.returncode == 0

        self._wait_for(created)

    def _answers(self) -> bool:
        address = urlsplit(self.url)
        try:
            with socket.create_connection((address.hostname, address.port or 27017), timeout=5) as connection:
                connection.sendall(_PING)
                return len(connection.recv(16)) == 16
        except OSError:
            return False


def _postgresql(root: Path) -> Place:
    return Place(Path("/usr/lib/postgresql/18/bin"), root=root, user="postgres")


def _state(port: int, flavour: str) -> dict[str, str]:
    return {"url": f"mongodb://127.0.0.1:{port}", "flavour": flavour}
