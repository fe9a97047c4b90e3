"""B10: the all-in-one, from its start to `/readyz`, and its memory then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from tests.load.bench import Bench, serving
from tests.load.figures import Figure, bound
from tests.load.memory import megabytes
from tests.processes import SuiteProcess

TITLE = "All-in-one: ready after start, memory when ready"


async def suite(bench: Bench, turn: int) -> tuple[float, float, float]:
    """Seconds to be ready on a new data folder, seconds on the same one again, memory in MB the second time."""
    process = SuiteProcess(bench.folder / f"var-{turn}", fresh=True)
    seconds = []
    held = 0.0
    for _ in range(2):
        started = time.perf_counter()
        await process.start()
        seconds.append(time.perf_counter() - started)
        held = await asyncio.to_thread(megabytes, process.pid)
        await process.stop()
    return seconds[0], seconds[1], held


async def bare() -> tuple[float, float]:
    """Seconds until a process with a bare aiohttp handler listens, and its memory in MB."""
    started = time.perf_counter()
    async with serving("tests.load.bare_server", feed=b"\n") as child:
        _, writer = await asyncio.open_connection("127.0.0.1", child.port)
        seconds = time.perf_counter() - started
        writer.close()
        held = await asyncio.to_thread(megabytes, child.pid)
    return seconds, held


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B10; about a minute."""
    own, limit = [], []
    for turn in range(bench.rounds):
        own.append(await suite(bench, turn))
        limit.append(await bare())
    first, again, held = zip(*own, strict=True)
    bare_seconds, bare_held = zip(*limit, strict=True)
    return [
        bound("ready, on a new data folder with the sample catalogue to load", first, bare_seconds, " s", 3),
        bound("ready, started again", again, bare_seconds, " s", 3),
        bound("memory when ready, children included", held, bare_held, " MB", 180),
    ]
