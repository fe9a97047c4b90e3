"""The pages that one meets before one has an account."""

from __future__ import annotations

from services.chassis.testing import Suite
from tests.screens.window import Window
from tests.service.portal.people import PASSWORD, an_account


async def test_the_home_page(window: Window) -> None:
    await window.page.goto("/")
    await window.look("home")


async def test_a_page_that_is_not_there(window: Window) -> None:
    await window.page.goto("/nowhere")
    await window.look("missing")


async def test_logging_in_and_what_is_said_of_a_wrong_password(window: Window) -> None:
    await window.page.goto("/connexion")
    await window.look("login")
    await window.page.locator("#login").fill("nobody@example.org")
    await window.page.locator("#password").fill("a wrong one")
    await window.page.locator("main form button").click()
    await window.page.locator(".govuk-error-summary").wait_for()
    await window.look("login-refused")


async def test_registering_with_nothing_filled_in(window: Window) -> None:
    await window.page.goto("/inscription")
    await window.look("registration")
    await window.page.locator("main form button").click()
    await window.page.locator(".govuk-error-summary").wait_for()
    await window.look("registration-errors")


async def test_what_everybody_may_read(window: Window) -> None:
    for path in ("assistance", "donnees-personnelles", "accessibilite", "developpeurs", "inscription/suite"):
        await window.page.goto(f"/{path}")
        await window.look(path.replace("/", "-"))


async def test_ones_account_and_another_password(window: Window, suite: Suite) -> None:
    person = f"{window.view}.account@example.org"
    await an_account(suite, person)
    await window.page.goto("/compte")
    await window.page.fill("#login", person)
    await window.page.fill("#password", PASSWORD)
    await window.page.keyboard.press("Enter")
    await window.page.locator(".parvis-login").wait_for()
    await window.look("account")
    await window.page.goto("/compte/mot-de-passe")
    await window.page.fill("#current_password", "not the one")
    await window.page.locator("main form button").click()
    await window.page.locator(".govuk-error-summary").wait_for()
    await window.look("password-errors")
    await window.page.goto("/compte/adresse")
    await window.page.fill("#email", person)
    await window.page.locator("main form button").click()
    await window.page.locator(".govuk-error-summary").wait_for()
    await window.look("email-change-errors")
    await window.page.goto("/compte/donnees")
    await window.look("personal-data")
    await window.page.goto("/compte/donnees/suppression")
    await window.page.locator("main form button").click()
    await window.page.locator(".govuk-error-summary").wait_for()
    await window.look("deletion-errors")


async def test_coming_in_by_the_ent_and_what_is_said_of_a_way_that_is_none(window: Window) -> None:
    """Acceptance 11, where it is seen."""
    page = window.page
    await page.goto("/connexion")
    await page.locator("a[href^='/connexion/ent']").focus()
    await page.keyboard.press("Enter")
    await page.locator("[name=person]").first.wait_for()
    await window.look("ent-people")
    await page.locator("[value=ddiallo]").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("/inscription/ent")
    await window.look("ent-registration")
    await page.locator("main form button").first.click()
    await page.locator(".govuk-error-summary").wait_for()
    await window.look("ent-registration-errors")
    await page.goto("/connexion/ent/retour?ticket=ST-none")
    await window.look("ent-refused")
