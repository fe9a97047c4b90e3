"""Submissions by the use case, on the ports of some settings, with what relays and publishes their events at work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice

from services.applications.usecases.submission import submit
from services.applications.wiring import use_cases
from services.chassis.context import OPERATOR, Actor, CommandContext
from services.chassis.service.service import Running
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.contracts.events.catalogue import Audience
from tests.load.bench import Bench, Measured
from tests.load.population import Person, settle_in
from tests.load.work import at_once, at_work

SUBMISSIONS = 300
AT_ONCE = 32


@asynccontextmanager
async def submitting(bench: Bench, settings: Settings, turns: int) -> AsyncIterator[tuple[Measured, Measured]]:
    """Two measures of submissions a second: until all are answered, and until their events are confirmed as well.

    `turns` is how often they will be taken, both together.
    """
    number = bench.many(SUBMISSIONS)
    crowd: Iterator[Person] = iter(await settle_in(settings, number * turns))
    async with opened(settings, ("applications",)) as suite:
        service = suite["applications"]
        app = use_cases(service.ports)
        await app.signer.load()
        running = Running(service)
        publisher = running.publishers[Audience.PUBLIC]

        async def one(person: Person) -> None:
            command = CommandContext(
                service.ports.clock.now(), "load", key=f"submit-{person.application}", digest="", actor=OPERATOR
            )
            await submit(app, Actor(person.account), person.application, command)

        async def both() -> tuple[float, float]:
            persons = list(islice(crowd, number))
            last = await running.journals[Audience.PUBLIC].last() + len(persons)
            async with at_work(running.relay.run(), publisher.run()):
                begun = time.perf_counter()
                answered = await at_once(AT_ONCE, one, persons)
                while await publisher.position() < last:
                    await asyncio.sleep(0.01)
                return answered, len(persons) / (time.perf_counter() - begun)

        async def until_answered() -> float:
            return (await both())[0]

        async def until_confirmed() -> float:
            return (await both())[1]

        yield until_answered, until_confirmed
        await publisher.release()
