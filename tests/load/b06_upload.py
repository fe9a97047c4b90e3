"""B6: uploads of 2 MB over HTTP, against bare writes of the same bytes to the same disk.

An upload is received, digested, looked into by the inspector, made durable, entered in a row and answered with a signed
receipt. The bare limit is a file written, synced, renamed, and its folder synced, by as many threads as there are
connections.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.chassis.settings import Settings
from tests.candidate import pdf
from tests.load.bench import Bench
from tests.load.figures import Figure, bound, share
from tests.load.memory import megabytes
from tests.load.population import Person, settle_in
from tests.load.rest import until_idle
from tests.load.wire import rate, request
from tests.processes import SuiteProcess

TITLE = "Upload of 2 MB with digest, parse and row, against a bare PUT to the same object store"

SIZE = 2_000_000
CONNECTIONS = 8
AT_ONCE = 64
LOOK_SECONDS = 0.02


def upload(person: Person, content: bytes, name: str) -> bytes:
    """The request that uploads a document."""
    headers = {"Content-Type": "application/pdf", "X-Filename": f"{name}.pdf", "Idempotency-Key": name}
    return request("PUT", "/api/documents/uploads", {**person.headers, **headers}, content)


def put(folder: Path, name: str, content: bytes) -> None:
    """Make bytes a durable file."""
    unfinished = folder / f"{name}.new"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    unfinished.rename(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def puts(folder: Path, turn: int, number: int, content: bytes) -> float:
    """Files per second, so many threads at once."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda each: put(folder, f"{turn}-{each}", content), range(number)))
    return number / (time.perf_counter() - started)


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B6; about a minute."""
    each, together = bench.many(60), bench.many(AT_ONCE)
    crowd = await settle_in(Settings(data=bench.folder / "var"), together)
    bare_folder = bench.folder / "bare"
    bare_folder.mkdir()
    suite = SuiteProcess(bench.folder / "var", offers_sample="false")
    await suite.start()
    turns = {"own": 0, "bare": 0}

    async def own() -> float:
        turns["own"] += 1
        requests = [
            upload(crowd[number % len(crowd)], pdf(SIZE), f"turn{turns['own']}-{number}") for number in range(each)
        ]
        found = await rate(suite.port, requests, seconds=60, connections=CONNECTIONS, status=201, again=False)
        await until_idle(suite.pid)
        return found

    async def bare() -> float:
        turns["bare"] += 1
        return await asyncio.to_thread(puts, bare_folder, turns["bare"], each, pdf(SIZE))

    owns, bares = await bench.in_turns(own, bare)
    added = [await memory_added(suite, crowd, together, turn) for turn in range(bench.rounds)]
    await suite.stop()
    return [
        share("upload", owns, bares, " /s", 40),
        bound("memory that 64 uploads at once add", added, None, " MB", 100),
    ]


async def memory_added(suite: SuiteProcess, crowd: Sequence[Person], together: int, turn: int) -> float:
    """By how many MB the suite and its inspector grow at most while 64 uploads are under way together."""
    await until_idle(suite.pid)
    before = await asyncio.to_thread(megabytes, suite.pid)
    requests = [upload(crowd[number], pdf(SIZE), f"together{turn}-{number}") for number in range(together)]
    under_way = asyncio.create_task(
        rate(suite.port, requests, seconds=60, connections=together, status=201, again=False)
    )
    most = before
    while not under_way.done():
        most = max(most, await asyncio.to_thread(megabytes, suite.pid))
        await asyncio.sleep(LOOK_SECONDS)
    await under_way
    return most - before
