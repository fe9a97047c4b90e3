"""A printed receipt, and the page by which anybody sees whether it is genuine."""

from __future__ import annotations

import io

import pypdfium2
import pytest
import zxingcpp
from yarl import URL

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import apply, form_of, give, somebody
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser, Form, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def submitted(browser: Uploader, page: Page | None = None) -> str:
    """The address of an application that was handed over on the pages."""
    page = page or await apply(browser)
    here = page.path
    for code in ("cv", "releves-bac", "releves-post-bac", "lettre-motivation"):
        page = await give(browser, page, code, pdf(), f"{code}.pdf")
    for code in ("justificatifs-stages", "attestation-b2"):
        page = await browser.send(form_of(page, f"/pieces/{code}/non-concerne"))
    check = await browser.open(f"{here}/transmission")
    assert (await browser.send(form_of(check, "/transmission"))).status == 200
    return here


async def test_who_is_shown_a_printed_receipt_sees_that_it_is_genuine(suite: Suite, zoe: Uploader) -> None:
    """Product, section 8, point 1: without an account, without a script, and without learning whose it is."""
    here = await submitted(zoe)
    receipt = await zoe.open(f"{here}/accuse")
    assert f"{here}/accuse/pdf" in receipt.links
    found = await zoe.take(f"{here}/accuse/pdf")
    assert (found.status, found.headers["Content-Type"]) == (200, "application/pdf")
    (page,) = pypdfium2.PdfDocument(io.BytesIO(found.content))
    (code,) = zxingcpp.read_barcodes(
        page.render(scale=2).to_pil(), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    address = URL(code.text).path
    async with Browser(suite.url) as stranger:
        checked = await stranger.open(address)
        assert (checked.status, checked.heading) == (200, "Cet accusé de réception est authentique")
        for told in (
            "Sciences de la mer",
            "1er février 2027 à 12 h 00 (heure de Paris)",
            "Université de démonstration",
        ):
            assert told in checked.words, told
        for kept in ("Müller", "Durand", "example.org", ".pdf"):
            assert kept not in checked.words, kept
        form = form_of(await stranger.open("/recu"), "/recu")
        typed = address.rpartition("/")[2]
        for written in (typed.upper(), f" {typed[:13]}-{typed[13:]} ", code.text):
            again = await stranger.send(Form(form.action, {**form.fields, "code": written}))
            assert again.path == address
        english = await stranger.open(f"{address}?lang=en")
        assert "Marine science" in english.words or "This receipt is genuine" in english.words


async def test_what_was_never_submitted_here_is_not_recognised(suite: Suite) -> None:
    async with Browser(suite.url) as stranger:
        for code in ("0" * 26, "0" * 26 + ".0", "no-code"):
            page = await stranger.open(f"/recu/{code}")
            assert (page.status, page.heading) == (404, "Cet accusé de réception n’est pas reconnu")
        form = form_of(await stranger.open("/recu"), "/recu")
        for wrong in ("", "x" * 25, "x" * 27, "é" * 26):
            page = await stranger.send(Form(form.action, {**form.fields, "code": wrong}))
            assert page.status == 422
            assert "Recopiez les 26 caractères" in page.words


async def test_the_whole_file_can_be_downloaded_from_the_page_before_and_after_it_was_submitted(
    suite: Suite, zoe: Uploader
) -> None:
    """Acceptance 61: by the label that people know."""
    page = await apply(zoe)
    assert await pages_of_dossier(zoe, page.path) == 1
    assert await pages_of_dossier(zoe, await submitted(zoe, page)) == 5
    async with somebody(suite) as other:
        assert (await other.open(f"{page.path}/dossier")).status == 404


async def pages_of_dossier(browser: Uploader, here: str) -> int:
    """How many pages the file has that the page of an application offers."""
    shown = await browser.open(here)
    assert f"{here}/dossier" in shown.links
    assert "Télécharger mon dossier" in shown.words
    found = await browser.take(f"{here}/dossier")
    assert (found.status, found.headers["Content-Type"]) == (200, "application/pdf")
    return len(pypdfium2.PdfDocument(io.BytesIO(found.content)))


async def test_there_is_no_paper_of_a_draft_nor_of_somebody_elses(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 62."""
    here = (await apply(zoe)).path
    draft = await zoe.open(f"{here}/accuse/pdf")
    assert (draft.status, "n’a pas été transmise" in draft.words) == (409, True)
    async with somebody(suite) as other:
        assert (await other.open(f"{here}/accuse/pdf")).status == 404
