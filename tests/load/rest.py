"""Waiting until a suite has nothing left to do, so that what is measured next has the machine to itself."""

from __future__ import annotations

import asyncio

import psutil

QUIET_PERCENT = 15
LOOK_SECONDS = 0.3
TIMEOUT = 60


async def until_idle(pid: int) -> None:
    """Wait until the process uses little of a processor."""
    process = psutil.Process(pid)
    async with asyncio.timeout(TIMEOUT):
        process.cpu_percent()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if process.cpu_percent() < QUIET_PERCENT:
                return
