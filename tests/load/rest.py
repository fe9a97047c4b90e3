"""Waiting until a suite has nothing left to do, so that what is measured next has the machine to itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil

from services.chassis.settings import Settings
from tests.processes import SuiteProcess

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


@asynccontextmanager
async def running(settings: Settings, **more: Any) -> AsyncIterator[SuiteProcess]:
    """A suite without the sample catalogue on what is laid into these stores; it ends whatever happens."""
    suite = SuiteProcess(settings.data, fresh=True, offers_sample="false", **more)
    try:
        await suite.start()
        yield suite
    finally:
        await suite.stop()
