"""The demo service, running."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.chassis.demo import DemoService, run_demo


@pytest.fixture
async def demo_service(tmp_path: Path) -> AsyncIterator[DemoService]:
    async with run_demo(tmp_path) as running:
        yield running
