"""Support finds people and helps them by keyboard, each page looked at; and the person reads what was done."""

from __future__ import annotations

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.accounts.client import IDENTITY
from tests.service.portal.applications.staff import appointed
from tests.service.portal.browser import Browser
from tests.service.portal.people import PASSWORD, an_account

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


async def test_two_accounts_with_one_student_number_are_told_apart(window: Window, suite: Suite) -> None:
    """Acceptance 30: a list, both side by side, and what was found out; the account that is closed says so at its door."""
    page, sam = window.page, f"sam.doubts.{window.view}@universite.test"
    emails = [f"{name}.doubts.{window.view}@etu.test" for name in ("zoe", "kim")]
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, sam, Grant(Role.SUPPORT))
    for email in emails:
        await an_account(suite, email, "De La Tour d'Auvergne")
        await says_who_they_are(suite, email)
    await come_in(window, sam, HERE)
    await press(window, "main a[href='/gestion/doublons']")
    await page.wait_for_selector("table")
    await window.look("doubts")
    await press(window, "main table a")
    await page.wait_for_selector("#reason")
    await window.look("doubt")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("doubt-errors")
    await page.check("input[name=verdict]:not([value=two]) >> nth=0")
    await page.fill("#reason", "Les deux pièces d'identité sont de la même personne.")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner--success")
    await window.look("doubt-decided")
    await press(window, "main a[href*='/gestion/comptes/'] >> nth=1")
    await page.wait_for_selector(".govuk-inset-text")
    await window.look("person-closed")
    closed = await page.inner_text("main dd.parvis-address")
    await page.context.clear_cookies()
    await page.goto("/compte")
    await page.fill("[name=login]", closed)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("closed-login")


async def says_who_they_are(suite: Suite, email: str) -> None:
    """The first step of a profile, by the API."""
    login = {"login": email, "password": PASSWORD}
    async with suite.client.post("/api/accounts/sessions", json=login) as response:
        token = (await response.json())["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    async with suite.client.put("/api/accounts/me/profile/identity", json=IDENTITY, headers=bearer) as response:
        assert response.status == 200, await response.text()
    await suite.settle()
