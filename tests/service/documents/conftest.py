"""A running documents service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.testing import Suite, run_suite


@pytest.fixture
async def suite(tmp_path: Path) -> AsyncIterator[Suite]:
    async with run_suite(tmp_path, services=("documents",), timers_by_time=False) as running:
        yield running
