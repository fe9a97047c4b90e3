"""Several runs of rows, each in order, as one."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal, NamedTuple

from services.applications.domain.listing import Row
from services.applications.repository.listing import Found, Place

AT_ONCE: Final = 32
"""Runs that are begun together."""

Fetch = Callable[[int, Place | None], Awaitable[Sequence[Found]]]
"""A page of one run: so many rows, behind a place where one is given."""


class Merged(NamedTuple):
    """The rows that are wanted, and the last that was looked at where these were so many that it ended."""

    rows: list[Found]
    left: Place | None


class _Run:
    """What is read ahead of one run; runs compare as their next rows do."""

    def __init__(self, fetch: Fetch, page: int, direction: Literal[1, -1]) -> None:
        self._fetch, self._page, self._direction = fetch, page, direction
        self._rows: list[Found] = []
        self._ended = False

    async def advance(self, after: Place | None) -> bool:
        """Have a next row at hand; answer whether there is one."""
        if not self._rows and not self._ended:
            rows = await self._fetch(self._page, after)
            self._ended = len(rows) < self._page
            self._rows = [*reversed(rows)]
        return bool(self._rows)

    def take(self) -> Found:
        """The next row."""
        return self._rows.pop()

    def __lt__(self, other: _Run) -> bool:
        mine, theirs = self._rows[-1][2], other._rows[-1][2]
        return mine < theirs if self._direction == 1 else mine > theirs


async def merged(
    fetches: Sequence[Fetch],
    direction: Literal[1, -1],
    limit: int,
    after: Place | None,
    wanted: Callable[[Row], bool],
    *,
    most: int,
) -> Merged:
    """The first `limit` rows that are wanted, each once, of all runs together, in order; `most` are looked at."""
    page = max(2, min(limit + 1, 2 * limit // max(1, len(fetches))))
    runs = [_Run(fetch, page, direction) for fetch in fetches]
    begun: list[bool] = []
    for start in range(0, len(runs), AT_ONCE):
        begun += await asyncio.gather(*(run.advance(after) for run in runs[start : start + AT_ONCE]))
    heap = [run for run, there in zip(runs, begun, strict=True) if there]
    heapq.heapify(heap)
    found: list[Found] = []
    last: Place | None = None
    looked = 0
    while heap and len(found) < limit:
        if looked == most:
            return Merged(found, last)
        looked += 1
        run = heapq.heappop(heap)
        row = run.take()
        if row[2] != last and wanted(row[1]):
            found.append(row)
        last = row[2]
        if await run.advance(last):
            heapq.heappush(heap, run)
    return Merged(found, None)
