"""What a stranger or one candidate sends in numbers at a suite on one machine, and others who are served meanwhile.

Acceptance 108. The limits themselves, each at it and one past it, are in `tests/unit/chassis` (crowding, places) and in
`tests/service/documents`; here a process as it is shipped meets the numbers that once froze it.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from services.chassis.http.connections import RESERVED_FILES, raise_file_limit
from services.documents.settings import DocumentsSettings
from tests.candidate import Candidate, Mailbox, pdf
from tests.faults.conftest import LONG
from tests.processes import SuiteProcess
from tests.unit.documents import files

HOSTILE = {"X-Forwarded-For": "203.0.113.7"}
"""The network that the crowd comes from; the suite believes it of this machine."""
ELSEWHERE = {"X-Forwarded-For": "198.51.100.20"}

FILES = 1024
"""That the process may open, sockets among them."""
PATIENT: dict[str, Any] = {"documents_inspection_queue_seconds": 300, "documents_inspection_seconds": 300}
"""For a machine that has other work as well: there it may take a minute until each slow file has had its quick turn."""
SHARE = DocumentsSettings().uploads_at_once // 9 + 1
"""Uploads that one account may have under way: an eighth of those that are free."""

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(autouse=True)
def _many_files() -> None:
    raise_file_limit()


@asynccontextmanager
async def running(data: Path, *, files: int) -> AsyncIterator[SuiteProcess]:
    """A suite on one machine."""
    suite = SuiteProcess(data / "suite", files=files, **PATIENT)
    await suite.start()
    try:
        yield suite
    finally:
        assert await suite.stop() == 0


@asynccontextmanager
async def person(suite: SuiteProcess, whence: dict[str, str]) -> AsyncIterator[Candidate]:
    """Somebody who has an account and is logged in."""
    async with aiohttp.ClientSession(headers=whence) as client:
        somebody = Candidate(client, suite.base, Mailbox(suite.data / "mail"))
        await somebody.registers()
        await somebody.validates()
        await somebody.logs_in()
        yield somebody


@asynccontextmanager
async def wires(suite: SuiteProcess, number: int, sent: Callable[[int], bytes]) -> AsyncIterator[Sequence[Wire]]:
    """So many connections over which this was sent, and of which little is read unless somebody does."""
    made: list[Wire] = []
    try:
        for each in range(number):
            line = socket.socket()
            line.setblocking(False)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", suite.port))
            wire = await asyncio.open_connection(sock=line, limit=1024)
            made.append(wire)
            wire[1].write(sent(each))
        yield made
    finally:
        for _, writer in made:
            writer.transport.abort()


def head(method: str, path: str, who: Candidate | None = None, **headers: str | int) -> bytes:
    """The head of a request from the hostile network."""
    whole = {"Host": "x", **HOSTILE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if who is not None:
        whole["Authorization"] = f"Bearer {who.token}"
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in whole.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def status(wire: Wire) -> int:
    """What a connection was answered."""
    return int((await wire[0].readline()).split()[1])


async def served(other: Candidate) -> None:
    """Somebody elsewhere reads, logs in, uploads and gets the bytes back."""
    await other.must("GET", "/api/offers/programmes", 200)
    await other.logs_in()
    content = pdf()
    uploaded = await other.uploads(content)
    assert uploaded.status == 201, uploaded.body
    assert await other.must("GET", f"/api/documents/documents/{uploaded.body['document']}", 200) == content


async def heads_without_bodies(suite: SuiteProcess, ann: Candidate) -> None:
    request = head("POST", "/api/accounts/sessions", Content_Type="application/json", Content_Length=64)
    async with wires(suite, 512, lambda _: request):
        await served(ann)


async def downloads_that_nobody_reads(suite: SuiteProcess, ann: Candidate, mallory: Candidate) -> None:
    large = (await mallory.uploads(pdf(2**20 - 1))).body["document"]
    request = head("GET", f"/api/documents/documents/{large}", mallory)
    async with wires(suite, 512, lambda _: request) as made:
        answered = Counter(await asyncio.gather(*(status(wire) for wire in made)))
        assert answered.keys() == {200, 429}
        await served(ann)
        assert (await mallory.get("/api/accounts/me")).status == 200


async def stalled_uploads_of_one_candidate(suite: SuiteProcess, ann: Candidate, mallory: Candidate) -> None:
    request = head("PUT", "/api/documents/uploads", mallory, Content_Type="application/pdf", Content_Length=2**20)
    async with wires(suite, 64, lambda _: request + b"%PDF-1.4\n") as made:
        asked = [asyncio.create_task(status(wire)) for wire in made]
        refused = 0
        for answered in asyncio.as_completed(asked):
            refused += await answered == 429
            if refused == 64 - SHARE:
                break
        await served(ann)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def slow_files_of_many_accounts(suite: SuiteProcess, ann: Candidate, mallory: Candidate) -> None:
    crowd = [mallory]
    for _ in range((8 if LONG else 2) - 1):
        another = Candidate(mallory.client, suite.base, mallory.mailbox)
        await another.becomes_known()
        crowd.append(another)
    slow = files.slow_pdf()
    sending = [asyncio.create_task(each.uploads(slow)) for each in crowd]
    await asyncio.sleep(0.5)
    await served(ann)
    assert sum(task.done() for task in sending) <= len(crowd) // 2, "she waited for the slow ones"
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)


async def idle_connections(suite: SuiteProcess, ann: Candidate) -> None:
    """Those that ask for nothing are closed where there are too many, and the log says so in a few lines."""
    before = suite.log.stat().st_size
    async with wires(suite, 1157, lambda _: b"") as made:
        await served(ann)
        await asyncio.gather(*(wire[0].read(1) for wire in made[: 1157 - FILES + RESERVED_FILES]))
        await served(ann)
    lines = suite.log.read_bytes()[before:].splitlines()
    assert any(json.loads(line)["event"] == "http.connections-cut" for line in lines)
    assert len(lines) < 100, lines[:20]


async def test_whatever_comes_in_numbers_others_are_served_meanwhile(tmp_path: Path) -> None:
    """One process for all: most of the time it takes is its start."""
    async with (
        running(tmp_path, files=FILES) as suite,
        person(suite, ELSEWHERE) as ann,
        person(suite, HOSTILE) as mallory,
    ):
        await heads_without_bodies(suite, ann)
        await downloads_that_nobody_reads(suite, ann, mallory)
        await stalled_uploads_of_one_candidate(suite, ann, mallory)
        await idle_connections(suite, ann)
        await slow_files_of_many_accounts(suite, ann, mallory)
