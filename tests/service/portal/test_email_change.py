"""Changing the address of one's account on pages (acceptance 17, 18, 117)."""

from __future__ import annotations

import asyncio
import re

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from tests.service.portal.browser import Browser, Page
from tests.service.portal.people import PASSWORD, an_account, log_in, mail_to

OLD, NEW = "zoe@example.org", "zoe@ailleurs.test"
CHANGE = "/compte/adresse"


def error_of(page: Page, field: str) -> str:
    found = re.search(rf'id="{field}-error"[^>]*>\s*<span[^>]*>[^<]*</span>\s*([^<]*)', page.html)
    return found[1].strip() if found else ""


async def ask(browser: Browser, email: str = NEW, **more: str) -> Page:
    page = await browser.open(CHANGE)
    return await browser.send(
        page.forms[0], **({"email": email, "email_confirmation": email, "password": PASSWORD} | more)
    )


async def link_to(suite: Suite, email: str) -> str:
    found = re.search(r"http://\S+token=\S+", await mail_to(suite, email))
    assert found is not None
    return found[0]


async def test_one_is_logged_out_follows_the_link_and_logs_in_with_the_new_address(
    suite: Suite, browser: Browser
) -> None:
    login = await an_account(suite)
    await log_in(browser)
    assert CHANGE in (await browser.open("/compte")).links
    page = await browser.open(CHANGE)
    assert OLD in page.words and "votre session prendra fin" in page.words
    asked = await ask(browser)
    assert (asked.status, asked.heading) == (200, "Consultez votre nouvelle messagerie")
    assert (await browser.open("/compte")).path == "/connexion?next=/compte"
    await log_in(browser)
    assert NEW in (await browser.open("/compte")).words, "one sees what waits"

    link = await link_to(suite, NEW)
    page = await browser.open(link)
    assert page.heading == "Valider votre nouvelle adresse"
    assert "password" not in page.forms[0].fields
    for _ in range(2):
        done = await browser.send(page.forms[0])
        assert (done.status, done.heading) == (200, "Votre nouvelle adresse est validée")
    assert (await browser.open(link)).heading == "Votre nouvelle adresse est validée"
    async with Browser(suite.url) as other:
        assert (await log_in(other, OLD)).status == 422
        assert login in (await log_in(other, NEW, path="/connexion?next=/compte")).words


async def test_what_is_wrong_is_said_in_place_and_nothing_typed_is_lost(suite: Suite, browser: Browser) -> None:
    await an_account(suite)
    await log_in(browser)
    for fields, wrong in (
        ({"email_confirmation": "other@ailleurs.test"}, "email_confirmation"),
        ({"email": OLD, "email_confirmation": OLD}, "email"),
        ({"password": "x"}, "password"),
        ({"password": ""}, "password"),
    ):
        page = await ask(browser, **fields)
        assert page.status == 422
        assert error_of(page, wrong) and f'href="#{wrong}"' in page.html
        assert page.forms[0].fields["email"] == fields.get("email", NEW)
        assert PASSWORD not in page.html
    form = (await browser.open(CHANGE)).forms[0]
    assert (await browser.send(form, site="cross-site")).status == 403


async def test_an_expired_link_says_what_to_do(suite: Suite, browser: Browser, clock: FixedClock) -> None:
    await an_account(suite)
    await log_in(browser)
    await ask(browser)
    link = await link_to(suite, NEW)
    page = await browser.open(link)
    clock.advance(hours=120)
    for late in (await browser.open(link), await browser.send(page.forms[0])):
        assert late.heading == "Ce lien ne sert plus"
        assert CHANGE in late.links


async def test_both_addresses_are_told(suite: Suite, browser: Browser) -> None:
    await an_account(suite)
    await log_in(browser)
    await ask(browser)
    await link_to(suite, NEW)
    async with asyncio.timeout(120):
        while "Un changement d’adresse" not in await mail_to(suite, OLD):
            await asyncio.sleep(0.05)
