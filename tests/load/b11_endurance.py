"""B11: the all-in-one at half of its capacity, for a minute (`--full`: ten): memory, file descriptors and tasks stay flat.

Of ten requests six read an application, three ask the catalogue for a programme, and one declares a conditional piece not
applicable or takes that back, which is a durable update with an event. Capacity, in the column of the bare limit, is what
the suite answers in a few seconds when it is asked as fast as it can answer; then it is asked half as often. The other
rows compare the last third of the time with the first, which stands in the column of the bare limit: the growth of the
median counts. Memory is that of the process and its children; tasks are asyncio's, as the suite's own metrics tell them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from statistics import median

import aiohttp
import psutil

from services.chassis.settings import Settings
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal, Spread
from tests.load.memory import megabytes
from tests.load.population import Person, logged_in_again, settle_in
from tests.load.rest import until_idle
from tests.load.wire import CONNECTIONS, rate, request
from tests.processes import SuiteProcess

TITLE = "Half of the capacity for a while: memory, file descriptors, tasks"

CANDIDATES = 200
CONDITIONAL = "justificatifs-stages"
TOKEN_SECONDS = 300
SAMPLES = 60
WARM_SECONDS = 5.0
"""Of load before anything counts: caches fill, pools open their connections."""


@dataclass(frozen=True)
class Sample:
    """What a suite holds at one moment."""

    memory: float
    descriptors: int
    tasks: float


def mix(crowd: Sequence[Person], programmes: Sequence[str]) -> list[bytes]:
    """One round of requests: in the end every application is as it was."""
    rounds = []
    for method in ("DELETE", "PUT"):
        for number, person in enumerate(crowd):
            path = f"/api/applications/applications/{person.application}"
            reads = [request("GET", path, person.headers)] * 6
            asked = [request("GET", programmes[(number + each) % len(programmes)]) for each in range(3)]
            piece = request(method, f"{path}/pieces/{CONDITIONAL}/not-applicable", person.headers)
            rounds.append([*reads, *asked, piece])
    return list(chain.from_iterable(rounds))


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B11; as long as `bench.minutes`, and a little."""
    settings = Settings(data=bench.folder / "var")
    crowd = await settle_in(settings, bench.many(CANDIDATES))
    suite = SuiteProcess(settings.data, fresh=True)
    await suite.start()
    programmes = await catalogue(suite.base)
    await until_idle(suite.pid)
    requests = mix(crowd, programmes)
    capacity = await rate(suite.port, requests, seconds=bench.seconds * 2)
    half = capacity / 2
    await under_load(suite, requests, min(WARM_SECONDS, bench.minutes * 60), half)
    samples: list[Sample] = []
    left = bench.minutes * 60
    watching = asyncio.create_task(watch(suite, samples, left / SAMPLES))
    answered = []
    while left > 0:
        turn = min(left, TOKEN_SECONDS)
        crowd = await logged_in_again(settings, crowd)
        answered.append(await under_load(suite, mix(crowd, programmes), turn, half))
        left -= turn
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    await suite.stop()
    third = max(1, len(samples) // 3)
    first, last = samples[:third], samples[-third:]
    return [
        Figure("asked for", Spread.of(answered), Spread.of([capacity]), " requests/s", Spread.of(answered), None),
        flat("memory", [s.memory for s in first], [s.memory for s in last], " MB", 10),
        flat("file descriptors", [s.descriptors for s in first], [s.descriptors for s in last], "", 5),
        flat("tasks", [s.tasks for s in first], [s.tasks for s in last], "", 20),
    ]


def flat(what: str, first: Sequence[float], last: Sequence[float], unit: str, most: float) -> Figure:
    """Last third beside first third: the growth of the median by `most` per cent at most."""
    grown = 100 * (median(last) - median(first)) / median(first)
    return Figure(what, Spread.of(last), Spread.of(first), unit, Spread.of([grown]), Goal(most, " %"))


async def under_load(suite: SuiteProcess, requests: Sequence[bytes], seconds: float, most: float) -> float:
    """Ask so often; how many requests a second were answered."""
    return await rate(suite.port, requests, seconds=seconds, connections=CONNECTIONS, at_most=most)


async def catalogue(base: str) -> list[str]:
    """The paths of the sample programmes."""
    async with aiohttp.ClientSession(base) as client, client.get("/api/offers/programmes") as answer:
        answer.raise_for_status()
        return [f"/api/offers/programmes/{item['code']}" for item in (await answer.json())["items"]]


async def watch(suite: SuiteProcess, samples: list[Sample], pause: float) -> None:
    """Look at the suite again and again."""
    process = psutil.Process(suite.pid)
    async with aiohttp.ClientSession() as client:
        while True:
            async with client.get(f"http://127.0.0.1:{suite.ops_port}/metrics") as answer:
                told = await answer.text()
            tasks = next(line for line in told.splitlines() if line.startswith("parvis_tasks "))
            memory = await asyncio.to_thread(megabytes, suite.pid)
            samples.append(Sample(memory, process.num_fds(), float(tasks.split()[1])))
            await asyncio.sleep(pause)
