"""Staff keep the catalogue by keyboard, each state of their pages looked at."""

from __future__ import annotations

from playwright.async_api import FilePayload

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.candidate import pdf
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.documents.test_signatures import drawn
from tests.service.portal.applications.applying import MER
from tests.service.portal.applications.staff import appointed
from tests.service.portal.browser import Browser


async def test_a_programme_is_written(window: Window, suite: Suite) -> None:
    page, email = window.page, f"{window.view}.admin@univ.test"
    here = f"/gestion/catalogue/{MER}"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email, Grant(Role.ADMIN))
    await come_in(window, email, "/gestion/catalogue")
    await window.look("list")
    await page.fill("[name=q]", "mer")
    await press(window, "main form button")
    await page.wait_for_url("**/gestion/catalogue?q=mer*")
    await press(window, f"a[href='{here}']")
    await page.wait_for_selector("[name=capacity]")
    await window.look("programme")
    await page.fill("[name='dates.closes_on']", "2026-01-01")
    await page.fill("[name=capacity]", "-1")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("programme-errors")
    await page.goto(here)
    typed = await page.context.new_page()
    await typed.goto(here)
    await typed.fill("[name=capacity]", "12")
    await page.fill("[name='information.fr']", f"Océans : {window.view}")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner")
    await window.look("programme-saved")
    await typed.focus("main form button")
    await typed.keyboard.press("Enter")
    await typed.wait_for_selector(".govuk-warning-text")
    window.page = typed
    await window.look("programme-changed")
    await typed.goto(f"{here}/publication")
    await window.look("publication")
    await typed.goto("/gestion/nouvelle-formation")
    await press(window, "main form button")
    await typed.wait_for_selector(".govuk-error-summary")
    await window.look("new-errors")
    await typed.close()
    window.page = page


async def test_parameters_are_set(window: Window, suite: Suite) -> None:
    page, email = window.page, f"{window.view}.parameters@univ.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email, Grant(Role.ADMIN))
    await come_in(window, email, "/gestion/parametres")
    await window.look("parameters")
    await page.fill("[name='accounts.session_days']", "91")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("parameters-errors")
    await page.goto("/gestion/lettres")
    await window.look("letters")
    await press(window, "a[href='/gestion/lettres/admission/fr']")
    await page.wait_for_selector("#body")
    await window.look("letter")
    await page.fill("#body", "Bonjour {nom}")
    await press(window, "main form button:not([name])")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("letter-errors")
    await page.goto("/gestion/centres/UPVD-SEE/lettres")
    await window.look("letters-centre")
    await press(window, "a[href$='/lettres/admission/fr']")
    await page.wait_for_selector("#body")
    await window.look("letter-centre")


async def test_what_programmes_name_is_written(window: Window, suite: Suite) -> None:
    page, email = window.page, f"{window.view}.parts@univ.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email, Grant(Role.ADMIN))
    await come_in(window, email, "/gestion/pieces")
    await window.look("requirements")
    await press(window, "a[href='/gestion/pieces/cv']")
    await page.wait_for_selector("[name=max_bytes]")
    await window.look("requirement")
    typed = await page.context.new_page()
    await typed.goto("/gestion/pieces/cv")
    await page.fill("[name='label.en']", f"CV {window.view}")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner")
    await window.look("requirement-saved")
    await typed.focus("main form button")
    await typed.keyboard.press("Enter")
    await typed.wait_for_selector(".govuk-warning-text")
    window.page = typed
    await window.look("requirement-changed")
    await typed.close()
    window.page = page
    await page.goto("/gestion/centres/UPVD-SEE")
    await window.look("centre")
    await page.goto("/gestion/nouveau/commissions")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("commission-errors")


async def test_a_form_to_fill_in_is_put(window: Window, suite: Suite) -> None:
    """Acceptance 52, where staff see to it."""
    page, email, here = window.page, f"{window.view}.models@univ.test", "/gestion/pieces/cv/modele"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email, Grant(Role.ADMIN))
    await come_in(window, email, "/gestion/pieces/cv")
    await press(window, f"a[href='{here}']")
    await page.wait_for_selector("#file")
    for content, name in ((b"no PDF", "refused"), (pdf(), "put")):
        chosen: FilePayload = {"name": "Modèle.pdf", "mimeType": "application/pdf", "buffer": content}
        await page.set_input_files("#file", files=[chosen])
        await press(window, f"form[action='{here}'] button")
        await page.wait_for_selector(".govuk-error-summary" if name == "refused" else ".govuk-notification-banner")
        await window.look(name)
    await press(window, f"form[action='{here}/retrait'] button")
    await page.wait_for_selector(f"form[action='{here}/retrait']", state="detached")
    await window.look("removed")


async def test_letters_get_a_signature(window: Window, suite: Suite) -> None:
    """Who signs, the picture, and what else a board says."""
    page, email = window.page, f"{window.view}.signatures@univ.test"
    board = f"/gestion/commissions/JURY-{str(window.view).upper()}"
    here = f"{board}/lettres"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email, Grant(Role.ADMIN))
    await come_in(window, email, "/gestion/nouveau/commissions")
    await page.fill("[name=code]", f"JURY-{str(window.view).upper()}")
    await page.fill("[name='label.fr']", "Jury du master")
    await page.check("[name='alerts.on'][value=submitted]")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("board-errors")
    await page.fill("[name='alerts.email']", "jury@univ.example")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner")
    await window.look("board")
    await page.goto(here)
    await window.look("no-signatory")
    await page.goto(board)
    await page.fill("[name='letters.signatory']", "Zoé Faure")
    await page.fill("[name='letters.function']", "Présidente du jury")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-notification-banner")
    await press(window, f"a[href='{here}']")
    await page.wait_for_selector("#file")
    for content, name in ((b"no picture", "signature-refused"), (drawn(), "signature")):
        chosen: FilePayload = {"name": "Signature.png", "mimeType": "image/png", "buffer": content}
        await page.set_input_files("#file", files=[chosen])
        await press(window, f"form[action='{here}'] button")
        await page.wait_for_selector(
            ".govuk-error-summary" if name == "signature-refused" else ".govuk-notification-banner"
        )
        await window.look(name)
