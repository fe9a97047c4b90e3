"""A candidate's way through an application, by keyboard, each state of its pages looked at."""

from __future__ import annotations

import re

from playwright.async_api import FilePayload

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.screens.window import Window
from tests.service.portal.applying import MER, give_profile
from tests.service.portal.people import PASSWORD, an_account

PERSON = "screens.applying@example.org"
PIECES = ("cv", "releves-bac", "releves-post-bac", "lettre-motivation")


async def test_an_application_from_its_opening_to_its_receipt(window: Window, suite: Suite) -> None:
    """Acceptance 42 to 69, where they are seen."""
    page = window.page
    person = f"{window.view}.{PERSON}"
    await an_account(suite, person)
    await give_profile(suite, person)

    async def press(selector: str) -> None:
        await page.focus(selector)
        await page.keyboard.press("Enter")

    await page.goto("/candidatures")
    await page.fill("[name=login]", person)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("/candidatures")
    await window.look("no-application")

    await page.goto(f"/formations/{MER}")
    await press("form[action='/candidatures'] button")
    await page.wait_for_url(re.compile("/candidatures/[a-z0-9]{26}$"))
    here = page.url
    await window.look("draft")

    async def give(piece: str, content: bytes, name: str) -> None:
        file: FilePayload = {"name": name, "mimeType": "application/pdf", "buffer": content}
        await page.set_input_files(f"#piece-{piece}", files=file)
        await press(f"form[action$='/pieces/{piece}'] button")

    await give("cv", b"no document", "wrong.pdf")
    await page.wait_for_selector("[id=piece-cv-row] .govuk-error-message:not(:empty)")
    await window.look("refused-file")
    for piece in PIECES:
        await give(piece, pdf(), f"{piece}, d’Élodie “Zoé” Müller-L’Hôte.pdf")
        await page.wait_for_selector(f"form[action$='/pieces/{piece}/retrait']")
    await page.goto(f"{here}/transmission")
    await window.look("blocked")
    await page.goto(here)
    for piece in ("justificatifs-stages", "attestation-b2"):
        await press(f"form[action$='/pieces/{piece}/non-concerne'] button")
        await page.wait_for_selector(f"form[action$='/pieces/{piece}/concerne']")
    await window.look("ready")
    await page.goto("/candidatures")
    await window.look("applications")
    await page.goto(f"{here}/annulation")
    await window.look("cancel")
    await page.goto(f"{here}/transmission")
    await window.look("check")
    await press("form[action$='/transmission'] button")
    await page.wait_for_url(re.compile("/accuse$"))
    await window.look("receipt")
    await page.goto(here)
    await window.look("submitted")
    await suite.settle()
    await page.goto("/messages")
    await window.look("messages")
