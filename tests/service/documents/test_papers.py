"""Receipts as PDF: what they say, in whose language, to whom; and what their code leads to."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from services.chassis.context import Actor
from services.chassis.testing import Suite
from services.contracts.events.accounts import AccountErased
from services.contracts.refusals import BUSY, NOT_FOUND, RefusedError
from services.documents.repository.documents import CARDS, FILES
from services.documents.usecases.papers import receipt
from services.documents.wiring import use_cases
from tests.parameters import hear
from tests.service.documents.client import paper, tell, words
from tests.service.documents.given import APPLICATION, SUBMISSION, card, changed, submitted


async def test_the_receipt_says_what_was_submitted_where_and_when(suite: Suite) -> None:
    await hear(suite, {"institution.name": "Université de l’Été"})
    await tell(suite, changed(submission=submitted()))
    status, pdf, headers = await paper(suite)
    assert status == 200
    assert (headers["Content-Type"], headers["Content-Length"]) == ("application/pdf", str(len(pdf)))
    assert headers["Content-Disposition"].startswith("attachment;")
    said = words(pdf)
    for told in (
        "Université de l’Été",
        "Accusé de réception",
        "Sciences de la mer",
        "AB12CD34",
        "1er février 2027 à 12 h 00 (heure de Paris)",
        "Relevé de notes",
        "relevé d’été #2.pdf",
        SUBMISSION.receipt_sha256[:16],
        "Pourquoi ce master ?",
        "le *littoral*.",
        "Projet professionnel",
    ):
        assert told in said, told
    assert 'filename="accuse-de-reception-AB12CD34-M1-MER.pdf"' in headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.docinfo["/CreationDate"]).startswith("D:20270201110000")
    assert "Müller" not in said


async def test_the_code_on_the_page_is_the_address_below_it(suite: Suite) -> None:
    await tell(suite, changed(submission=submitted()))
    _, pdf, _ = await paper(suite)
    address = f"{suite.host.settings.base_url}/recu/{SUBMISSION.id}"
    (page,) = pypdfium2.PdfDocument(pdf)
    (code,) = zxingcpp.read_barcodes(
        page.render(scale=2).to_pil(), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    assert code.text == address
    assert address in words(pdf).replace(" ", "")


async def test_the_receipt_is_in_the_persons_language_and_readable_without_eyes(suite: Suite) -> None:
    await tell(suite, changed(submission=submitted()))
    _, pdf, headers = await paper(suite, language="en")
    assert headers["Content-Language"] == "en"
    assert "Marine science" in words(pdf) and "Submitted on" in words(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert opened.Root.Lang == "en"
        assert "/StructTreeRoot" in opened.Root
        fonts = [font for page in opened.pages for font in page.Resources.Font.values()]
        assert fonts and all(
            font.DescendantFonts[0].FontDescriptor.keys() & {"/FontFile2", "/FontFile3"} for font in fonts
        )


async def test_what_people_write_is_never_markup(suite: Suite) -> None:
    """A file may be called as it likes, and a programme too."""
    name = '#eval("1") $x^2$ *gras* \\ //.pdf'
    await tell(suite, changed(submission=submitted(filename=name)))
    status, pdf, _ = await paper(suite)
    assert status == 200
    assert name in words(pdf)


async def test_a_receipt_is_its_owners_and_there_once_there_was_a_submission(suite: Suite) -> None:
    """Acceptance 62."""
    assert (await paper(suite))[0] == 404
    await tell(suite, changed())
    assert (await paper(suite))[0] == 409
    await tell(suite, changed(submission=submitted()), changed(state="incomplete"))
    assert (await paper(suite))[0] == 200
    assert (await paper(suite, account="eve"))[0] == 404


async def test_nothing_is_kept_of_who_is_gone_whatever_is_told_afterwards(suite: Suite) -> None:
    await suite.publish(card(), "accounts")
    await tell(suite, changed(submission=submitted()))
    await suite.publish(AccountErased(account="ann", campaign="2027"), "accounts")
    await suite.settle()
    await suite.publish(changed(application="0" * 26), "applications")
    await suite.publish(card(version=9), "accounts")
    await suite.settle()
    store = suite.service("documents").service.ports.store
    kept: list[Mapping[str, Any]] = [
        row for collection in (FILES, CARDS) for row in await store.find(collection.name, {}, limit=10)
    ]
    assert len(kept) == 3
    assert all(row.keys() == {"_id", "version", "erased"} for row in kept)
    assert (await paper(suite))[0] == 404


async def test_who_asks_for_too_many_papers_is_asked_to_come_back(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the bound of places, and one past it; a place is given back by who has read a paper, or will not."""
    monkeypatch.setenv("PARVIS_DOCUMENTS_PAPERS_AT_ONCE", "1")
    await tell(suite, changed(submission=submitted()))
    app = use_cases(suite.service("documents").service.ports)
    async with app.inspectors.open():
        unread = await receipt(app, Actor("ann"), APPLICATION, "fr", None)
        with pytest.raises(RefusedError) as refused:
            await receipt(app, Actor("eve"), APPLICATION, "fr", None)
        assert (refused.value.slug, bool(refused.value.retry_after)) == (BUSY, True)
        await unread.chunks.aclose()
        read = await receipt(app, Actor("ann"), APPLICATION, "fr", None)
        assert sum([len(chunk) async for chunk in read.chunks]) == read.size
        with pytest.raises(RefusedError) as unknown:
            await receipt(app, Actor("eve"), APPLICATION, "fr", None)
        assert unknown.value.slug == NOT_FOUND
        assert app.paper_places.taken == 0
