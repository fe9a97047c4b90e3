"""Support finds people and helps them by keyboard, each page looked at; and the person reads what was done."""

from __future__ import annotations

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.portal.applications.staff import appointed
from tests.service.portal.browser import Browser
from tests.service.portal.people import an_account

HERE = "/gestion/comptes"


async def test_a_person_is_found_and_helped(window: Window, suite: Suite) -> None:
    page, sam = window.page, f"sam.support.{window.view}@universite.test"
    zoe = f"marie-antoinette.{window.view}@de-la-tour-d-auvergne.test"
    name = f"De La Tour d'Auvergne {window.view.width}{window.view.language}{window.view.scripts}"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, sam, Grant(Role.SUPPORT))
    await an_account(suite, zoe, name)
    await come_in(window, sam, HERE)
    await window.look("search")
    await page.fill("#q", "x")
    await press(window, "main form.parvis-filter button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("search-errors")
    await page.fill("#q", name)
    await press(window, "main form.parvis-filter button")
    await page.wait_for_selector("table")
    await window.look("found")
    await press(window, "main table a")
    await page.wait_for_selector("dl")
    await window.look("person")
    await press(window, "main a[href$='/mot-de-passe']")
    await page.wait_for_selector("main form[action$='/mot-de-passe']")
    await window.look("reset")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner--success")
    await press(window, "main a[href$='/adresse']")
    await page.wait_for_selector("#reason")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("address-errors")
    await page.fill("#email", f"new.{window.view}@ailleurs.test")
    await page.fill("#email_confirmation", f"new.{window.view}@ailleurs.test")
    await page.fill("#reason", "Carte d'identité vue au guichet,\npuis rappel au numéro du dossier.")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner--success")
    await window.look("helped")
    await page.context.clear_cookies()
    await come_in(window, zoe, "/compte")
    await window.look("account")
