"""A suite as people have it, whole, in one process; the size is chosen by the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.candidate import Candidate, Mailbox
from tests.processes import SuiteProcess


@pytest.fixture
async def suite(tmp_path: Path) -> AsyncIterator[SuiteProcess]:
    running = SuiteProcess(tmp_path / "var")
    await running.start()
    yield running
    assert await running.stop() == 0


@pytest.fixture
async def candidate(suite: SuiteProcess) -> AsyncIterator[Candidate]:
    async with aiohttp.ClientSession() as client:
        yield Candidate(client, suite.base, Mailbox(suite.data / "mail"))
