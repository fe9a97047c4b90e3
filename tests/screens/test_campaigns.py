"""A year ends and the next begins, by keyboard, each state of the pages looked at."""

from __future__ import annotations

from playwright.async_api import FilePayload

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.offers.test_own_catalogue import ROWS, table
from tests.service.portal.applications.staff import appointed
from tests.service.portal.browser import Browser
from tests.unit.offers.test_own_catalogue import PROGRAMME

PREVIEW, DONE = "form[action$='/apercu'] button", "form[action$='/confirmation'] button"


async def test_a_catalogue_is_imported_and_goes_on_into_the_next_year(window: Window, suite: Suite) -> None:
    page, name = window.page, str(window.view).upper()
    email, here = f"{window.view}.campaigns@univ.test", f"/gestion/campagnes/{name}"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email, Grant(Role.ADMIN))
    await come_in(window, email, "/gestion/import-catalogue")
    await window.look("import")
    rows = table(*ROWS[:-1], {**ROWS[-1], "code": f"MER-{name}"}, {**PROGRAMME, "code": "BAD", "capacity": "x"})
    for content, wait in ((b"no catalogue", ".govuk-error-summary"), (rows.encode(), DONE)):
        chosen: FilePayload = {"name": "catalogue.csv", "mimeType": "text/csv", "buffer": content}
        await page.set_input_files("#file", files=[chosen])
        await press(window, PREVIEW)
        await page.wait_for_selector(wait)
        await window.look("import-preview" if wait == DONE else "import-refused")
    await press(window, DONE)
    await page.wait_for_selector("[role=status]")
    await window.look("import-done")
    await page.goto("/gestion/nouvelle-campagne")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("campaign-errors")
    fields = {"code": name, "label": f"Année {name}", "starts_on": "2020-01-01", "ends_on": "2035-12-31"}
    for field, value in fields.items():
        await page.fill(f"#{field}", value)
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner")
    await window.look("campaigns")
    await page.goto(f"{here}/activation")
    await window.look("activation")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner")
    await page.goto(f"{here}/reconduction")
    await window.look("rollover")
    await page.check("[name=shift][value=date]")
    await press(window, PREVIEW)
    await page.wait_for_selector("#carried")
    await window.look("rollover-preview")
    await press(window, DONE)
    await page.wait_for_selector("[role=status]")
    await window.look("rollover-done")
    await page.goto("/gestion/dates-limites")
    await page.fill("#submission_deadline", "2020-01-01")
    await page.fill("#reason", "Panne du réseau")
    await page.check("[name=scope][value=all]")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await page.fill("#submission_deadline", "2035-01-01")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner")
    await window.look("deadlines")
