"""A stranger with many sockets, and others who are served meanwhile (acceptance 108)."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from services.chassis.context import CommandContext, EventRef
from services.chassis.http import consistency
from services.chassis.http.connections import MAX_HEAD_BYTES, RESERVED_FILES, Bounds
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.chassis.telemetry.loglines import Sampled
from tests.processes import ROOT
from tests.samples import sample
from tests.unit.chassis.demo import MOMENT, DemoService, FruitPut, run_demo
from tests.unit.chassis.test_http import LIST, PUT, refused

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET /api/demo/baskets HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def wires(demo_service: DemoService, number: int, sent: bytes = b"") -> AsyncIterator[Sequence[Wire]]:
    """So many connections over which this was sent."""
    port = int(demo_service.url.rpartition(":")[2])
    made = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    for _, writer in made:
        writer.write(sent)
        await writer.drain()
    try:
        yield made
    finally:
        for _, writer in made:
            writer.transport.abort()


def post(demo_service: DemoService) -> bytes:
    """The beginning of a command's head."""
    token = demo_service.bearer()["Authorization"].encode()
    return b"POST /api/demo/baskets/b-a/emptying HTTP/1.1\r\nHost: x\r\nAuthorization: " + token + b"\r\n"


def cut(why: str) -> float:
    return sample("parvis_connections_cut_total", {"why": why}) or 0.0


def open_connections() -> float:
    return sample("parvis_connections") or 0.0


def places_refused(kind: str, why: str) -> float:
    return sample("parvis_places_refused_total", {"kind": kind, "why": why}) or 0.0


async def served(demo_service: DemoService) -> None:
    """Somebody else, over a connection of their own, is answered."""
    async with aiohttp.ClientSession(demo_service.url) as somebody, somebody.get(LIST) as response:
        assert response.status == 200


async def until_closed(wire: Wire) -> bytes:
    """What came before the other end closed."""
    try:
        return await wire[0].read()
    except ConnectionError:
        return b""


# --- places are for requests that are there -----------------------------------------------------------------------


async def test_heads_without_bodies_take_nobodys_place(tmp_path: Path) -> None:
    async with (
        run_demo(tmp_path, max_in_flight=2) as demo_service,
        wires(demo_service, 8, post(demo_service) + b"Content-Length: 2\r\n\r\n"),
        wires(demo_service, 8, post(demo_service) + b"Content-"),
    ):
        await served(demo_service)
        async with demo_service.client.post(PUT, json={"fruit": "kiwi"}, headers=demo_service.bearer()) as response:
            assert response.status == 201


async def test_who_waits_for_what_never_was_is_in_nobodys_way(tmp_path: Path) -> None:
    """Anybody may name events in `Parvis-Seen`: of four places to wait in, at the limit and one past it."""

    async def apply(event: FruitPut, command: CommandContext) -> None:
        """Nothing ever comes."""

    made_up = {"Parvis-Seen": consistency.write([EventRef("never", FruitPut.TYPE)], MOMENT)}
    async with run_demo(tmp_path, {FruitPut: apply}, max_in_flight=4, catch_up_seconds=5) as demo_service:

        async def wait(**headers: str) -> str:
            async with demo_service.client.get(LIST, headers=made_up | headers) as response:
                return str((await response.json(content_type=None))["slug"])

        near = {"X-Forwarded-For": "192.0.2.1"}
        waiting = {asyncio.create_task(wait(**near)) for _ in range(3)}
        refused_first, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in refused_first] == ["too-many-at-once"]
        waiting |= {asyncio.create_task(wait()) for _ in range(3)}
        refused_first, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in refused_first] == ["busy"]
        await served(demo_service)
        async with demo_service.client.post(PUT, json={"fruit": "kiwi"}, headers=demo_service.bearer()) as response:
            assert response.status == 201
        assert [await task for task in waiting] == ["catching-up"] * 4
        await served(demo_service)


async def test_a_body_that_does_not_come_is_refused_in_time(tmp_path: Path) -> None:
    async with (
        run_demo(tmp_path, body_seconds=0.2) as demo_service,
        wires(demo_service, 1, post(demo_service) + b"Content-Length: 2\r\n\r\n{") as ((reader, writer),),
    ):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 408 ")
        assert b'"slug":"too-slow"' in await reader.readuntil(b"}")
        writer.write(b"}")


async def test_downloads_that_nobody_reads_take_no_place_of_requests_and_are_cut(tmp_path: Path) -> None:
    async with run_demo(tmp_path, max_in_flight=2, max_streams=4, unread_seconds=5) as demo_service:
        demo_service.demo.chunks = [bytes(2**20)] * 64
        before = cut("unread")
        ask = b"GET /api/demo/bytes HTTP/1.1\r\nHost: x\r\n\r\n"
        async with wires(demo_service, 4, ask) as made:
            for reader, _ in made:
                await reader.readuntil(b"\r\n\r\n")
            await served(demo_service)
            async with demo_service.client.get("/api/demo/bytes") as response:
                await refused(response, 503, "busy")
            while cut("unread") < before + 4:
                await asyncio.sleep(0.05)
        demo_service.demo.chunks = [b"one", b"two"]
        async with demo_service.client.get("/api/demo/bytes") as response:
            assert await response.read() == b"onetwo"


async def test_answers_that_nobody_reads_are_not_gathered(tmp_path: Path) -> None:
    """Of a thousand questions down one line as many are answered as the client takes answers."""
    async with run_demo(tmp_path, unread_seconds=0.2) as demo_service:
        before, asked = cut("unread"), 0
        ask = b"GET /api/demo/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        async with wires(demo_service, 1) as ((_, writer),):
            while cut("unread") == before:
                writer.write(ask)
                asked += 1
                await asyncio.sleep(0.001)
            await served(demo_service)


# --- one person, one network --------------------------------------------------------------------------------------


async def test_one_account_cannot_take_the_places_of_others(tmp_path: Path) -> None:
    async with run_demo(tmp_path, max_in_flight=27) as demo_service:
        inside, go = asyncio.Semaphore(0), asyncio.Event()

        async def gate() -> None:
            inside.release()
            await go.wait()

        demo_service.demo.own_gate = gate
        mine = demo_service.bearer("mallory")
        held = [asyncio.create_task(demo_service.client.get(f"{LIST}/b-a", headers=mine)) for _ in range(3)]
        for _ in held:
            await inside.acquire()
        async with demo_service.client.get(f"{LIST}/b-a", headers=mine) as response:
            await refused(response, 429, "too-many-at-once")
            assert int(response.headers["Retry-After"]) > 0
        demo_service.demo.own_gate = None
        async with demo_service.client.get(f"{LIST}/b-a", headers=demo_service.bearer("ann")) as response:
            assert response.status == 404
        go.set()
        assert [(await response).status for response in held] == [404] * 3
        async with demo_service.client.get(f"{LIST}/b-a", headers=mine) as response:
            assert response.status == 404


async def test_one_network_cannot_take_the_places_of_others(tmp_path: Path) -> None:
    async with run_demo(tmp_path, max_in_flight=8) as demo_service:
        inside, go = asyncio.Semaphore(0), asyncio.Event()

        async def gate() -> None:
            inside.release()
            await go.wait()

        demo_service.demo.gate = gate
        theirs = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(5)]
        held = [asyncio.create_task(demo_service.client.get(LIST, headers=headers)) for headers in theirs[:4]]
        for _ in held:
            await inside.acquire()
        async with demo_service.client.get(LIST, headers=theirs[4]) as response:
            await refused(response, 429, "too-many-at-once")
        demo_service.demo.gate = None
        async with demo_service.client.get(LIST, headers={"X-Forwarded-For": "198.51.100.1"}) as response:
            assert response.status == 200
        go.set()
        assert [(await response).status for response in held] == [200] * 4


# --- connections --------------------------------------------------------------------------------------------------


async def test_idle_connections_make_room_and_others_are_served(tmp_path: Path) -> None:
    async with run_demo(tmp_path, max_connections=16) as demo_service:
        before = cut("crowded-out")
        async with wires(demo_service, 15):
            await served(demo_service)
            assert cut("crowded-out") == before
        async with wires(demo_service, 40):
            await served(demo_service)
        assert cut("crowded-out") > before


async def test_the_network_that_has_most_connections_makes_room(tmp_path: Path) -> None:
    async with (
        run_demo(tmp_path, max_connections=16) as demo_service,
        wires(demo_service, 1, GET) as mine,
        wires(demo_service, 40, GET),
    ):
        # All of this machine are one network: the oldest goes first, whoever it is.
        assert b" 200 " in await until_closed(mine[0])


async def test_connections_at_work_are_not_closed_and_one_more_is_refused(tmp_path: Path) -> None:
    async with run_demo(tmp_path, max_connections=8) as demo_service:
        inside, go = asyncio.Semaphore(0), asyncio.Event()

        async def gate() -> None:
            inside.release()
            await go.wait()

        demo_service.demo.gate = gate
        before = cut("refused")
        async with wires(demo_service, 8, GET) as made:
            for _ in made:
                await inside.acquire()
            async with wires(demo_service, 1, GET) as more:
                assert await until_closed(more[0]) == b""
            assert cut("refused") == before + 1
            go.set()
            for reader, _ in made:
                assert b" 200 " in await reader.readuntil(b"\r\n\r\n")


async def test_who_has_gone_takes_no_room_though_what_was_asked_goes_on(tmp_path: Path) -> None:
    async with run_demo(tmp_path, max_connections=16) as demo_service:
        inside, go = asyncio.Semaphore(0), asyncio.Event()

        async def gate() -> None:
            inside.release()
            await go.wait()

        demo_service.demo.gate, connections = gate, open_connections()
        async with wires(demo_service, 16, GET) as made:
            for _ in made:
                await inside.acquire()
        demo_service.demo.gate = None
        while open_connections() > connections:
            await asyncio.sleep(0.01)
        before = cut("refused"), cut("crowded-out")
        async with wires(demo_service, 15):
            await served(demo_service)
        assert (cut("refused"), cut("crowded-out")) == before
        async with wires(demo_service, 16 + 4):
            await served(demo_service)
        # One at a time is closed where there are sixteen, and none of them twice.
        assert cut("crowded-out") <= before[1] + 4 + 1
        go.set()


@pytest.mark.parametrize("sent", [b"", b"GET /api/demo/baskets HTTP/1.1\r\nX-A: 1\r\n"])
async def test_a_head_that_does_not_come_ends_its_connection(tmp_path: Path, sent: bytes) -> None:
    async with run_demo(tmp_path, head_seconds=0.2) as demo_service, wires(demo_service, 1, sent) as made:
        before = cut("slow-head")
        assert await until_closed(made[0]) == b""
        assert cut("slow-head") == before + 1


async def test_a_head_in_small_pieces_is_read_and_a_connection_waits_for_the_next(tmp_path: Path) -> None:
    async with run_demo(tmp_path, head_seconds=30) as demo_service, wires(demo_service, 1) as ((reader, writer),):
        for _ in range(2):
            for at in range(0, len(GET), 8):
                writer.write(GET[at : at + 8])
                await asyncio.sleep(0)
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(int(length.partition(b":")[2]))


async def test_a_head_may_be_so_long_and_no_longer(tmp_path: Path) -> None:
    line, start, end = b"X-A: " + b"a" * 4096 + b"\r\n", GET[:-2], b"\r\n"
    lines, rest = divmod(MAX_HEAD_BYTES - len(start) - len(end), len(line))
    longest = start + line * (lines - 1) + b"X-B: " + b"b" * (rest + len(line) - 7) + b"\r\n" + end
    assert len(longest) == MAX_HEAD_BYTES
    async with run_demo(tmp_path) as demo_service:
        async with wires(demo_service, 1, longest) as ((reader, _),):
            assert b" 200 " in await reader.readuntil(b"\r\n")
        before = cut("large-head")
        async with wires(demo_service, 1, longest[:-2] + line) as made:
            assert await until_closed(made[0]) == b""
        assert cut("large-head") == before + 1


# --- files and lines ----------------------------------------------------------------------------------------------


def test_there_are_fewer_connections_than_files() -> None:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert Bounds.of(Settings(max_connections=1_000_000)).connections <= files - RESERVED_FILES
    assert Bounds.of(Settings(max_connections=16)).connections == 16


def test_a_process_may_open_as_many_files_as_it_may_allow_itself() -> None:
    script = (
        "import resource; from services.chassis.http.connections import raise_file_limit as more;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (300, 900)); more(); print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["900", "900"]


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[io.StringIO]:
    kept, processors = (logging.getLogger().handlers[:], logging.getLogger().level), structlog.get_config()
    stream = io.StringIO()
    configure_logging(Settings(data=tmp_path), stream)
    yield stream
    structlog.configure(**processors)
    logging.getLogger().handlers[:], logging.getLogger().level = kept


async def test_a_flood_of_one_kind_is_two_lines(lines: io.StringIO) -> None:
    told = Sampled("http.request")
    for _ in range(1000):
        told.tell(route="/a", status=429)
    told.tell(route="/b", status=429)
    told.count()
    told.tell(route="/a", status=429)
    structlog.get_logger().warning("host.stopped")
    found: list[dict[str, Any]] = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(line.get("route"), line.get("more")) for line in found[:-1]] == [
        ("/a", None),
        ("/b", None),
        ("/a", 999),
        ("/a", None),
    ]


async def test_beyond_the_kinds_that_are_told_apart_each_is_told(lines: io.StringIO) -> None:
    told = Sampled("http.request")
    for number in range(Sampled.MOST_KINDS + 1):
        for _ in range(2):
            told.tell(route=f"/{number}", status=404)
    structlog.get_logger().warning("host.stopped")
    assert len(lines.getvalue().splitlines()) == Sampled.MOST_KINDS + 2 + 1
    told.count()
