"""Files that come in by a form, beside their pieces: taken whole or refused there, and nothing else is lost."""

from __future__ import annotations

import asyncio
import re

import pytest

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.operations.test_model_files import filled
from tests.service.portal.applications.applying import (
    MER,
    SOLAIRE,
    WITH_MODELS,
    apply,
    form_of,
    give,
    somebody,
)
from tests.service.portal.applications.uploading import Uploader, multipart
from tests.unit.documents.files import heic
from tests.unit.documents.files import pdf as pdf_of_pages
from tests.unit.documents.test_legible import sheet, written

LIMIT = 2 * 2**20
ODD_NAMES = (
    "Relevé d’été n° 2.pdf",
    'mes "notes"; v2; fin.pdf',
    "été\N{COMBINING ACUTE ACCENT} – 成績.pdf",
    "a'b%41.pdf",
)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def uploads(suite: Suite) -> int:
    """How many documents have been stored, by all."""
    return await suite.service("documents").service.ports.store.count("documents", {})


async def test_a_file_is_given_looked_at_and_taken_out_under_its_name(zoe: Uploader) -> None:
    """Acceptance 51, 59: it comes back byte for byte as an attachment, and never as a page of ours."""
    page = await apply(zoe)
    for name in ODD_NAMES:
        content = pdf()
        page = await give(zoe, page, "cv", content, name)
        assert name in page.words
        assert "La page 1 est vide" in page.words
        assert "Votre candidature, elle, ne part qu’avec « Transmettre ma candidature »" in page.words
        kept = await zoe.take(f"{page.address}/pieces/cv/fichier")
        assert kept.content == content
        assert kept.headers["Content-Type"] == "application/pdf"
        assert kept.headers["X-Content-Type-Options"] == "nosniff"
        assert kept.filename == name
        page = await zoe.send(form_of(page, "/pieces/cv/retrait"))
        assert name not in page.words
        assert "Votre candidature, elle" not in page.words
    assert (await zoe.open(f"{page.address}/pieces/cv/fichier")).status == 404


async def test_what_can_hardly_be_read_is_said_at_its_piece_for_as_long_as_it_is_there(zoe: Uploader) -> None:
    page = await apply(zoe)
    page = await give(zoe, page, "cv", written(rotate=90))
    for again in (page, await zoe.open(page.address)):
        assert again.words.count("La page 1 semble couchée sur le côté.") == 1
    assert "Page 1 seems to lie on its side." in (await zoe.open(f"{page.address}?lang=en")).words
    page = await zoe.send(form_of(await zoe.open(f"{page.address}?lang=fr"), "/pieces/cv/retrait"))
    assert "semble couchée" not in page.words
    coarse = [(f"{number}.jpg", sheet(330 + number, 468), "image/jpeg") for number in range(2)]
    page = await zoe.send_files(form_of(page, "/pieces/cv"), *coarse)
    assert page.words.count("est peu lisible") == 2, "each page of what was made of photos, once"


async def test_the_pages_of_a_file_are_seen_by_whose_it_is(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 51, 52, 62: as pictures on a page of their own, from which the file can be kept."""
    page = await apply(zoe)
    here = f"{page.address}/pieces/cv"
    assert (await zoe.open(f"{here}/apercu")).status == 404
    page = await give(zoe, page, "cv", pdf_of_pages(22), "cv d’été.pdf")
    assert {f"{here}/apercu", f"{here}/fichier"} <= set(page.links)
    shown = await zoe.open(f"{here}/apercu")
    assert shown.heading == "Curriculum vitaecv d’été.pdf" and f"{here}/fichier" in shown.links
    assert re.findall(r'<img src="([^"]+)" alt="([^"]+)"', shown.html) == [
        (f"{here}/apercu/{number}", f"Page {number}") for number in range(1, 21)
    ]
    assert "Les 20 premières pages sur 22 sont affichées ici" in shown.words
    picture = await zoe.take(f"{here}/apercu/20")
    assert (picture.status, picture.content[:3], picture.headers["Cache-Control"]) == (200, b"\xff\xd8\xff", "no-store")
    assert (await zoe.open(f"{here}/apercu/23")).status == 409
    async with somebody(suite) as adam:
        assert [(await adam.open(f"{here}/apercu{end}")).status for end in ("", "/1")] == [404, 404]


async def test_a_piece_takes_one_file_and_the_button_pressed_twice_gives_one(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 50, 120."""
    page, before = await apply(zoe), await uploads(suite)
    empty, content = form_of(page, "/pieces/cv"), pdf()
    both = await asyncio.gather(*(zoe.send_file(empty, "cv.pdf", content) for _ in range(2)))
    assert [page.status for page in both] == [200, 200]
    assert await uploads(suite) == before + 1
    other = await zoe.send_file(empty, "other.pdf", pdf())
    assert other.status == 409
    assert "Un fichier est déjà déposé pour cette pièce" in other.words
    assert "cv.pdf" in other.words
    page = await give(zoe, page, "lettre-motivation", content, "the same.pdf")
    page = await zoe.send(form_of(page, "/pieces/cv/retrait"))
    assert "the same.pdf" in page.words
    assert (await zoe.take(f"{page.address}/pieces/lettre-motivation/fichier")).content == content


async def test_the_same_file_in_two_pieces_is_taken_and_said(zoe: Uploader) -> None:
    """Acceptance 120: beside both, for as long as it lies in both."""
    page, content = await apply(zoe), pdf()
    page = await give(zoe, page, "cv", content)
    assert "C’est le même fichier" not in page.words
    page = await give(zoe, page, "lettre-motivation", content)
    assert page.words.count("C’est le même fichier que pour") == 2
    page = await zoe.send(form_of(await zoe.open(page.address), "/pieces/cv/retrait"))
    assert "C’est le même fichier" not in page.words


async def test_a_file_may_be_as_large_as_its_piece_takes_and_no_byte_larger(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 48: at the limit and one past it, whether or not the browser says how much comes."""
    refused = page = await apply(zoe)
    before = await uploads(suite)
    for chunked in (False, True):
        refused = await give(zoe, page, "cv", pdf(LIMIT + 1), chunked=chunked)
        assert refused.status == 413
        assert "un fichier peut faire 2" in refused.words
        assert 'href="#piece-cv"' in refused.html
    endless = await give(zoe, page, "cv", b"x" * 3 * LIMIT)
    assert endless.status == 413
    assert await uploads(suite) == before
    page = await give(zoe, refused, "cv", pdf(LIMIT))
    assert page.status == 200
    assert await uploads(suite) == before + 1


async def test_what_is_wrong_with_a_file_stands_beside_its_piece_in_the_words_of_the_api(zoe: Uploader) -> None:
    """Acceptance 49; product, section 5."""
    page = await apply(zoe)
    refused = page = await give(zoe, page, "releves-bac", pdf(), "kept.pdf")
    for content, status, words in (
        (b"PK\x03\x04 no document", 415, "un des formats acceptés (PDF et JPEG)"),
        (heic(), 415, "HEIC, qui n’est pas accepté ici. Formats acceptés : PDF ou JPEG."),
        (b"%PDF-1.4\n1 0 obj<<", 422, "ne peut pas être lue"),
        (b"", 422, "Le fichier ne contient rien"),
    ):
        refused = await give(zoe, page, "cv", content, "odd.docx", media_type="application/octet-stream")
        assert (refused.status, words in refused.words) == (status, True), refused.words
        assert 'id="piece-cv-error"' in refused.html
        assert "kept.pdf" in refused.words
    nothing = await give(zoe, page, "cv", b"", "")
    assert nothing.status == 422
    assert "Choisissez d’abord un fichier" in nothing.words
    assert (await give(zoe, refused, "cv", pdf())).status == 200
    reloaded = await zoe.open(f"{page.address}/pieces/cv")
    assert (reloaded.status, reloaded.address) == (200, page.address)


async def test_a_name_that_is_no_text_is_said_beside_its_piece(suite: Suite, zoe: Uploader) -> None:
    """Of odd letters of no UTF-8 nobody could say what the file is called."""
    page, before = await apply(zoe), await uploads(suite)
    for name in ("relev\udce9.pdf", "\udcff\udcfe"):
        refused = await give(zoe, page, "cv", pdf(), name)
        assert refused.status == 422
        assert "Le nom de ce fichier ne peut pas être lu" in refused.words
        assert 'id="piece-cv-error"' in refused.html
    assert await uploads(suite) == before
    assert (await give(zoe, page, "cv", pdf(), media_type="application/\udce9")).status == 200


async def test_an_address_with_marks_that_no_piece_has_leads_to_a_page(zoe: Uploader) -> None:
    page = await apply(zoe)
    for code in ("%00", "%0D%0Ax", "a%23b", "%FF", "é"):
        assert (await zoe.open(f"{page.address}/pieces/{code}")).address == page.address
        assert (await zoe.open(f"/candidatures/{code}/pieces/{code}")).status in (404, 422)


async def test_a_form_of_another_site_moves_no_byte(suite: Suite, zoe: Uploader) -> None:
    """The token is the first that is read: whatever comes before it is not."""
    page, before = await apply(zoe), await uploads(suite)
    form = form_of(page, "/pieces/cv")
    assert (await zoe.send_file(form, "cv.pdf", pdf(), site="cross-site")).status == 403
    assert (await zoe.send_file(form, "cv.pdf", pdf(), form_token="x" * 43)).status == 403
    late = {name: form.fields[name] for name in ("key", "form_token")}
    body, media_type = multipart(late, "cv.pdf", pdf())
    assert (await zoe.post(form.action, body, media_type)).status == 403
    body, media_type = multipart({}, "cv.pdf", pdf())
    assert (await zoe.post(form.action, body, media_type)).status == 403
    assert (await zoe.send(form, file="cv.pdf")).status == 403
    assert await uploads(suite) == before
    assert (await zoe.send_file(form, "cv.pdf", pdf(), site=None)).status == 200


async def test_a_form_that_is_cut_off_loses_nothing_else(suite: Suite, zoe: Uploader) -> None:
    page = await give(zoe, await apply(zoe), "releves-bac", pdf(), "kept.pdf")
    before = await uploads(suite)
    form = form_of(page, "/pieces/cv")
    body, media_type = multipart(form.fields, "cv.pdf", pdf(500))
    for end in (20, 150, 400, 900, -20):
        cut = await zoe.post(form.action, body[:end], media_type)
        assert cut.status in (400, 403), end
    for odd in (
        media_type.partition(";")[0],
        "multipart/form-data; boundary=" + "x" * 71,
        "multipart/mixed; boundary=x",
    ):
        assert (await zoe.post(form.action, body, odd)).status in (400, 403), odd
    assert await uploads(suite) == before
    page = await zoe.send_file(form, "cv.pdf", pdf())
    assert page.status == 200
    assert "kept.pdf" in page.words


async def test_a_broken_line_stores_nothing_and_the_same_form_can_be_sent_again(suite: Suite, zoe: Uploader) -> None:
    page, before = await apply(zoe), await uploads(suite)
    form = form_of(page, "/pieces/cv")
    body, media_type = multipart(form.fields, "cv.pdf", pdf(LIMIT))
    await zoe.hang_up(form.action, body[: len(body) // 2], len(body), media_type)
    page = await zoe.send_file(form, "cv.pdf", pdf())
    assert page.status == 200
    assert "cv.pdf" in page.words
    assert await uploads(suite) == before + 1


async def test_conditional_pieces_can_be_declared_not_to_apply_and_back(zoe: Uploader) -> None:
    """Acceptance 53."""
    page = await apply(zoe)
    away = form_of(page, "/pieces/attestation-b2/non-concerne")
    page = await zoe.send(away)
    assert "Non concerné" in page.words
    assert not [form for form in page.forms if form.action.endswith("/pieces/attestation-b2")]
    page = await zoe.send(form_of(page, "/pieces/attestation-b2/concerne"))
    assert "file" in form_of(page, "/pieces/attestation-b2").fields
    assert not [form for form in page.forms if form.action.endswith("/pieces/cv/non-concerne")]
    away.action = away.action.replace("attestation-b2", "cv")
    refused = await zoe.send(away)
    assert refused.status == 409
    assert "Seules les pièces conditionnelles" in refused.words


async def test_a_common_piece_that_is_given_already_is_offered_and_the_model_is_at_hand(zoe: Uploader) -> None:
    """Acceptance 52, 63: what is done to it there later changes nothing here."""
    there = await apply(zoe, SOLAIRE)
    there = await give(zoe, there, "cv", content := pdf(), "mon cv.pdf")
    here = await apply(zoe, WITH_MODELS)
    assert "Vous l’avez déjà fourni pour une autre candidature" in here.words
    (model,) = [link for link in here.links if link.endswith("dossier-complementaire.pdf")]
    form = filled((await zoe.take(model)).content)
    here = await give(zoe, here, "dossier-complementaire", form, "rempli.pdf")
    assert "rempli.pdf" in here.words and "La page 1" not in here.words
    here = await zoe.send(form_of(here, "/pieces/cv/reprise"))
    assert "mon cv.pdf" in here.words
    await zoe.send(form_of(there, "/pieces/cv/retrait"))
    assert (await zoe.take(f"{here.path}/pieces/cv/fichier")).content == content
    nothing = await zoe.open((await apply(zoe, MER)).path)
    assert nothing.status == 200
