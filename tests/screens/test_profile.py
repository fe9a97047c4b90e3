"""The profile in a browser, filled in by keyboard (acceptance 23, 24, 27, 31, 35)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.async_api import Browser, Response

from services.chassis.testing import Suite
from tests.screens.window import Copy, View, Window
from tests.service.portal.people import PASSWORD, an_account


async def logged_in(window: Window, suite: Suite, name: str) -> None:
    """Somebody of this window's own."""
    login = await an_account(suite, f"{name}.{window.view}@example.org")
    await window.page.goto("/connexion?next=/profil")
    await window.page.fill("#login", login)
    await window.page.fill("#password", PASSWORD)
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_selector(".govuk-task-list")


def keeps(word: str) -> Callable[[Response], bool]:
    """What answers a draft of the address that has this word."""
    return lambda response: (
        response.url.endswith("/profil/brouillon/address") and word in (response.request.post_data or "")
    )


async def test_a_person_fills_in_the_profile(window: Window, suite: Suite) -> None:
    page = window.page
    await logged_in(window, suite, "steps")
    await window.look("empty")
    await page.goto("/profil/identite")
    await window.look("identity")
    await page.keyboard.press("Tab")
    await page.press("#family_name", "Enter")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("identity-errors")
    await page.focus('[name="title"]')
    await page.keyboard.press("Space")
    for name, value in (
        ("family_name", "Nguyễn"),
        ("given_name", "Zoé"),
        ("birth_date", "17"),
        ("birth_date-month", "5"),
        ("birth_date-year", "2003"),
        ("birth_place", "Huế"),
    ):
        await page.focus(f'[id="{name}"]')
        await page.keyboard.type(value)
    await page.select_option("#birth_country", "VN")
    await page.select_option("#nationality", "VN")
    await page.press("#birth_place", "Enter")
    await page.wait_for_url("**/profil/adresse")
    await page.fill('[id="lines.0"]', "1 rue des Oiseaux")
    await page.fill("#postcode", "66200")
    await page.press("#postcode", "Enter")
    await page.wait_for_selector("#commune")
    await window.look("communes")
    await page.select_option("#commune", "Elne")
    await page.press("#postcode", "Enter")
    await page.wait_for_url("**/profil/baccalaureat")
    await window.look("baccalaureate")
    await page.check('[value="none"]')
    await page.press("#year", "Enter")
    await page.wait_for_selector(".govuk-task-list")
    await window.look("complete")


async def test_two_versions_and_rows(window: Window, suite: Suite) -> None:
    page = window.page
    await logged_in(window, suite, "rows")
    await page.goto("/profil/experiences/ajouter")
    await window.look("row")
    for name, value in (
        ("year", "2024"),
        ("title", "Vendange"),
        ("duration", "3 semaines"),
        ("organisation", "Mas Amiel"),
    ):
        await page.fill(f"#{name}", value)
    await page.press("#title", "Enter")
    await page.wait_for_url("**/profil/experiences")
    await window.look("rows")
    await page.click(".govuk-summary-card__action >> nth=0 >> a")
    other = await page.context.new_page()
    await other.goto(page.url)
    await other.fill("#duration", "4 semaines")
    await other.press("#duration", "Enter")
    await other.wait_for_url("**/profil/experiences")
    await page.fill("#duration", "5 semaines")
    await page.press("#duration", "Enter")
    await page.wait_for_selector(".govuk-summary-list")
    await window.look("conflict")
    await page.click("main button")
    await page.wait_for_url("**/profil/experiences")
    assert "5 semaines" in await page.inner_text("main")
    await page.click(".govuk-summary-card__action >> nth=1 >> a")
    await window.look("remove")


async def test_what_one_types_survives_a_closed_page(browser: Browser, suite: Suite, copy: Copy) -> None:
    """Acceptance 34: kept by the script, without any button."""
    async with Window.opened(browser, suite.url, View(390, "fr", True), None, copy) as window:
        page = window.page
        await logged_in(window, suite, "draft")
        await page.goto("/profil/adresse")
        async with page.expect_response(keeps("Oiseaux")) as kept:  # who types slowly has the beginning kept before
            await page.locator('[id="lines.0"]').press_sequentially("1 rue des Oiseaux")
        assert (await kept.value).status == 204
        await page.goto("about:blank")
        await page.goto("/profil/adresse")
        assert await page.input_value('[id="lines.0"]') == "1 rue des Oiseaux"
        await window.look("draft")
        assert window.complaints == []
