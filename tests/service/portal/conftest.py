"""The portal beside the services that its pages speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from services.portal.wiring import pages
from tests.service.portal.browser import Browser
from tests.service.portal.people import without_a_catalogue

MOMENT = datetime(2027, 2, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MOMENT)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neutral answers keep a faster beat, and passwords cost little: no test here is about what they cost."""
    monkeypatch.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")
    monkeypatch.setenv("PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES", "64")


@pytest.fixture
async def suite(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Suite]:
    async with without_a_catalogue(tmp_path, clock, pages) as suite:
        yield suite


@pytest.fixture
async def browser(suite: Suite) -> AsyncIterator[Browser]:
    async with Browser(suite.url) as browser:
        yield browser
