"""The portal beside the services that its pages speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.portal.wiring import pages
from tests.service.portal.browser import Browser


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 2, 1, 11, 0, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neutral answers keep a faster beat, and passwords cost little: no test here is about what they cost."""
    monkeypatch.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")
    monkeypatch.setenv("PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES", "64")


@pytest.fixture
async def suite(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Suite]:
    async with run_suite(tmp_path, services=("accounts", "offers", "mailer"), clock=clock, pages=pages) as suite:
        await suite.settle()
        yield suite


@pytest.fixture
async def browser(suite: Suite) -> AsyncIterator[Browser]:
    async with Browser(suite.url) as browser:
        yield browser
