"""B3: submissions, embedded, against bare sqlite commits of the same documents.

A submission is a durable document with its signed receipt, and then a durable update of the application with its idempotency
key and its event. Each is another person's. The first row is the use case on its store, with the relay at work. The second
is HTTP to the all-in-one: while submissions are answered, the same process also relays their events, attaches their
documents and sends their mails; before the bare limit is measured it has come to rest. The bare limit of both is one update
in a transaction of its own, with `synchronous = FULL`, of an application as the first row commits it, one after the other.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import aiohttp

from services.applications.repository.applications import APPLICATIONS
from services.chassis.settings import Settings
from services.cli.offline import opened
from tests.load.bench import Bench
from tests.load.figures import Figure, share
from tests.load.population import Person, settle_in
from tests.load.rest import until_idle
from tests.load.submitting import submitting
from tests.load.wire import rate, request
from tests.processes import SuiteProcess

TITLE = "Submit (durable, idempotent, outbox), embedded, against bare sqlite FULL commits of the same document"

CONNECTIONS = 32
SAMPLE = 20
LAGGING = 60
MAILS_WITHIN = 60


def path_of(person: Person) -> str:
    """Where a person's application is submitted."""
    return f"/api/applications/applications/{person.application}/submission"


def headers_of(person: Person) -> dict[str, str]:
    """What the request carries."""
    return {**person.headers, "Idempotency-Key": f"submit-{person.application}"}


def submission(person: Person) -> bytes:
    """The request by which a person submits."""
    return request("POST", path_of(person), headers_of(person))


async def as_committed(folder: Path) -> list[str]:
    """Applications as their submission commits them, event still in the outbox, because the relay lags by a minute."""
    crowd = await settle_in(Settings(data=folder), SAMPLE)
    suite = SuiteProcess(folder, fresh=True, offers_sample="false", relay_pause=LAGGING)
    await suite.start()
    async with aiohttp.ClientSession(suite.base) as client:
        for person in crowd:
            async with client.post(path_of(person), headers=headers_of(person)) as answer:
                answer.raise_for_status()
    await suite.kill()
    async with opened(Settings(data=folder), ("applications",)) as services:
        rows = await services["applications"].ports.store.find(APPLICATIONS.name, {}, limit=SAMPLE)
    assert all(row["outbox"] for row in rows)
    return [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]


def commits(file: Path, documents: Sequence[str], seconds: float) -> float:
    """Updates per second, each in a transaction of its own."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS applications (id INTEGER PRIMARY KEY, doc TEXT NOT NULL)")
    connection.executemany("INSERT OR REPLACE INTO applications VALUES (?, ?)", enumerate(documents))
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        turn, number = divmod(done, len(documents))
        other = documents[(number + turn + 1) % len(documents)]  # sqlite writes nothing where nothing changes
        connection.execute("UPDATE applications SET doc = ? WHERE id = ?", (other, number))
        done += 1
    rate = done / (time.perf_counter() - started)
    connection.close()
    return rate


async def mailed(folder: Path, number: int) -> None:
    """Wait until so many mails lie in the Maildir."""
    async with asyncio.timeout(MAILS_WITHIN):
        while len(list((folder / "mail" / "new").glob("*"))) < number:
            await asyncio.sleep(0.1)


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figure of B3; about a minute."""
    documents = await as_committed(bench.folder / "sample")

    async def bare() -> float:
        return await asyncio.to_thread(commits, bench.folder / "bare.sqlite", documents, bench.seconds)

    async with submitting(bench, Settings(data=bench.folder / "inner"), bench.rounds + 1) as (submit_inside, _):
        inner = await bench.in_turns(submit_inside, bare)
    folder = bench.folder / "var"
    each = bench.many(300)
    crowd = await settle_in(Settings(data=folder), each * (bench.rounds + 1))
    left: Iterator[Person] = iter(crowd)
    done = 0
    suite = SuiteProcess(folder, fresh=True, offers_sample="false")
    await suite.start()

    async def submit() -> float:
        nonlocal done
        requests = [submission(person) for person in islice(left, each)]
        own = await rate(suite.port, requests, seconds=60, connections=CONNECTIONS, again=False)
        done += len(requests)
        await mailed(folder, done)
        await until_idle(suite.pid)
        return own

    outer = await bench.in_turns(submit, bare)
    await suite.stop()
    return [
        share("submit, use case with relay", *inner, " /s", 25),
        share("submit, over HTTP, with all that follows from it", *outer, " /s", 10),
    ]
