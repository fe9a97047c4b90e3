"""What the registrar knows, in a browser (acceptance 26, 28)."""

from __future__ import annotations

import json

from services.chassis.records.file import SAMPLES
from services.chassis.testing import Suite
from tests.screens.test_profile import logged_in
from tests.screens.window import Window

ALICE = json.loads((SAMPLES / "students.json").read_text(encoding="utf-8"))[0]["identity"]


async def test_who_was_a_student_here_certifies_and_reads_what_is_managed(window: Window, suite: Suite) -> None:
    page = window.page
    await logged_in(window, suite, "record")
    await page.goto("/profil/scolarite")
    await window.look("form")
    await page.press("#national_student_number", "Enter")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("form-errors")
    year, month, day = ALICE["birth_date"].split("-")
    for name, value in (("birth_date", day), ("birth_date-month", month), ("birth_date-year", year)):
        await page.fill(f'[id="{name}"]', value)
    await page.focus('[name="certified"]')
    await page.keyboard.press("Space")
    await page.fill("#national_student_number", "0123456789M")
    await page.press("#national_student_number", "Enter")
    await page.wait_for_selector('[role="status"]')
    await suite.settle()
    await page.goto("/profil/scolarite")
    await window.look("not-found")
    for name, value in (("birth_date", day), ("birth_date-month", month), ("birth_date-year", year)):
        await page.fill(f'[id="{name}"]', value)
    await page.check('[name="certified"]')
    await page.fill("#national_student_number", ALICE["national_student_number"])
    await page.press("#national_student_number", "Enter")
    await page.wait_for_selector('[role="status"]')
    await suite.settle()
    for path, name in (
        ("/profil/scolarite", "found"),
        ("/profil", "profile"),
        ("/profil/identite", "identity"),
        ("/profil/baccalaureat", "baccalaureate"),
        ("/profil/cursus-interne", "internal-record"),
    ):
        await page.goto(path)
        await window.look(name)
