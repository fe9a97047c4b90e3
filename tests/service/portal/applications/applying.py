"""People who apply, for tests of the pages of applications."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.http.places import Places
from services.chassis.testing import Suite, run_suite
from services.portal.wiring import pages
from tests.candidate import ADDRESS, BACCALAUREATE, IDENTITY
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Form, Page
from tests.service.portal.people import PASSWORD, an_account, log_in

MER = "UPVD-M1-SCIENCES-MER"
SOLAIRE = "UPVD-M1-ENERGIE-SOLAIRE"
ASKS = "UPVD-LP-ENERGIES-RENOUVELABLES"
"""It asks a yes-or-no question that must be answered."""
FORMS_SECRET = "Rk2v8Qz0hW4m-forms"
CLOSED = "UPVD-M2-BIODIVERSITE"
WITH_MODELS = "UPVD-BUT2-TECHNIQUES-COMMERCIALISATION"
STEPS = {"identity": IDENTITY, "address": ADDRESS, "baccalaureate": BACCALAUREATE}
SERVICES = ("accounts", "offers", "applications", "documents", "mailer")
_PEOPLE = itertools.count(1)


@asynccontextmanager
async def running(data: Path, transfers: Places | None = None, **settings: Any) -> AsyncIterator[Suite]:
    """All that candidates need, for the tests of a module: each brings people of its own."""
    site = partial(pages, transfers=transfers)
    clock = FixedClock(datetime(2027, 2, 1, 11, 0, tzinfo=UTC))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES", "64")
        environment.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")
        settings |= {"forms_secret": FORMS_SECRET}
        async with run_suite(data, services=SERVICES, clock=clock, pages=site, **settings) as suite:
            await suite.settle()
            yield suite


@asynccontextmanager
async def somebody(suite: Suite, *, profile: bool = True) -> AsyncIterator[Uploader]:
    """The browser of a person of one's own who has an account, and a profile, and is logged in."""
    async with Uploader(suite.url) as browser:
        browser.email = f"person{next(_PEOPLE)}@example.org"
        await log_in_as(suite, browser, browser.email, profile=profile)
        yield browser


async def give_profile(suite: Suite, email: str, *steps: str) -> None:
    """The three steps without which nobody applies, or some of them, by the API."""
    login = {"login": email, "password": PASSWORD}
    async with suite.client.post("/api/accounts/sessions", json=login) as response:
        token = (await response.json())["access_token"]
    for step, content in ((each, STEPS[each]) for each in steps or STEPS):
        path, headers = f"/api/accounts/me/profile/{step}", {"Authorization": f"Bearer {token}"}
        async with suite.client.put(path, json=content, headers=headers) as response:
            assert response.status == 200, await response.text()
    await suite.settle()


async def log_in_as(suite: Suite, browser: Uploader, email: str, *, profile: bool) -> None:
    """Be somebody with an account, and with a profile, who is logged in."""
    await an_account(suite, email)
    if profile:
        await give_profile(suite, email)
    await log_in(browser, email)


def open_form(browser: Uploader, programme: str = MER) -> Form:
    """The button of the catalogue."""
    key = secrets.token_hex(8)
    return Form("/candidatures", {"form_token": browser.cookie("form") or "", "programme": programme, "key": key})


async def apply(browser: Uploader, programme: str = MER) -> Page:
    """Open an application; the page of it."""
    page = await browser.send(open_form(browser, programme))
    assert page.status == 200, page.words
    return page


def form_of(page: Page, ending: str) -> Form:
    """The one form of the page whose address ends so."""
    (form,) = [form for form in page.forms if form.action.endswith(ending)]
    return form


async def give(browser: Uploader, page: Page, code: str, content: bytes, name: str = "cv.pdf", **more: Any) -> Page:
    """Choose a file for a piece, and press its button."""
    return await browser.send_file(form_of(page, f"/pieces/{code}"), name, content, **more)
