"""Replicas behind the gateway: replaced one by one, hanging, appearing under a name; people notice nothing of it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast

import aiohttp
import pytest
from aiohttp import web

from services import PORTAL, SERVICES
from services.cli.gateway import Site, configuration
from tests.processes import ROOT, free_ports, parvis
from tests.servers.nginx import NewerNginx, Nginx
from tests.service.gateway.conftest import AMPLE, Open

PATH = "/api/applications/applications"


@asynccontextmanager
async def replica(port: int, host: str = "127.0.0.1") -> AsyncIterator[list[str]]:
    """A service on this port that answers everything, and events without an end; the paths that it was asked for."""
    asked: list[str] = []
    over = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if not request.path.endswith("/events"):
            return web.json_response({})
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b": here\n\n")
        await over.wait()
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port, reuse_address=True).start()
    yield asked
    over.set()
    await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as session:
        yield session


async def statuses(client: aiohttp.ClientSession, url: str, count: int) -> list[int]:
    """What so many requests, one after the other, are answered."""
    given = []
    for n in range(count):
        async with client.post(url, json={"n": n}) as response:
            given.append(response.status)
    return given


async def test_replicas_that_are_replaced_one_after_the_other_leave_nobody_unanswered(
    gateway: Open, client: aiohttp.ClientSession
) -> None:
    """Each fails while the other has just come back; the one that came back is asked at once."""
    ports = free_ports(2)
    both = tuple(f"127.0.0.1:{port}" for port in ports)
    site = await gateway(0, upstreams=dict.fromkeys((*SERVICES, PORTAL), both))
    for _ in range(3):
        for port in ports:
            async with replica(port):
                assert await statuses(client, site.url + PATH, 6) == [200] * 6


async def test_a_replica_that_hangs_holds_few_and_the_others_are_answered(
    gateway: Open, client: aiohttp.ClientSession
) -> None:
    """A frozen process takes connections and never answers: the system does that for it.

    The lines that last are all with the other one, as after a restart: they send nobody to the one that has none.
    """
    ports = free_ports(2)
    both = tuple(f"127.0.0.1:{port}" for port in ports)
    site = await gateway(0, upstreams=dict.fromkeys((*SERVICES, PORTAL), both))
    async with replica(ports[1]), AsyncExitStack() as lines:
        for n in range(4):
            await lines.enter_async_context(client.get(f"{site.url}{PATH}/{n}/events"))
        with socket.create_server(("127.0.0.1", ports[0]), backlog=128):
            # Two at once are given one replica each; who comes then meets the one that has nothing to do.
            asking = [asyncio.create_task(statuses(client, site.url + PATH, 1)) for _ in range(2)]
            done, waiting = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            assert [await each for each in done] == [[200]]
            assert await statuses(client, site.url + PATH, 10) == [200] * 10
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_replica_that_appears_under_a_name_is_asked_without_a_reload(
    newer_nginx: type[NewerNginx], client: aiohttp.ClientSession
) -> None:
    port, internal, names = free_ports(3)
    server = NameServer("127.0.0.1")
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", names))

    def render(listen: int, folder: Path) -> str:
        site = Site(
            upstreams=dict.fromkeys((*SERVICES, PORTAL), (f"replicas.test:{port}",)),
            listen=f"127.0.0.1:{listen}",
            internal=f"127.0.0.1:{internal}",
            tls=None,
            flag=f"{folder}/maintenance",
            scratch=str(folder),
            log=f"{folder}/access.log",
            resolver=f"127.0.0.1:{names}",
        )
        return configuration(site, AMPLE)

    try:
        async with newer_nginx(render) as nginx, replica(port) as old, asyncio.timeout(120):
            while await statuses(client, nginx.url + PATH, 1) != [200]:
                await asyncio.sleep(0.1)  # the name is being asked for
            assert old
            async with replica(port, "127.0.0.2") as new:
                server.addresses = ("127.0.0.1", "127.0.0.2")
                while not new:
                    assert await statuses(client, nginx.url + PATH, 2) == [200] * 2
    finally:
        transport.close()


class NameServer(asyncio.DatagramProtocol):
    """Gives one answer to every question for an IPv4 address (RFC 1035)."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: tuple[str, ...] = addresses

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = data[12 : data.index(b"\0", 12) + 5]
        count = len(self.addresses)
        head = data[:2] + b"\x84\x00" + b"\x00\x01" + count.to_bytes(2) + b"\x00\x00\x00\x00"
        records = b"".join(
            b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04" + socket.inet_aton(address)
            for address in self.addresses
        )
        self._transport.sendto(head + question + records, addr)


async def test_the_file_for_one_machine_is_taken_where_standard_output_is_a_socket(
    nginx: type[Nginx], tmp_path: Path
) -> None:
    """As under systemd, whose journal is one: it cannot be opened as a file. The command is that of deploying.md."""
    (tmp_path / "scratch").mkdir()
    where = ["--scratch", str(tmp_path / "scratch"), "--log", str(tmp_path / "parvis.log"), "--plain"]
    listen = [f"127.0.0.1:{port}" for port in free_ports(2)]
    where += ["--listen", listen[0], "--internal", listen[1], "--upstream", "all=127.0.0.1:8080"]
    printed = await parvis("gateway", *where, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert printed.returncode == 0, printed.stderr
    lasting = ("applications", PORTAL)
    assert printed.stdout.count("server 127.0.0.1:8080 ") == len((*SERVICES, PORTAL, *lasting))
    (tmp_path / "nginx.conf").write_text(printed.stdout)
    journal, ours = socket.socketpair()
    with journal, ours:
        command = [nginx.program(), "-t", "-c", str(tmp_path / "nginx.conf"), "-g", f"pid {tmp_path}/nginx.pid;"]
        check = partial(subprocess.run, command, stdout=journal, stderr=subprocess.PIPE, text=True)
        checked = await asyncio.to_thread(check)
    assert checked.returncode == 0, checked.stderr
