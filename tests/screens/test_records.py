"""What the registrar knows, in a browser (acceptance 26, 28)."""

from __future__ import annotations

import json

from services.chassis.records.file import SAMPLES
from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.screens.test_applying import CONDITIONAL, NAME, come_in
from tests.screens.test_profile import logged_in
from tests.screens.window import Window
from tests.service.portal.applications.applying import MER, SOLAIRE, apply, form_of, give, give_profile
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import an_account, log_in

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


async def test_what_the_registrar_holds_stands_in_the_place_of_a_file(window: Window, suite: Suite) -> None:
    """With a file that was given before, as its person and as staff see it."""
    person = f"held.{window.view}@example.org"
    async with Uploader(suite.url) as browser:
        await an_account(suite, person)
        await give_profile(suite, person)
        await log_in(browser, person)
        await browser.send((await browser.open("/profil/identite")).forms[0], family_name=ALICE["family_name"])
        await suite.settle()
        page = await give(browser, await apply(browser, MER), "releves-bac", pdf(), NAME)
        year, month, day = ALICE["birth_date"].split("-")
        born = {"birth_date": day, "birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
        certified = {"national_student_number": ALICE["national_student_number"], "certified": "1"} | born
        await browser.send((await browser.open("/profil/scolarite")).forms[0], **certified)
        await suite.settle()
        page = await apply(browser, SOLAIRE)
        for code in ("cv", "releves-post-bac", "lettre-motivation"):
            page = await give(browser, page, code, pdf(), NAME)
        for code in CONDITIONAL:
            page = await browser.send(form_of(page, f"/pieces/{code}/non-concerne"))
        here = page.path
        await browser.send(form_of(await browser.open(f"{here}/transmission"), "/transmission"))
        await suite.settle()
        draft = next(each for each in (await browser.open("/candidatures")).links if is_other(each, here))
    await come_in(window, person, draft)
    await window.look("held-draft")
    await window.page.goto(here)
    await window.look("held-submitted")
    await window.page.goto("/profil/cursus-interne")
    await window.look("held-profile")
    await window.page.context.clear_cookies()
    async with staff(suite, f"kim.{window.view}"):
        await come_in(window, f"kim.{window.view}@univ.test", here.replace("/candidatures", "/gestion"))
        await window.look("held-review")


def is_other(link: str, here: str) -> bool:
    """Whether a link leads to the other application."""
    return link.startswith("/candidatures/") and link.count("/") == here.count("/") and link != here
