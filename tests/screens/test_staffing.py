"""An administrator gives and takes rights by keyboard, each page looked at."""

from __future__ import annotations

from datetime import timedelta

from services.accounts.domain.grants import Grant
from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.portal.prolonged import ASK_SECONDS
from tests.screens.test_applying import come_in, press
from tests.screens.window import VIEWS, Window
from tests.service.applications.candidate import PeerServices
from tests.service.portal.applications.staff import appointed
from tests.service.portal.browser import Browser

HOME = "/gestion/personnes"


async def test_rights_are_given_and_taken_by_keyboard(window: Window, suite: Suite) -> None:
    page, ada = window.page, f"ada.{window.view}@universite.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, ada, Grant(Role.ADMIN))
    await come_in(window, ada, HOME)
    await window.look("list")
    await press(window, f"a[href='{HOME}/nouvelle']")
    await page.wait_for_selector("[name=role]")
    await window.look("new")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("new-errors")
    await page.fill("[name=email]", f"marie-antoinette.{window.view}@la-tour-d-auvergne.test")
    await page.focus("[name=role]")
    await page.keyboard.press("Space")
    await page.check("[name=role][value=manager]")
    await page.fill("[name=centres]", "UPVD-SEE UPVD-LSH")
    await press(window, "main form button")
    await page.wait_for_selector("a[href$='/roles/1']")
    await window.look("person")
    await press(window, "a[href$='/roles']")
    await page.wait_for_selector("[name=role]")
    await window.look("more")
    await page.go_back()
    await press(window, "a[href$='/retrait']")
    await page.wait_for_selector(".govuk-button--warning")
    await window.look("taking")
    await press(window, "main form button")
    await page.wait_for_url(HOME)
    await page.goto("/gestion/connecteurs")
    await page.wait_for_selector("tbody tr")
    await window.look("connectors")
    await press(window, "form[action$='/mailer/mail'] button")
    await page.wait_for_selector(".govuk-notification-banner")
    await window.look("connector-tested")
    await page.goto("/gestion/incidents")
    ends = suite.clock.now() - timedelta(days=1, minutes=VIEWS.index(window.view))
    assert isinstance(suite.clock, FixedClock)
    touched = f"{ends.date()}"
    await PeerServices(suite, suite.clock).publish_programme("M1-MER", submission_deadline=touched, closes_on=touched)
    for field, at in (("begins", ends - timedelta(hours=3)), ("ends", ends)):
        await page.fill(f"[name={field}]", f"{at:%Y-%m-%dT%H:%M}")
    await page.fill("[name=reason]", f"Panne de courant {'très' * 40}\n<b>22:10</b>")
    await window.look("incidents")
    await press(window, "main form button")
    await page.wait_for_selector("[name=hours]")
    await page.fill("[name=reason]", "Panne de courant")
    await window.look("incident")
    await press(window, "main form button")
    await page.wait_for_selector("[name=digest]", state="attached")
    await window.look("incident-preview")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner--success")
    await window.look("incident-extended")
    await page.goto("/")
    while await page.query_selector("#prolonged") is None:
        suite.clock.advance(seconds=ASK_SECONDS)
        await page.goto("/")
    await window.look("prolonged-home")
    await page.goto(f"{HOME}/invitation")
    await window.look("invitation")
