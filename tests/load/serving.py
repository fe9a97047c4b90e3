"""Candidates who submit at their own pace while something else is going on, and how long they wait for their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import quantiles
from typing import Final

from tests.load.b03_submit import submission
from tests.load.open_loop import Answer, Planned, offer
from tests.load.population import Person

SUBMIT: Final = "submit"
A_SECOND: Final = 5.0
"""Submissions: an ordinary hour of the last week."""


@dataclass
class Served:
    """Candidates who are ready, on the port of a suite, and who has been told what."""

    port: int
    crowd: Sequence[Person]
    answers: list[Answer] = field(default_factory=list)
    _next: int = 0

    async def calm(self, seconds: float) -> float:
        """Have so many seconds of submissions go by with nothing else; milliseconds within which 95 of 100 are answered."""
        return await self.while_(asyncio.sleep(seconds), seconds + 1)

    async def while_(self, other: Awaitable[object], longest: float) -> float:
        """The same until something else is done, or for so many seconds of it; raises RuntimeError where nobody is left."""
        done = asyncio.Event()
        asked = asyncio.create_task(offer(self.port, self._due(done, round(A_SECOND * longest))))
        try:
            await other
        finally:
            done.set()
            answers = await asked
        self.answers += answers
        times = [1000 * each.seconds for each in answers if each.is_good]
        if len(times) < 2:
            raise RuntimeError("too few have submitted")
        return quantiles(times, n=20, method="inclusive")[-1]

    def _due(self, done: asyncio.Event, most: int) -> Iterator[Planned]:
        """One after the other, so many at most."""
        number = 0
        while not done.is_set() and number < most and self._next < len(self.crowd):
            person = self.crowd[self._next]
            yield Planned(number / A_SECOND, SUBMIT, self._next, partial(submission, person))
            self._next += 1
            number += 1

    @property
    def lost(self) -> int:
        """How many were answered otherwise than well."""
        return sum(not answer.is_good for answer in self.answers)

    @property
    def submitted(self) -> int:
        """How many have been answered well."""
        return len(self.answers) - self.lost
