"""A page that is open says that the application has changed meanwhile, and leaves alone what is being typed."""

from __future__ import annotations

import asyncio

from playwright.async_api import FilePayload, Route, expect

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.screens.test_applying import NAME, come_in, prepared, press
from tests.screens.window import WAIT_MILLISECONDS, Window
from tests.service.portal.applications.applying import give
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import log_in

MARK = "[data-follow]"
KNOWN = """
window.sources = [];
window.EventSource = class extends EventSource { constructor(url) { super(url); sources.push(this); } };
"""
"""Has a page know which connections it has opened."""
COME_BACK = """
window.dispatchEvent(new PageTransitionEvent("pagehide"));
window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
"""
"""As who leaves a page and comes back to it."""


async def test_an_open_page_says_that_the_application_has_changed(window: Window, suite: Suite) -> None:
    """Without scripts the page is as it was."""
    page, person = window.page, f"{window.view}.following@example.org"
    await page.add_init_script(KNOWN)
    here = await prepared(suite, person, ("releves-bac",))
    await come_in(window, person, here)
    await page.wait_for_selector("#piece-cv")
    await expect(page.locator(MARK)).to_be_hidden(timeout=WAIT_MILLISECONDS)
    chosen: FilePayload = {"name": NAME, "mimeType": "application/pdf", "buffer": pdf()}
    await page.set_input_files("#piece-cv", files=[chosen])
    async with Uploader(suite.url) as elsewhere:
        await log_in(elsewhere, person)
        await give(elsewhere, await elsewhere.open(here), "releves-post-bac", pdf(), NAME)
    if not window.view.scripts:
        await expect(page.locator(MARK)).to_be_hidden(timeout=WAIT_MILLISECONDS)
        return
    await expect(page.locator(MARK)).to_be_visible(timeout=WAIT_MILLISECONDS)
    assert await page.locator("#piece-cv").evaluate("field => field.files.length") == 1
    await window.look("changed")
    await press(window, f"{MARK} a")
    await page.wait_for_selector("form[action$='/pieces/releves-post-bac/retrait']")
    await expect(page.locator(MARK)).to_be_hidden(timeout=WAIT_MILLISECONDS)
    await page.set_input_files("#piece-cv", files=[chosen])
    await press(window, "form[action$='/pieces/cv'] button")
    await page.wait_for_selector("form[action$='/pieces/cv/retrait']")
    await window.look("own-change")
    await page.context.clear_cookies()
    await page.evaluate(COME_BACK)
    await page.wait_for_selector(f"{MARK}[data-over]", state="attached")
    assert await page.evaluate("sources.every(source => source.readyState === EventSource.CLOSED)")


async def test_a_piece_given_elsewhere_is_refused_in_words(window: Window, suite: Suite) -> None:
    """Acceptance 50: with scripts too, and the page goes on to work."""
    page, person = window.page, f"{window.view}.refusing@example.org"
    here = await prepared(suite, person, ("releves-bac",))
    await come_in(window, person, here)
    await page.wait_for_selector("#piece-cv")
    async with Uploader(suite.url) as elsewhere:
        await log_in(elsewhere, person)
        await give(elsewhere, await elsewhere.open(here), "cv", pdf(), NAME)
    chosen: FilePayload = {"name": NAME, "mimeType": "application/pdf", "buffer": pdf()}
    slow = asyncio.Event()
    if window.view.scripts:  # another row is still sending when the page is exchanged

        async def hold(route: Route) -> None:
            await slow.wait()
            await route.continue_()

        await page.route("**/pieces/releves-post-bac", hold)
        await page.set_input_files("#piece-releves-post-bac", files=[chosen])
        await press(window, "form[action$='/pieces/releves-post-bac'] button")
    await page.set_input_files("#piece-cv", files=[chosen])
    await press(window, "form[action$='/pieces/cv'] button")
    await page.wait_for_selector(".govuk-error-summary a[href='#piece-cv']")
    await page.wait_for_selector("#piece-cv-row form[action$='/pieces/cv/retrait']")
    await window.look("refused")
    slow.set()
    if not window.view.scripts:
        await page.set_input_files("#piece-releves-post-bac", files=[chosen])
        await press(window, "form[action$='/pieces/releves-post-bac'] button")
    await page.wait_for_selector("form[action$='/pieces/releves-post-bac/retrait']")
