"""B8-MongoDB: the lists of B8 on the MongoDB protocol, among 200,000 applications against ten thousand, and beside sqlite.

The server is the tests' own: mongod where there is one, else FerretDB over PostgreSQL, which does not sync, and takes too
long to lay out a million. Suites, server and load share the machine. The first line of each question says how many times
longer it takes among many than among ten thousand; the second, how many times longer than in a suite with as many on sqlite.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

from services.chassis.settings import Settings
from tests.load.b08_lists import FEW, MOST, QUESTIONS, compared, listed
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.servers.mongodb import MongoDB

TITLE = "Lists of staff on the MongoDB protocol, against ten thousand applications and against sqlite"

MANY: Final = 200_000


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B8 on the MongoDB protocol; most of the time to lay out the rows."""
    async with AsyncExitStack() as stack:
        mongodb = await stack.enter_async_context(MongoDB())
        few, many = [
            await stack.enter_async_context(
                listed(Settings(data=bench.folder / f"m{number}", store=mongodb.new_database()), bench.many(number))
            )
            for number in (FEW, MANY)
        ]
        sqlite = await stack.enter_async_context(listed(Settings(data=bench.folder / "sqlite"), bench.many(MANY)))
        figures = []
        for what in QUESTIONS:
            figures.append(await compared(bench, what, many, few, Goal(MOST, " times")))
            figures.append(await compared(bench, what, many, sqlite, None, called=f"{what}, beside sqlite"))
        return figures
