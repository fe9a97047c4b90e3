"""Documents that the registrar holds, from the student records to the pages, papers and exports (acceptance 26)."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import pytest_asyncio
import zxingcpp
from yarl import URL

from services.chassis.testing import Suite
from tests.candidate import ADDRESS, pdf
from tests.records import NATIONAL, STUDENT, settle, write_json, write_tables
from tests.service.portal.applications.applying import apply, form_of, give, running
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Form, Page
from tests.service.portal.people import PASSWORD, an_account, log_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMAIL = "zoe.durand@example.org"
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
MARKS = {"code": "RNBAC", "label": "Relevé du bac", "on": "2021-07-06"}
HELD = "Fournie par la scolarité : Relevé du bac, du 6 juillet 2021"
CERTIFIED = {
    "national_student_number": NATIONAL,
    "birth_date-day": "14",
    "birth_date-month": "5",
    "birth_date-year": "2003",
    "certified": "1",
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the registrar's system leaves files."""
    return tmp_path_factory.mktemp("records")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(records: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Suite]:
    async with running(tmp_path_factory.mktemp("suite"), sis=f"file:{records}") as suite:
        yield suite


async def asked_for(suite: Suite, zoe: Uploader) -> None:
    """Zoé certifies who she is; the registrar was asked when this returns, and what it said is everywhere."""
    page = await zoe.send((await zoe.open("/profil/scolarite")).forms[0], **CERTIFIED)
    assert page.status == 200, page.words
    await suite.settle()


async def a_student(suite: Suite, zoe: Uploader) -> None:
    await an_account(suite, EMAIL, "Durand")
    await log_in(zoe, EMAIL)
    await asked_for(suite, zoe)
    async with suite.client.post("/api/accounts/sessions", json={"login": EMAIL, "password": PASSWORD}) as response:
        headers = {"Authorization": f"Bearer {(await response.json())['access_token']}"}
    async with suite.client.put("/api/accounts/me/profile/address", json=ADDRESS, headers=headers) as response:
        assert response.status == 200, await response.text()
    await suite.settle()


def commands(page: Page) -> list[str]:
    """What can be done to the transcript on a page."""
    return [form.action.rpartition("/pieces/")[2] for form in page.forms if "/pieces/releves-bac" in form.action]


async def submitted_without_bytes(suite: Suite, zoe: Uploader) -> None:
    """Who is shown the receipt of another file of hers is told what was held in place of a document, as the paper says."""
    page = await apply(zoe, "UCA-M1-INFORMATIQUE")
    here = page.path
    while wanted := next((each for each in page.forms if re.search(r"/pieces/[^/]+$", each.action)), None):
        page = await zoe.send_file(wanted, "piece.pdf", pdf())
    assert (await zoe.send(form_of(await zoe.open(f"{here}/transmission"), "/transmission"))).status == 200
    paper = pypdfium2.PdfDocument(io.BytesIO((await zoe.take(f"{here}/accuse/pdf")).content))
    (code,) = zxingcpp.read_barcodes(
        paper[0].render(scale=2).to_pil(), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    async with Uploader(suite.url) as stranger:
        checked = await stranger.open(URL(code.text).path)
    assert HELD in checked.words and "Durand" not in checked.words


async def test_a_student_whose_transcript_the_registrar_holds_applies_without_it(suite: Suite, records: Path) -> None:
    """In files of the registrar's, withdrawn and there again, up to the desk of the university."""
    known: dict[str, Any] = STUDENT | {"documents": [MARKS]}
    write_tables(records, [known])
    async with Uploader(suite.url) as zoe:
        await a_student(suite, zoe)
        assert "Relevé du bac" in (await zoe.open("/profil/cursus-interne")).words
        page = await apply(zoe)
        here = page.path
        assert HELD in page.words and commands(page) == []
        forged = Form(f"{here}/pieces/releves-bac/retrait", {"form_token": zoe.cookie("form") or ""})
        refused = await zoe.send(forged)
        assert refused.status == 403 and "fournie par la scolarité" in refused.words

        # The registrar takes it back: she gives her own; then it is there again, and hers is kept.
        write_tables(records, [STUDENT])
        await asked_for(suite, zoe)
        page = await zoe.open(here)
        assert HELD not in page.words and commands(page) == ["releves-bac"]
        page = await give(zoe, page, "releves-bac", pdf(), "le-mien.pdf")
        assert commands(page) == ["releves-bac/retrait"]
        write_json(records, [known])
        (records / "students.csv").unlink()
        await asked_for(suite, zoe)
        page = await zoe.open(here)
        assert HELD in page.words and commands(page) == []
        assert "le-mien.pdf" in page.words and "votre fichier est conservé" in page.words

        await submitted_without_bytes(suite, zoe)

        # It gives the bytes too, which come by themselves.
        scan = records / "files" / STUDENT["student_number"] / "releve.pdf"
        scan.parent.mkdir(parents=True)
        scan.write_bytes(pdf())
        settle(scan)
        write_json(records, [STUDENT | {"documents": [MARKS | {"file": scan.name}]}])
        await asked_for(suite, zoe)
        while f"{here}/pieces/releves-bac/apercu" not in page.links or "releve.pdf" not in page.words:
            await asyncio.sleep(0.1)
            page = await zoe.open(here)
        assert "le-mien.pdf" in page.words and commands(page) == []
        assert "releve.pdf" in (await zoe.open(f"{here}/pieces/releves-bac/apercu")).words

        for code in ("cv", "releves-post-bac", "lettre-motivation"):
            page = await give(zoe, page, code, pdf(), f"{code}.pdf")
        for code in ("justificatifs-stages", "attestation-b2"):
            page = await zoe.send(form_of(page, f"/pieces/{code}/non-concerne"))
        check = await zoe.open(f"{here}/transmission")
        assert (await zoe.send(form_of(check, "/transmission"))).status == 200
        await suite.settle()
        dossier = await zoe.take(f"{here}/dossier")
        words = " ".join(
            page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(io.BytesIO(dossier.content))
        )
        assert "Fournie par la scolarité" in words and "le-mien.pdf" not in words
    async with staff(suite, "kim") as kim:
        address = "/gestion/" + here.split("/")[2]
        file = await kim.open(address)
        assert HELD in file.words and "Déposé auparavant, non transmis" in file.words
        assert "releve.pdf" in (await kim.open(f"{address}/pieces/releves-bac/apercu")).words
        assert f"{address}/pieces/releves-bac/apercu" in file.links
        assert f"{address}/pieces/cv" in file.links and f"{address}/pieces/releves-bac" not in file.links
