"""What a benchmark is given: a folder, how often and how long to measure, and a way to measure in turns."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

Measured = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Bench:
    """One run.

    `rounds` is how often each side is measured, `seconds` how long where that is a matter of time, `size` by what numbers
    of things are multiplied, `minutes` how long endurance lasts; without `servers`, what needs RabbitMQ, a server of the
    MongoDB protocol or S3 is left out.
    """

    folder: Path
    rounds: int = 5
    seconds: float = 2.0
    size: float = 1.0
    minutes: float = 1.0
    servers: bool = True

    def many(self, number: int) -> int:
        """That number in this run's size, never less than 8."""
        return max(8, round(number * self.size))

    async def in_turns(self, own: Measured, bare: Measured) -> tuple[list[float], list[float]]:
        """Measure both `rounds` times, now the one first, now the other; a first turn warms up and is not counted."""
        owns, bares = [], []
        for turn in range(self.rounds + 1):
            if turn % 2:
                theirs = await bare()
                mine = await own()
            else:
                mine = await own()
                theirs = await bare()
            if turn:
                owns.append(mine)
                bares.append(theirs)
        return owns, bares


@dataclass(frozen=True)
class Child:
    """A process that serves on a port."""

    pid: int
    port: int


@asynccontextmanager
async def serving(*arguments: str, feed: bytes = b"") -> AsyncIterator[Child]:
    """A `python -m` process of our own that reads `feed`, prints its port, and ends with its standard input."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(feed)
    await process.stdin.drain()
    try:
        port = await process.stdout.readline()
        if not port:
            raise RuntimeError(f"{arguments[0]} did not start")
        yield Child(process.pid, int(port))
    finally:
        process.stdin.close()
        await process.wait()
