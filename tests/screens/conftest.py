"""A browser beside the whole suite: every test gets a person's window, in one of eight ways of looking at a page.

`make test` shows each page in one of them, told by the test's name; `make screens` in all, and writes pictures.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from services import SERVICES
from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.portal.wiring import pages
from tests.screens.window import VIEWS, WAIT_MILLISECONDS, Copy, View, Window
from tests.service.portal.applications.applying import FORMS_SECRET

PICTURES = os.environ.get("PARVIS_TEST_PICTURES")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One loop and one browser serve all, on one worker; one suite all tests of a module, and is gone after it."""
    here = f"{Path(__file__).parent}{os.sep}"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.xdist_group("screens"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "view" in metafunc.fixturenames:
        name = f"{metafunc.module.__name__}.{metafunc.function.__name__}"
        one = VIEWS[zlib.crc32(name.encode()) % len(VIEWS)]
        metafunc.parametrize("view", VIEWS if PICTURES else [one], ids=str)


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 2, 1, 11, 0, tzinfo=UTC))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def suite(tmp_path_factory: pytest.TempPathFactory, clock: FixedClock) -> AsyncIterator[Suite]:
    """All services and the portal; what one test leaves is there for the next, so each brings a person of its own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES", "64")
        environment.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")
        async with run_suite(
            tmp_path_factory.mktemp("screens"),
            services=tuple(SERVICES),
            clock=clock,
            pages=pages,
            forms_secret=FORMS_SECRET,
        ) as suite:
            await suite.settle()
            yield suite


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Half a minute to start is what it is given otherwise; and /dev/shm is small in many containers. Nothing leaves.
        here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", here]
        program = await playwright.chromium.launch(
            executable_path=chromium, args=arguments, timeout=2.5 * WAIT_MILLISECONDS
        )
        yield program
        await program.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def copy(browser: Browser) -> AsyncIterator[Copy]:
    async with Copy.opened(browser) as copy:
        yield copy


@pytest_asyncio.fixture(loop_scope="session")
async def window(
    browser: Browser, suite: Suite, view: View, copy: Copy, request: pytest.FixtureRequest
) -> AsyncIterator[Window]:
    """Somebody's own window, without cookies; nothing may have been asked for elsewhere, or been forbidden, afterwards."""
    folder = Path(PICTURES) / request.node.originalname if PICTURES else None
    async with Window.opened(browser, suite.url, view, folder, copy) as window:
        yield window
        assert window.complaints == []
