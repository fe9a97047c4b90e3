"""B14: what one new event costs the all-in-one, from its commit in applications to applied in documents.

Candidates take their documents out of the pieces of their files over HTTP, one after the other, so that each event is
written by itself: the command's document, the journal's row, the inbox's row, what documents keeps of it, and the marks of
how far each is. Counted is what the process has used beyond what it uses at rest, which is measured before each turn: CPU
of all its threads, the command itself included; durable writes, which are the calls to its stores that write, as its
metrics tell them; and its system calls that write, to files and sockets alike. The bare limit is four commits one after the
other, to four files.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import psutil

from services.chassis.settings import Settings
from tests.load.b07_latency import COMMITS, commits, remove
from tests.load.bench import Bench
from tests.load.figures import Figure, Spread, bound
from tests.load.population import DEPOSITED, settle_in
from tests.load.rest import until_idle
from tests.processes import SuiteProcess

TITLE = "One new event: CPU and durable writes from commit to applied in two services"

EVENTS = 100
MOST_CPU = 2.0
MOST_WRITES = 12
_WRITE = re.compile(
    r'^parvis_port_seconds_count\{operation="(?:insert|append|replace|refresh|delete)",port="store",.*\} (\S+)$', re.M
)


@dataclass(frozen=True)
class Used:
    """What a process has used by an instant: milliseconds of CPU, writes of its stores, system calls that write."""

    at: float
    cpu: float
    writes: float
    calls: float

    def beyond(self, earlier: Used, rest: Used, number: int) -> tuple[float, float, float]:
        """What was used since `earlier` for each of a number of things; `rest` is what a second of rest uses."""
        seconds = self.at - earlier.at
        return (
            (self.cpu - earlier.cpu - rest.cpu * seconds) / number,
            (self.writes - earlier.writes - rest.writes * seconds) / number,
            (self.calls - earlier.calls - rest.calls * seconds) / number,
        )


async def used(suite: SuiteProcess) -> Used:
    """What it has used by now."""
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{suite.ops_port}/metrics") as answer:
        answer.raise_for_status()
        writes = sum(map(float, _WRITE.findall(await answer.text())))
    process = psutil.Process(suite.pid)
    cpu = process.cpu_times()
    return Used(time.perf_counter(), (cpu.user + cpu.system) * 1e3, writes, process.io_counters().write_count)


async def at_rest(suite: SuiteProcess, seconds: float) -> Used:
    """What a second of rest uses."""
    await until_idle(suite.pid)
    before = await used(suite)
    await asyncio.sleep(seconds)
    after = await used(suite)
    took = after.at - before.at
    cpu, writes, calls = after.beyond(before, Used(0, 0, 0, 0), 1)
    return Used(1, cpu / took, writes / took, calls / took)


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B14; a minute."""
    settings, each = Settings(data=bench.folder / "var"), bench.many(EVENTS)
    crowd = await settle_in(settings, -(-each * (bench.rounds + 1) // len(DEPOSITED)))
    commands = [(person, piece) for piece in DEPOSITED for person in crowd]
    suite = SuiteProcess(settings.data, fresh=True, offers_sample="false")
    await suite.start()
    own: list[tuple[float, float, float]] = []
    bare: list[float] = []
    async with aiohttp.ClientSession(suite.base) as client:
        for turn in range(bench.rounds + 1):
            rest = await at_rest(suite, bench.seconds)
            before = await used(suite)
            for person, piece in commands[turn * each : (turn + 1) * each]:
                await remove(client, person, piece)
            await until_idle(suite.pid)
            after = await used(suite)
            begun = time.process_time()
            commits(bench.folder, each)
            if turn:
                own.append(after.beyond(before, rest, each))
                bare.append((time.process_time() - begun) / each * 1e3)
    await suite.stop()
    cpu, writes, calls = (list(column) for column in zip(*own, strict=True))
    return [
        bound("CPU", cpu, bare, " ms", MOST_CPU),
        bound("durable writes", writes, [float(COMMITS)], " writes", MOST_WRITES),
        Figure("system calls that write", Spread.of(calls), None, " calls", Spread.of(calls), None),
    ]
