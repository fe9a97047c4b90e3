"""Support looks after mails by keyboard, each page looked at."""

from __future__ import annotations

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.mailer.domain.states import State
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.portal.applications.staff import appointed
from tests.service.portal.applications.test_deliveries import lost
from tests.service.portal.browser import Browser
from tests.service.portal.people import an_account

HERE = "/gestion/messages"


async def test_what_did_not_arrive_is_sent_again(window: Window, suite: Suite) -> None:
    page, sam = window.page, f"sam.{window.view}@universite.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, sam, Grant(Role.SUPPORT))
    number = await an_account(suite, f"marie-antoinette.{window.view}@la-tour-d-auvergne.test")
    await lost(suite, f"lost-1-{window.view}", number)
    await lost(suite, f"lost-2-{window.view}", number, State.FAILED)
    await come_in(window, sam, HERE)
    await window.look("list")
    await page.fill("[name=numero]", "x")
    await press(window, "main form.parvis-filter button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("list-errors")
    await page.fill("[name=numero]", number)
    await press(window, "main form.parvis-filter button")
    await page.wait_for_url("**numero=*")
    await press(window, f"form[action*='lost-1-{window.view}'] button")
    await page.wait_for_selector(".govuk-notification-banner")
    await window.look("sent-again")
    await page.goto(f"{HERE}?numero={number}&etat=tous")
    await window.look("of-a-person")
