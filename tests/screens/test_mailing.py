"""Support looks after mails by keyboard, and who administers writes their words, each page looked at."""

from __future__ import annotations

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.mailer.domain.returns import Return
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
    person = f"marie-antoinette.{window.view}@la-tour-d-auvergne.test"
    number = await an_account(suite, person)
    at = suite.clock.now()
    returns = (Return("a", at, False, "4.2.2"), Return("b", at, True, "5.1.1"))
    await lost(suite, f"lost-3-{window.view}", number, State.BOUNCED, returns)
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
    await page.context.clear_cookies()
    await come_in(window, person, "/candidatures")
    while await page.query_selector(".govuk-warning-text") is None:
        await page.goto("/candidatures")
    await window.look("unreached")


async def test_the_words_of_a_mail_are_written(window: Window, suite: Suite) -> None:
    page, ada = window.page, f"ada.{window.view}@universite.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, ada, Grant(Role.ADMIN))
    await come_in(window, ada, "/gestion/mails")
    await window.look("mails")
    await page.goto("/gestion/mails/decision-favourable/fr")
    await window.look("mail")
    await page.fill("#body", "Bonjour {nom}")
    await press(window, "main form button:not([name])")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("mail-errors")
    await page.fill("#body", f"Bonjour {{given_name}}, {window.view}\n\n{{link}}")
    await press(window, "button[value=preview]")
    await page.wait_for_selector("#preview")
    await window.look("mail-preview")
    await press(window, "main form button:not([name])")
    await page.wait_for_selector(".govuk-notification-banner--success")
    await press(window, "button[value=reset]")
    await page.wait_for_selector("details")
    await window.look("mail-taken-back")
