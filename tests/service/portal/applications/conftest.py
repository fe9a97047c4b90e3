"""One suite for each module, with a new person for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.chassis.testing import Suite
from tests.service.portal.applications.applying import running, somebody
from tests.service.portal.applications.uploading import Uploader


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Suite]:
    async with running(tmp_path_factory.mktemp("suite")) as suite:
        yield suite


@pytest_asyncio.fixture(loop_scope="module")
async def zoe(suite: Suite) -> AsyncIterator[Uploader]:
    """Somebody who is logged in and may apply."""
    async with somebody(suite) as browser:
        yield browser
