"""People with an account, for tests of pages that need one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.accounts.domain.grants import Grant
from services.accounts.wiring import add_staff
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.host.host import Pages
from services.chassis.settings import Settings
from services.chassis.testing import Suite, run_suite
from services.cli.offline import opened
from services.contracts.actors import Role
from services.offers.usecases.campaigns import current_campaign
from services.offers.wiring import use_cases
from tests.service.portal.browser import Browser, Page

PASSWORD = "un chat sur un mur de pierre"


@asynccontextmanager
async def without_a_catalogue(data: Path, clock: FixedClock, pages: Pages, **settings: Any) -> AsyncIterator[Suite]:
    """A campaign and nothing to apply for: two thirds of a start would be to tell of the programmes of the sample."""
    async with opened(Settings(data=data), ["offers"]) as closed:
        command = CommandContext(clock.now(), "test", OPERATOR)
        await current_campaign(use_cases(closed["offers"].ports), command)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PARVIS_OFFERS_SAMPLE", "false")
        services = ("accounts", "offers", "mailer")
        async with run_suite(data, services=services, clock=clock, pages=pages, **settings) as suite:
            await suite.settle()
            yield suite


async def an_account(suite: Suite, email: str = "zoe@example.org", family_name: str = "L'Hôte") -> str:
    """Somebody who has validated an account, by the API; answers the file number."""
    before = len(mails_to(suite, email))
    person = {"family_name": family_name, "given_name": "Zoé", "email": email, "email_confirmation": email}
    async with suite.client.post("/api/accounts/accounts", json=person) as response:
        assert response.status == 202
    return await validated(suite, email, before)


async def an_administrator(suite: Suite, email: str = "kim@univ.test") -> str:
    """Somebody of the university who has set a password; answers the login."""
    ports = suite.service("accounts").service.ports
    command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    await add_staff(ports, email, Grant(Role.ADMIN), "fr", command)
    return await validated(suite, email)


async def validated(suite: Suite, email: str, before: int = 0) -> str:
    """The link that was mailed to an address, which had so many mails, is followed; answers the login."""
    await suite.settle()
    found = re.search(r"token=(\S+)", await mail_to(suite, email, before))
    assert found is not None
    validation = {"token": found[1], "password": PASSWORD}
    async with suite.client.post("/api/accounts/validations", json=validation) as response:
        assert response.status == 200
        login: str = (await response.json())["login"]
    await suite.settle()
    return login


async def mail_to(suite: Suite, email: str, before: int = 0) -> str:
    """The text of the newest mail to an address that had so many: it is handed over by itself, once all has come to rest."""
    async with asyncio.timeout(120):
        while len(found := mails_to(suite, email)) <= before:
            await asyncio.sleep(0.05)
    return found[-1]


def mails_to(suite: Suite, email: str) -> list[str]:
    """The texts of the mails to an address, the newest last."""
    bodies = [mail.get_body(("plain",)) for mail in suite.mails() if mail["To"] and email in str(mail["To"])]
    return [str(body.get_content()) for body in bodies if body is not None]


async def log_in(
    browser: Browser, login: str = "zoe@example.org", password: str = PASSWORD, path: str = "/connexion"
) -> Page:
    """Log in on the page for it; answers the page that follows."""
    page = await browser.open(path)
    return await browser.send(page.forms[0], login=login, password=password)
