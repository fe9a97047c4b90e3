"""B7: from a commit in one service to its event applied in another, at 100 events a second.

Candidates take their documents out of the pieces of their files, over HTTP; documents hears of it and lets them go. An
event counts from the arrival of its command, which is before its commit, to the instant at which it is known as applied;
both are written down by the suite itself, in the journal of the one service and the inbox of the other. The bare limit is
four durable commits one after the other, to four files: the command's, the journal's, the inbox's and the copy's.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import aiohttp

from services.chassis.inbox import INBOX
from services.chassis.journal import PUBLIC
from services.chassis.settings import Settings
from services.cli.opened import opened
from services.contracts.events.applications import PieceRemoved
from services.contracts.instants import instant
from tests.load.bench import Bench
from tests.load.figures import Figure, bound
from tests.load.population import DEPOSITED, Person, settle_in
from tests.load.rest import until_idle
from tests.processes import SuiteProcess

TITLE = "Commit to applied in another service, at 100 events a second"

PER_SECOND = 100
COMMITS = 4
PAGE = 1000


async def remove(client: aiohttp.ClientSession, person: Person, piece: str) -> None:
    """Take the document out of a piece."""
    path = f"/api/applications/applications/{person.application}/pieces/{piece}"
    async with client.delete(path, headers=person.headers) as answer:
        assert answer.status == 200, await answer.text()


async def send(base: str, commands: Sequence[tuple[Person, str]]) -> None:
    """Give the commands at their instants, whether or not earlier ones have been answered."""
    loop = asyncio.get_running_loop()
    begun = loop.time() + 0.1
    async with aiohttp.ClientSession(base) as client, asyncio.TaskGroup() as group:
        for number, (person, piece) in enumerate(commands):
            await asyncio.sleep(begun + number / PER_SECOND - loop.time())
            group.create_task(remove(client, person, piece))


async def latencies(settings: Settings) -> dict[str, float]:
    """Milliseconds from command to applied, by the id of the event, in the order of the events."""
    async with opened(settings, ("applications", "documents")) as suite:
        journal, inbox = suite["applications"].ports.store, suite["documents"].ports.store
        told: dict[str, datetime] = {}
        position = 0
        while rows := await journal.find(PUBLIC.name, {}, sort=(("_id", 1),), after=(position,), limit=PAGE):
            told |= {row["event_id"]: instant(row["at"]) for row in rows if row["type"] == PieceRemoved.TYPE}
            position = rows[-1]["_id"]
        found = {}
        for id, at in told.items():
            row = await inbox.get(INBOX.name, id)
            assert row is not None and row["state"] == "done", id
            found[id] = (instant(row["done_at"]) - at).total_seconds() * 1e3
        return found


def commits(folder: Path, number: int) -> list[float]:
    """Milliseconds that the commits of one event take, for so many events at their pace."""
    connections = []
    for file in range(COMMITS):
        connection = sqlite3.connect(folder / f"bare-{file}.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, doc TEXT NOT NULL)")
        connections.append(connection)
    found = []
    for _ in range(number):
        started = time.perf_counter()
        for connection in connections:
            connection.execute("INSERT INTO events (doc) VALUES (?)", ("x" * 1000,))
        took = time.perf_counter() - started
        found.append(took * 1e3)
        time.sleep(max(0.0, 1 / PER_SECOND - took))
    for connection in connections:
        connection.close()
    return found


def at(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B7; a minute."""
    folder, each = bench.folder / "var", bench.many(500)
    settings = Settings(data=folder)
    crowd = await settle_in(settings, -(-each * (bench.rounds + 1) // len(DEPOSITED)))
    commands = [(person, piece) for piece in DEPOSITED for person in crowd]
    suite = SuiteProcess(folder, offers_sample="false")
    await suite.start()
    turns, bare = [], []
    for turn in range(bench.rounds + 1):
        await until_idle(suite.pid)
        await send(suite.base, commands[turn * each : (turn + 1) * each])
        await until_idle(suite.pid)
        turns.append(each)
        bare.append(await asyncio.to_thread(commits, bench.folder, bench.many(200)))
    await suite.stop()
    found = list((await latencies(settings)).values())
    assert len(found) == sum(turns)
    own = [found[turn * each : (turn + 1) * each] for turn in range(1, bench.rounds + 1)]
    return [
        bound("half of the events within", [at(t, 0.5) for t in own], [at(t, 0.5) for t in bare[1:]], " ms", 30),
        bound("99 of 100 within", [at(t, 0.99) for t in own], [at(t, 0.99) for t in bare[1:]], " ms", 300),
    ]
