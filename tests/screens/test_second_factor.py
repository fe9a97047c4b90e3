"""Staff set up a device that shows codes, and come in with it or without it, each page looked at."""

from __future__ import annotations

import re

import pyotp

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.portal.applications.staff import appointed
from tests.service.portal.browser import Browser
from tests.service.portal.people import PASSWORD, log_in

HOME = "/compte/second-facteur"


def code(suite: Suite, secret: str) -> str:
    """What a device shows."""
    now = int(suite.service("accounts").service.ports.clock.now().timestamp())
    return pyotp.TOTP(secret).generate_otp(now // 30)


async def with_a_device(suite: Suite, browser: Browser, email: str) -> None:
    """Somebody of staff sets up a device."""
    await log_in(browser, email)
    page = await browser.send((await browser.open(HOME)).forms[0])
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page.html)
    assert found is not None
    await browser.send(page.forms[0], one_time_code=code(suite, found[1].replace(" ", "")))


async def test_a_device_is_set_up_and_asked_for(window: Window, suite: Suite) -> None:
    page, ada = window.page, f"ada.codes.{window.view}@universite.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, ada, Grant(Role.ADMIN))
        kim = f"kim.codes.{window.view}@universite.test"
        await appointed(suite, browser, kim, Grant(Role.READONLY))
        await with_a_device(suite, browser, kim)
    await come_in(window, ada, HOME)
    await window.look("none")
    await press(window, "main form button")
    await page.wait_for_selector("#secret")
    await page.fill("[name=one_time_code]", "00000")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("new-errors")
    secret = (await page.inner_text("#secret")).replace(" ", "")
    await page.fill("[name=one_time_code]", code(suite, secret))
    await press(window, "main form button")
    await page.wait_for_selector("#recovery-codes")
    await window.look("recovery-codes")
    recovery = await page.locator("#recovery-codes code").all_inner_texts()
    await page.goto(HOME)
    await window.look("active")
    await press(window, ".parvis-header__form button")
    await page.wait_for_url("/deconnexion")
    await page.goto("/connexion?next=/gestion/personnes")
    await page.fill("[name=login]", ada)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[name=one_time_code]")
    await window.look("code")
    await page.fill("[name=one_time_code]", "00000")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("code-errors")
    await press(window, "main a[href='/connexion/secours']")
    await page.wait_for_selector("[name=recovery_code]")
    await window.look("recovery")
    await page.fill("[name=recovery_code]", recovery[0])
    await page.keyboard.press("Enter")
    await page.wait_for_url("/gestion/personnes")
    await page.goto(f"/gestion/personnes/{kim}")
    await press(window, "a[href$='/second-facteur']:not(header a)")
    await page.wait_for_selector(".govuk-button--warning")
    await window.look("reset")
    await press(window, "main form button")
    await page.wait_for_url(re.compile("/gestion/personnes/[^/]+$"))
    await window.look("was-reset")
    await page.goto(f"/gestion/personnes/{kim}/ent")
    await window.look("ent")
