"""B7: from a commit in one service to its event applied in another, at 100 events a second.

Candidates take their documents out of the pieces of their files, over HTTP; documents hears of it and lets them go. An
event counts from the arrival of its command, which is before its commit, to the instant at which it is known as applied;
both are written down by the suite itself, in the journal of the one service and the inbox of the other. The first rows
are the all-in-one; the bare limit is four durable commits one after the other, to four files: the command's, the
journal's, the inbox's and the copy's. The last rows are one process each for accounts, applications and documents on
RabbitMQ and the MongoDB protocol, at 20, 50 and 100 events a second, with both servers, their clients and the load on
the same two cores; nothing bare stands beside them.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import aiohttp

from services.chassis.events.inbox import INBOX
from services.chassis.events.journal import PUBLIC
from services.chassis.settings import Settings
from services.cli.offline import opened_to_read
from services.contracts.events.applications import PieceRemoved
from services.contracts.instants import instant
from tests.load.bench import Bench
from tests.load.figures import Figure, bound
from tests.load.population import DEPOSITED, Person, settle_in
from tests.load.rest import until_idle
from tests.processes import SuiteProcess
from tests.servers.mongodb import MongoDB
from tests.servers.rabbitmq import RabbitMQ, RabbitMQ4
from tests.service.operations.broker import VirtualHost

TITLE = "Commit to applied in another service, at 100 events a second"

PER_SECOND = 100
PACES: Mapping[int, float | None] = {20: 100, 50: None, PER_SECOND: None}
SECONDS = 5
COMMITS = 4
PAGE = 1000


async def remove(client: aiohttp.ClientSession, person: Person, piece: str) -> None:
    """Take the document out of a piece."""
    path = f"/api/applications/applications/{person.application}/pieces/{piece}"
    async with client.delete(path, headers=person.headers) as answer:
        assert answer.status == 200, await answer.text()


async def send(base: str, commands: Sequence[tuple[Person, str]], pace: int) -> None:
    """Give so many commands a second at their instants, whether or not earlier ones have been answered."""
    loop = asyncio.get_running_loop()
    begun = loop.time() + 0.1
    async with aiohttp.ClientSession(base) as client, asyncio.TaskGroup() as group:
        for number, (person, piece) in enumerate(commands):
            await asyncio.sleep(begun + number / pace - loop.time())
            group.create_task(remove(client, person, piece))


async def latencies(settings: Settings) -> dict[str, float]:
    """Milliseconds from command to applied, by the id of the event, in the order of the events."""
    async with opened_to_read(settings, ("applications", "documents")) as suite:
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
    """The figures of B7; three minutes."""
    figures = await _embedded(bench)
    if not bench.servers:
        return figures
    async with RabbitMQ4() as rabbitmq, MongoDB() as mongodb:
        return [*figures, *await _in_processes(bench, rabbitmq, mongodb)]


async def _embedded(bench: Bench) -> Sequence[Figure]:
    settings = Settings(data=bench.folder / "var")
    crowd = await settle_in(settings, people(bench, [PER_SECOND]))
    suite = SuiteProcess(settings.data, fresh=True, offers_sample="false")
    await suite.start()
    bare = []

    async def measure_bare() -> None:
        bare.append(await asyncio.to_thread(commits, bench.folder, bench.many(200)))

    [own] = await through(bench, settings, crowd, suite, [suite], [PER_SECOND], measure_bare)
    await suite.stop()
    return [
        bound("all-in-one, half within", [at(t, 0.5) for t in own], [at(t, 0.5) for t in bare[1:]], " ms", 30),
        bound("all-in-one, 99 of 100 within", [at(t, 0.99) for t in own], [at(t, 0.99) for t in bare[1:]], " ms", 300),
    ]


async def _in_processes(bench: Bench, rabbitmq: RabbitMQ, mongodb: MongoDB) -> Sequence[Figure]:
    virtual_host = VirtualHost.on(rabbitmq, bench.folder)
    applied = await virtual_host.apply()
    assert applied.code == 0, applied.err
    settings = Settings(data=bench.folder / "var-cluster", store=mongodb.new_database())
    crowd = await settle_in(settings, people(bench, [*PACES]))
    objects = f"file:{settings.data / 'objects'}"
    suites = {
        name: SuiteProcess(
            bench.folder / f"var-{name}", command=("serve", name), fresh=True, store=settings.store, objects=objects
        )
        for name in ("accounts", "applications", "documents")
    }
    for name, suite in suites.items():
        keysets = f"{suites['accounts'].base}/api/{{service}}/jwks.json"
        await suite.start(broker=virtual_host.url_of(name), keysets_url=keysets, link_secret="of-no-one-link-here")

    async def nothing() -> None:
        """There is no bare limit here."""

    found = await through(bench, settings, crowd, suites["applications"], list(suites.values()), [*PACES], nothing)
    for suite in suites.values():
        await suite.stop()
    figures = []
    for (pace, most), own in zip(PACES.items(), found, strict=True):
        what = f"RabbitMQ and MongoDB protocol, {pace} a second"
        figures.append(bound(f"{what}, half within", [at(t, 0.5) for t in own], None, " ms", most))
        figures.append(bound(f"{what}, 99 of 100 within", [at(t, 0.99) for t in own], None, " ms", None))
    return figures


def people(bench: Bench, paces: Sequence[int]) -> int:
    """How many candidates it takes."""
    return -(-sum(bench.many(pace * SECONDS) for pace in paces) * (bench.rounds + 1) // len(DEPOSITED))


async def through(
    bench: Bench,
    settings: Settings,
    crowd: Sequence[Person],
    asked: SuiteProcess,
    suites: Sequence[SuiteProcess],
    paces: Sequence[int],
    between: Callable[[], Awaitable[None]],
) -> list[list[list[float]]]:
    """Milliseconds of each event in each round but the first, for each pace; `between` is done when all is quiet."""
    left = iter([(person, piece) for piece in DEPOSITED for person in crowd])
    sizes = [(pace, bench.many(pace * SECONDS)) for pace in paces]
    for pace, each in sizes:
        for _ in range(bench.rounds + 1):
            await until_all_idle(suites)
            await send(asked.base, list(islice(left, each)), pace)
            await until_all_idle(suites)
            await between()
    found = iter((await latencies(settings)).values())
    rounds = [[list(islice(found, each)) for _ in range(bench.rounds + 1)][1:] for _, each in sizes]
    assert all(len(own) == each for (_, each), turns in zip(sizes, rounds, strict=True) for own in turns)
    return rounds


async def until_all_idle(suites: Sequence[SuiteProcess]) -> None:
    """Wait until all of them are."""
    await asyncio.gather(*(until_idle(suite.pid) for suite in suites))
