"""Members of staff in a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from services.accounts.domain.grants import Grant
from services.accounts.wiring import add_staff
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser
from tests.service.portal.people import PASSWORD, log_in, mail_to

MANAGER: Final = Grant(Role.MANAGER)


async def appointed(suite: Suite, browser: Browser, email: str, grant: Grant = MANAGER) -> None:
    """Be a member of staff who has followed the link of the mail."""
    ports = suite.service("accounts").service.ports
    await add_staff(ports, email, grant, "fr", CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR))
    await suite.settle()
    found = re.search(r"(/\S+\?token=\S+)", await mail_to(suite, email))
    assert found is not None
    await browser.send((await browser.open(found[1])).forms[0], password=PASSWORD, repeated=PASSWORD)


@asynccontextmanager
async def staff(suite: Suite, name: str, grant: Grant = MANAGER) -> AsyncIterator[Uploader]:
    """The browser of a member of staff who is logged in."""
    async with Uploader(suite.url) as browser:
        await appointed(suite, browser, f"{name}@univ.test", grant)
        page = await log_in(browser, f"{name}@univ.test")
        assert page.address == "/gestion"
        yield browser


@asynccontextmanager
async def member(suite: Suite, name: str, grant: Grant) -> AsyncIterator[Uploader]:
    """The browser of somebody whose work is not to examine files."""
    async with Uploader(suite.url) as browser:
        await appointed(suite, browser, f"{name}@univ.test", grant)
        assert (await log_in(browser, f"{name}@univ.test")).address == "/gestion/catalogue"
        yield browser
