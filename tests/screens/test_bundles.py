"""Staff take many files away in one download, by keyboard, each state of the pages looked at (acceptance 55, 56, 61)."""

from __future__ import annotations

import asyncio

from services.chassis.testing import Suite
from tests.screens.reviewing import handed_over
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.portal.applications.staff import appointed
from tests.service.portal.browser import Browser

BUNDLES = "/gestion/telechargements"


async def test_files_are_ticked_and_taken_away_together(window: Window, suite: Suite) -> None:
    page, email = window.page, f"{window.view}.takes@univ.test"
    here = await handed_over(suite, f"{window.view}.taken@example.org")
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email)
    await come_in(window, email, BUNDLES)
    await window.look("none")
    await page.goto("/gestion")
    await page.check(f"[name=id][value='{here.rpartition('/')[2]}']")
    await press(window, f"button[formaction$='{BUNDLES}/choix']")
    await page.wait_for_selector("[name=kind]")
    await window.look("choice")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("choice-errors")
    await page.check("[name=kind][value=pdf]")
    await press(window, "main form button")
    await page.wait_for_selector("section.parvis-export")
    async with asyncio.timeout(120):
        while not await page.query_selector("a[href$='/fichier']"):
            await page.goto(BUNDLES)
    await window.look("ready")
