"""B2: one application read by its candidate, in the all-in-one, against a bare aiohttp handler of the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence

import aiohttp

from services.chassis.settings import Settings
from tests.load.bench import Bench, serving
from tests.load.figures import Figure, share
from tests.load.population import Person, settle_in
from tests.load.rest import until_idle
from tests.load.wire import rate, request
from tests.processes import SuiteProcess

TITLE = "Authenticated read of one application, against the same bare handler"

CANDIDATES = 200


def path_of(person: Person) -> str:
    """Where a person's application is read."""
    return f"/api/applications/applications/{person.application}"


async def bodies(base: str, crowd: Sequence[Person]) -> bytes:
    """What the suite answers, as lines for the bare server."""
    lines = []
    async with aiohttp.ClientSession(base, headers={"Accept-Language": "fr"}) as client:
        for person in crowd:
            async with client.get(path_of(person), headers=person.headers) as answer:
                answer.raise_for_status()
                lines.append(json.dumps([path_of(person), await answer.text()]))
    return "\n".join([*lines, "\n"]).encode()


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figure of B2; half a minute."""
    folder = bench.folder / "var"
    crowd = await settle_in(Settings(data=folder), bench.many(CANDIDATES))
    suite = SuiteProcess(folder, fresh=True, offers_sample="false")
    await suite.start()
    requests = [request("GET", path_of(person), person.headers) for person in crowd]
    async with serving("tests.load.bare_server", feed=await bodies(suite.base, crowd)) as bare:
        await until_idle(suite.pid)
        own, limit = await bench.in_turns(
            lambda: rate(suite.port, requests, seconds=bench.seconds),
            lambda: rate(bare.port, requests, seconds=bench.seconds),
        )
    await suite.stop()
    return [share("read", own, limit, " requests/s", 20)]
