"""Somebody who is logged in, beside a portal with one page more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from tests.service.portal.browser import Browser
from tests.service.portal.people import an_account, log_in, without_a_catalogue
from tests.service.portal.sessions.own_page import Taken, with_a_form


@pytest.fixture
def taken() -> Taken:
    return []


@pytest.fixture
async def suite(tmp_path: Path, clock: FixedClock, taken: Taken) -> AsyncIterator[Suite]:
    async with without_a_catalogue(tmp_path, clock, partial(with_a_form, taken)) as suite:
        yield suite


@pytest.fixture
async def number(suite: Suite, browser: Browser) -> str:
    """Somebody is logged in; the file number."""
    login = await an_account(suite)
    await log_in(browser)
    return login
