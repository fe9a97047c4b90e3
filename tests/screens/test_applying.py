"""A candidate's way through an application, by keyboard, each state of its pages looked at."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from playwright.async_api import FilePayload, Route

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.screens.window import Window
from tests.service.portal.applications.applying import ASKS, MER, SOLAIRE, apply, form_of, give, log_in_as
from tests.service.portal.applications.test_forms import fill_in
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import PASSWORD, log_in
from tests.unit.documents import files

NAME = "attestation d’été, d’Élodie “Zoé” Müller-L’Hôte (copie certifiée conforme).pdf"
CONDITIONAL = ("justificatifs-stages", "attestation-b2")


async def press(window: Window, selector: str) -> None:
    """Go to a button or a link, and press Enter."""
    await window.page.focus(selector)
    await window.page.keyboard.press("Enter")


async def come_in(window: Window, person: str, path: str) -> None:
    """Be asked who one is, and go on to the page one wanted."""
    await window.page.goto(path)
    await window.page.fill("[name=login]", person)
    await window.page.fill("[name=password]", PASSWORD)
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url(path)


async def prepared(suite: Suite, person: str, pieces: tuple[str, ...]) -> str:
    """The address of an application that has these pieces, of a person who has another one; the rest does not apply."""
    async with Uploader(suite.url) as browser:
        await log_in_as(suite, browser, person, profile=True)
        await apply(browser, SOLAIRE)
        page = await apply(browser, MER)
        for piece in pieces:
            page = await give(browser, page, piece, pdf(), NAME)
        for piece in CONDITIONAL:
            page = await browser.send(form_of(page, f"/pieces/{piece}/non-concerne"))
        return page.path


async def test_pieces_are_given_until_all_is_there(window: Window, suite: Suite) -> None:
    """Acceptance 42, 49, 51, 53, 60, 68, where they are seen."""
    page, person = window.page, f"{window.view}.pieces@example.org"
    here = await prepared(suite, person, ("releves-bac", "releves-post-bac", "lettre-motivation"))
    await come_in(window, person, "/candidatures")
    await window.look("applications")
    await press(window, f"a[href='{here}']")
    await page.wait_for_selector("#piece-cv")
    await window.look("draft")

    async def deposit(*contents: bytes, media_type: str = "application/pdf") -> None:
        chosen: list[FilePayload] = [{"name": NAME, "mimeType": media_type, "buffer": each} for each in contents]
        await page.set_input_files("#piece-cv", files=chosen)
        await press(window, "form[action$='/pieces/cv'] button")

    await deposit(b"no document")
    await page.wait_for_selector("#piece-cv-row .govuk-error-message:not(:empty)")
    await window.look("refused-file")
    photos = [files.photo("JPEG", 480, 640, colour) for colour in ("white", "ivory")]
    await deposit(*photos, media_type="image/jpeg")
    await page.wait_for_selector("form[action$='/pieces/cv/retrait']")
    await press(window, "form[action$='/pieces/attestation-b2/concerne'] button")
    await page.wait_for_selector("#piece-attestation-b2")
    await page.goto(f"{here}/transmission")
    await window.look("blocked")
    await page.goto(here)
    await press(window, "form[action$='/pieces/attestation-b2/non-concerne'] button")
    await page.wait_for_selector("form[action$='/pieces/attestation-b2/concerne']")
    await window.look("ready")


async def test_an_upload_goes_on_when_the_line_comes_back(window: Window, suite: Suite) -> None:
    """Acceptance 49, 51: cut off in the midst it ends whole; without scripts a form does the same."""
    page, person = window.page, f"{window.view}.resuming@example.org"
    here = await prepared(suite, person, ())
    await come_in(window, person, here)
    content, lost = pdf(1_700_000), asyncio.Event()
    slices: list[str] = []

    async def carry(route: Route) -> None:
        """The second slice is lost with its line, and nothing comes through until that is there again."""
        if (offset := route.request.headers.get("upload-offset")) is not None:
            slices.append(offset)
            if len(slices) == 2:
                lost.set()
        await (route.abort("connectionreset") if lost.is_set() else route.continue_())

    await page.route("**/envois**", carry)
    await page.route("**/envois/*", carry)
    chosen: list[FilePayload] = [{"name": NAME, "mimeType": "application/pdf", "buffer": content}]
    await page.set_input_files("#piece-cv", files=chosen)
    await press(window, "form[action$='/pieces/cv'] button")
    if window.view.scripts:
        said = page.locator("#piece-cv-row .parvis-upload__said", has_text=re.compile("reprendra|go on"))
        await said.wait_for()
        assert await page.locator("#piece-cv-row progress").get_attribute("hidden") is None
        await window.look("line-lost")
        lost.clear()
        await page.evaluate("dispatchEvent(new Event('online'))")
    await page.wait_for_selector("form[action$='/pieces/cv/retrait']")
    await window.look("gone-on")
    async with Uploader(suite.url) as browser:
        await log_in(browser, person)
        assert (await browser.take(f"{here}/pieces/cv/fichier")).content == content
    if window.view.scripts:
        assert slices == ["0", "524288", "524288", "1048576", "1572864"], "what is safe is not sent again"


async def test_an_upload_goes_on_after_its_page_was_loaded_again(window: Window, suite: Suite, tmp_path: Path) -> None:
    """Acceptance 49: only the rest of the file goes over the line; another file of that piece begins anew."""
    page, person = window.page, f"{window.view}.reloading@example.org"
    here = await prepared(suite, person, ())
    await come_in(window, person, here)
    if not window.view.scripts:
        return  # a form without scripts is sent whole or not at all
    content = pdf(1_700_000)
    file, other = tmp_path / "cv.pdf", tmp_path / "other.pdf"
    file.write_bytes(content)
    other.write_bytes(pdf(1_100_000))
    slices: list[str] = []
    broken_at = 3

    async def carry(route: Route) -> None:
        if (offset := route.request.headers.get("upload-offset")) is not None:
            slices.append(offset)
        await (route.abort("connectionreset") if len(slices) >= broken_at else route.continue_())

    async def send(chosen: Path) -> None:
        await page.set_input_files("#piece-cv", chosen)
        await press(window, "form[action$='/pieces/cv'] button")

    await page.route("**/envois**", carry)
    await page.route("**/envois/*", carry)
    said = page.locator("#piece-cv-row .parvis-upload__said")
    await send(file)
    await said.filter(has_text=re.compile("reprendra|go on")).wait_for()
    await page.reload()
    await said.filter(has_text=re.compile("interrompu ici|interrupted here")).wait_for()
    await window.look("loaded-again")
    broken_at = 99
    words = await page.evaluate_handle(
        """() => {
          const heard = [], row = document.querySelector("#piece-cv-row .parvis-upload__said");
          new MutationObserver(() => heard.push(row.textContent)).observe(row, { childList: true });
          return heard;
        }"""
    )
    await send(file)
    await page.wait_for_selector("form[action$='/pieces/cv/retrait']")
    assert slices == ["0", "524288", "1048576", "1048576", "1572864"], "what has arrived is not sent again"
    assert re.search("reprend là où|goes on where", "|".join(await words.json_value()))
    async with Uploader(suite.url) as browser:
        await log_in(browser, person)
        assert (await browser.take(f"{here}/pieces/cv/fichier")).content == content
    await press(window, "form[action$='/pieces/cv/retrait'] button")
    await page.wait_for_selector("#piece-cv")
    await page.wait_for_load_state()  # its scripts have run: what is sent before that is sent by the form alone
    assert await said.inner_text() == "", "what has become a document is not gone on with"
    slices.clear()
    broken_at = 2
    await send(file)
    await said.filter(has_text=re.compile("reprendra|go on")).wait_for()
    await page.reload()
    slices.clear()
    broken_at = 99
    await send(other)
    await page.wait_for_selector("form[action$='/pieces/cv/retrait']")
    assert slices[0] == "0", "another file begins anew"


async def test_an_application_is_handed_over_and_a_draft_given_up(window: Window, suite: Suite) -> None:
    """Acceptance 45, 69, 71, 96, where they are seen."""
    page, person = window.page, f"{window.view}.submitting@example.org"
    here = await prepared(suite, person, ("cv", "releves-bac", "releves-post-bac", "lettre-motivation"))
    await come_in(window, person, f"{here}/transmission")
    await window.look("check")
    await press(window, "form[action$='/transmission'] button")
    await page.wait_for_url(re.compile("/accuse$"))
    await window.look("receipt")
    await page.goto(here)
    await window.look("submitted")
    await page.goto("/candidatures")
    draft = await page.get_attribute(".parvis-card--waits a", "href")
    await page.goto(f"{draft}/annulation")
    await window.look("cancel")
    await suite.settle()
    await page.goto("/messages")
    await window.look("messages")


async def test_a_printed_receipt_is_checked(window: Window, suite: Suite) -> None:
    """Product, section 8, point 1: genuine, not recognised, and typed wrongly; nobody is logged in."""
    page, person = window.page, f"{window.view}.checked@example.org"
    here = await prepared(suite, person, ("cv", "releves-bac", "releves-post-bac", "lettre-motivation"))
    async with Uploader(suite.url) as browser:
        await log_in(browser, person)
        await browser.send(form_of(await browser.open(f"{here}/transmission"), "/transmission"))
    where = {"application": here.rpartition("/")[2]}
    store = suite.service("applications").service.ports.store
    (submission,) = await store.find("submissions", where, sort=(("application", 1),))
    await page.goto("/recu")
    await window.look("receipt-code")
    await page.fill("[name=code]", "douze")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("receipt-mistyped")
    await page.fill("[name=code]", submission["_id"].upper())
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"/recu/{submission['_id']}")
    await window.look("receipt-genuine")
    await page.goto(f"/recu/{'0' * 26}")
    await window.look("receipt-unknown")


async def test_questions_and_forms_are_answered(window: Window, suite: Suite) -> None:
    """Acceptance 43, 64, 67, where they are seen."""
    page, person = window.page, f"{window.view}.answering@example.org"
    async with Uploader(suite.url) as browser:
        await log_in_as(suite, browser, person, profile=True)
        here = (await apply(browser, ASKS)).path
    await come_in(window, person, here)
    await window.look("asks")
    await press(window, "a[href$='/questions/alternance']")
    await page.wait_for_selector("[name=answer]")
    await press(window, "main form .govuk-button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("unanswered")
    await page.check("[value=yes]")
    await press(window, "main form .govuk-button")
    await page.wait_for_selector("form[action$='/questions/alternance/retrait']")
    await window.look("answered")
    await press(window, "a[href$='/questions/alternance']")
    await page.wait_for_selector("[name=answer]")
    async with Uploader(suite.url) as tab:
        await log_in(tab, person)
        question = await tab.open(f"{here}/questions/alternance")
        await tab.send(form_of(question, "/questions/alternance"), answer="no")
    await press(window, "main form .govuk-button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("answered-elsewhere")
    await fill_in(
        suite, here.rpartition("/")[2], ("Où vous voyez-vous dans dix ans ?", "En mer.\nOu presque."), ("Et ?", "")
    )
    await page.goto(here)
    await press(window, "a[href$='/formulaires/projet']")
    await page.wait_for_selector(".parvis-facts")
    await window.look("filled-form")
