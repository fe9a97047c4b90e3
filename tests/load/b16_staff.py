"""B16: one act of staff for 200 files, and rows of lists made anew, while candidates submit.

The act marks 200 submitted files complete: over HTTP it is foreseen, confirmed, and followed to its end. The bare limit of
the dry run is the reading of as many applications, that of the run as many updates of them, each in a transaction of its own
with `synchronous = FULL`, one after the other. The rows of lists are made anew by `parvis lists rebuild` of a running suite,
with the start of that command; the bare limit is to read the same applications out of a table and to parse them. Meanwhile
five candidates a second submit: 95 of 100 are answered within the time that stands beside that of a suite in which nothing
else goes on.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Final

import aiohttp

from services.applications.repository.applications import APPLICATIONS
from services.chassis.http.connections import raise_file_limit
from services.chassis.settings import Settings
from services.cli.offline import opened_to_read
from tests.load.b03_submit import commits
from tests.load.bench import Bench
from tests.load.examined import File, Sort, laid, staff_token
from tests.load.figures import Figure, Spread, beside, bound
from tests.load.population import logged_in_again, settle_in
from tests.load.rest import running, until_idle
from tests.load.runs import Manager, Ran
from tests.load.serving import A_SECOND, Served
from tests.processes import SuiteProcess

TITLE = "Staff at work: 200 files at once, lists made anew, and what candidates notice of it"

BULK: Final = 200
FILES: Final = 10_000
SAMPLE: Final = 100
CALM: Final = 5
"""Times the seconds of a benchmark."""
LONGEST: Final = 30
"""Seconds of each act in which candidates submit beside it."""
MOST_TIMES: Final = 5.0
PATIENCE: Final = aiohttp.ClientTimeout(600)


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B16; some minutes."""
    raise_file_limit()
    settings, turns = Settings(data=bench.folder / "var"), bench.rounds + 1
    each, number, calm_seconds = bench.many(BULK), bench.many(FILES), CALM * bench.seconds
    crowd = await settle_in(settings, round(turns * A_SECOND * (calm_seconds + 1 + 2 * LONGEST)))
    (files,) = await laid(settings, [Sort("M1-BULK", max(number, each * turns))])
    documents = await documents_of(settings, files[:SAMPLE])
    foreseen, runs, made, calms, in_runs, in_rebuilds, reads, updates, parses = ([] for _ in range(9))
    bare = _bare_file(bench.folder / "bare.sqlite", documents, number)
    async with running(settings) as suite, aiohttp.ClientSession(suite.base, timeout=PATIENCE) as client:
        served = Served(suite.port, crowd)
        for turn in range(turns):
            served.crowd = await logged_in_again(settings, crowd)
            manager = Manager(client, await staff_token(settings))
            await until_idle(suite.pid)
            calm = await served.calm(calm_seconds)
            await until_idle(suite.pid)
            some = [file.application for file in files[turn * each : (turn + 1) * each]]
            ran: list[Ran] = []
            in_run = await served.while_(_marked(manager, some, ran), LONGEST)
            await until_idle(suite.pid)
            rebuilt: list[float] = []
            in_rebuild = await served.while_(_rebuilt(suite, rebuilt), LONGEST)
            await until_idle(suite.pid)
            if turn:
                calms.append(calm)
                in_runs.append(in_run)
                in_rebuilds.append(in_rebuild)
                foreseen.append(each / ran[0].foreseen)
                runs.append(each / ran[0].done)
                made.append(rebuilt[0])
                reads.append(await asyncio.to_thread(_read, bare, each))
                updates.append(await asyncio.to_thread(commits, bench.folder / "u.sqlite", documents, bench.seconds))
                parses.append(await asyncio.to_thread(_read, bare, number))
    lost = [float(served.lost)]
    return [
        _rate("dry run", foreseen, reads, " files/s"),
        _rate("run to its end", runs, updates, " files/s"),
        _rate("rows of lists made anew", made, parses, " rows/s"),
        beside("submission beside a run, 95 of 100 within", in_runs, calms, " ms", MOST_TIMES),
        beside("submission beside rows made anew, 95 of 100 within", in_rebuilds, calms, " ms", MOST_TIMES),
        bound("submissions answered otherwise", lost, None, "", 0),
    ]


def _rate(what: str, own: Sequence[float], bare: Sequence[float], unit: str) -> Figure:
    return Figure(what, Spread.of(own), Spread.of(bare), unit, Spread.of(own), None)


async def _marked(manager: Manager, ids: Sequence[str], ran: list[Ran]) -> None:
    done = await manager.run("mark_complete", ids)
    assert done.changed == len(ids), done
    ran.append(done)


async def _rebuilt(suite: SuiteProcess, rates: list[float]) -> None:
    """Rows a second, with the start of the command."""
    begun = time.perf_counter()
    done = await suite.parvis("lists", "rebuild")
    assert done.returncode == 0, done.stderr
    rates.append(int(done.stdout.split()[2]) / (time.perf_counter() - begun))


async def documents_of(settings: Settings, files: Sequence[File]) -> list[str]:
    """Applications as they are kept."""
    async with opened_to_read(settings, ("applications",)) as suite:
        store = suite["applications"].ports.store
        found = [await store.get(APPLICATIONS.name, file.application) for file in files]
    return [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in found]


def _bare_file(file: Path, documents: Sequence[str], number: int) -> Path:
    """So many of them in a table."""
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE applications (id TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID")
    rows = ((f"{each:026}", documents[each % len(documents)]) for each in range(number))
    connection.executemany("INSERT INTO applications VALUES (?, ?)", rows)
    connection.commit()
    connection.close()
    return file


def _read(file: Path, number: int) -> float:
    """Rows a second, read one by one by their ids, and parsed."""
    connection, numbers = sqlite3.connect(file), count()
    begun = time.perf_counter()
    for each in numbers:
        if each == number:
            break
        ((text,),) = connection.execute("SELECT doc FROM applications WHERE id = ?", (f"{each:026}",))
        json.loads(text)
    rate = number / (time.perf_counter() - begun)
    connection.close()
    return rate
