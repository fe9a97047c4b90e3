"""A deliberation is taken away and brought back by keyboard, each state of its pages looked at (acceptance 55, 56, 93)."""

from __future__ import annotations

import csv
import io
import re

from services.chassis.testing import Suite
from tests.screens.reviewing import handed_over
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.portal.applications.applying import MER
from tests.service.portal.applications.staff import appointed
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import log_in


async def filled(browser: Uploader, here: str) -> bytes:
    """The table with a decision on the file at that address, and with rows that are refused, or change nothing."""
    number = re.findall(r"\b[0-9A-Z]{8}\b", (await browser.open(here)).words)[0]
    taken = await browser.take(f"/gestion/deliberation.csv?programme={MER}")
    rows = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"), newline="")))
    (own,) = [row for row in rows if number in row.values()]
    columns = [*own]
    decision, rank = columns[5], columns[7]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    unknown = own | {columns[0]: "ZZZZ9999"}
    writer.writerows([own | {decision: "AVIS_FAVORABLE"}, own | {decision: "AVIS_LISTE_COMP", rank: "?"}, unknown])
    return text.getvalue().encode()


async def test_a_deliberation_is_brought_back_as_a_table(window: Window, suite: Suite) -> None:
    page, email = window.page, f"{window.view}.deliberates@univ.test"
    here = await handed_over(suite, f"{window.view}.deliberated@example.org")
    await come_in_as_staff(window, suite, email, f"{here}/etat")
    await page.check("[name=state][value=complete]")
    await press(window, "main form button")
    await page.wait_for_url(here)
    await suite.settle()
    await page.goto("/gestion/deliberation")
    await window.look("choices")
    await page.select_option("[name=programme]", MER)
    await press(window, "main form button")
    await page.wait_for_selector("[name=file]")
    await page.click("main details summary")
    await window.look("chosen")
    await press(window, "main form[method=post] button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("errors")
    async with Uploader(suite.url) as browser:
        await log_in(browser, email)
        table = await filled(browser, here)
    await page.set_input_files("[name=file]", {"name": "table.csv", "mimeType": "text/csv", "buffer": table})
    await press(window, "main form[method=post] button")
    await page.wait_for_selector("[name=table]", state="attached")
    await window.look("preview")
    await press(window, "main form button")
    await page.wait_for_selector("[role=status]")
    await window.look("done")


async def come_in_as_staff(window: Window, suite: Suite, email: str, path: str) -> None:
    """Be appointed, and log in on the way to a page."""
    async with Uploader(suite.url) as browser:
        await appointed(suite, browser, email)
    await come_in(window, email, path)
