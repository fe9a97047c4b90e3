"""Papers that were photographed page by page: chosen together in one form, they become one PDF in their piece."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from services.chassis.testing import Suite
from services.contracts.parameters import LARGEST_UPLOAD
from services.documents.domain.states import State
from services.portal.pages.applying.showing import MOST_FILES
from services.portal.paths import LARGEST_FORM
from tests.candidate import pdf
from tests.service.portal.applications.applying import MER, apply, form_of, give
from tests.service.portal.applications.uploading import Chosen, Uploader, multipart_of
from tests.service.portal.browser import Page
from tests.unit.documents import files

LIMIT = 2 * 2**20
RED: Chosen = ("IMG_1.JPG", files.photo("JPEG", 64, 48, "red", exif=files.where_taken()), "image/jpeg")
GREEN: Chosen = ("IMG_2.HEIC", files.photo("HEIF", 48, 64, "lime"), "image/heic")
BLUE: Chosen = ("IMG_3.png", files.photo("PNG", 64, 48, "blue"), "image/png")

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def stored(suite: Suite) -> int:
    """How many documents can be read, of all people."""
    return await suite.service("documents").service.ports.store.count("documents", {"state": State.STORED.value})


def plain(page: Page) -> str:
    """The words of a page, with ordinary blanks."""
    return " ".join(page.words.split())


async def colours(browser: Uploader, page: Page) -> Sequence[object]:
    """What the pages of the PDF in the piece show."""
    kept = await browser.take(f"{page.address}/pieces/cv/fichier")
    return [shown.getpixel((300, 300)) for shown in files.pages_of(kept.content)]


async def test_photos_and_pdfs_chosen_together_become_one_pdf_in_their_order(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 49, 60: HEIC too; each of the photos may be larger than the piece takes."""
    page = await apply(zoe, MER)
    large: Chosen = ("IMG_0.png", files.png_of_noise(900, 900), "image/png")
    assert len(large[1]) > LIMIT
    form = form_of(page, "/pieces/cv")
    page = await zoe.send_files(form, large, RED, GREEN, BLUE)
    assert "IMG_0.pdf" in page.words
    assert (await colours(zoe, page))[1:] == [(254, 0, 0), (0, 255, 1), (0, 0, 254)]
    page = await zoe.send(form_of(page, "/pieces/cv/retrait"))
    page = await zoe.send_files(form_of(page, "/pieces/cv"), ("scan.pdf", files.pdf(2), "application/pdf"), BLUE)
    assert "scan.pdf" in page.words
    assert len(await colours(zoe, page)) == 3


async def test_one_photo_is_kept_as_it_is_unless_the_piece_would_not_take_it(zoe: Uploader) -> None:
    """Acceptance 49: HEIC as a photo to be converted, and what is larger than the piece takes likewise."""
    page = await zoe.send_files(form_of(await apply(zoe), "/pieces/cv"), RED)
    assert (await zoe.take(f"{page.address}/pieces/cv/fichier")).content == RED[1]
    for alone in (GREEN, ("photo.heif", GREEN[1], "application/octet-stream")):
        page = await zoe.send(form_of(page, "/pieces/cv/retrait"))
        page = await zoe.send_files(form_of(page, "/pieces/cv"), alone)
        assert await colours(zoe, page) == [(0, 255, 1)]
    page = await zoe.send(form_of(page, "/pieces/cv/retrait"))
    page = await zoe.send_files(form_of(page, "/pieces/cv"), ("big.png", files.png_of_noise(900, 900), "image/png"))
    assert "big.pdf" in page.words


async def test_the_button_pressed_twice_gives_one_pdf(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 120: at the same time, and once more afterwards."""
    page, before = await apply(zoe), await stored(suite)
    form = form_of(page, "/pieces/cv")
    both = await asyncio.gather(*(zoe.send_files(form, GREEN, RED, BLUE) for _ in range(2)))
    again = await zoe.send_files(form, GREEN, RED, BLUE)
    assert [page.status for page in (*both, again)] == [200, 200, 200], [page.words for page in both]
    assert await stored(suite) == before + 1


async def test_a_file_of_the_wrong_kind_is_named_and_the_others_need_not_be_taken_in_again(
    suite: Suite, zoe: Uploader
) -> None:
    """Acceptance 49: in the words of the API; the choice that is mended is sent by the form that answers."""
    page = await give(zoe, await apply(zoe), "releves-bac", pdf(), "kept.pdf")
    before = await stored(suite)
    wrong: Chosen = ("notes d’été.docx", b"PK\x03\x04 no document", "application/octet-stream")
    refused = await zoe.send_files(form_of(page, "/pieces/cv"), GREEN, RED, wrong, BLUE)
    assert refused.status == 415
    assert "« notes d’été.docx » : Ce type de fichier n’est pas accepté" in plain(refused)
    assert 'id="piece-cv-error"' in refused.html
    assert "kept.pdf" in refused.words
    page = await zoe.send_files(form_of(refused, "/pieces/cv"), GREEN, RED, BLUE)
    assert page.status == 200
    assert await colours(zoe, page) == [(0, 255, 1), (254, 0, 0), (0, 0, 254)]
    assert await stored(suite) == before + 1


async def test_as_many_files_as_one_form_may_have_and_no_more(suite: Suite, zoe: Uploader) -> None:
    """At the limit and one past it, in number and in bytes; who tries again and again fills nothing up."""
    page = await apply(zoe)
    tiny: Chosen = ("p.png", files.photo("PNG", 8, 8, "blue"), "image/png")
    refused = await zoe.send_files(form_of(page, "/pieces/cv"), *[tiny] * (MOST_FILES + 1))
    assert refused.status == 422
    assert f"Un PDF se fait de {MOST_FILES} photos ou fichiers au plus" in plain(refused)
    there = await stored(suite)
    refused = await zoe.send_files(form_of(refused, "/pieces/cv"), *[tiny] * (MOST_FILES + 1))
    assert (refused.status, await stored(suite)) == (422, there)
    page = await zoe.send_files(form_of(refused, "/pieces/cv"), *[tiny] * MOST_FILES)
    assert len(await colours(zoe, page)) == MOST_FILES
    form = form_of(page, "/pieces/releves-bac")
    for more, status, chunked in ((1, 413, True), (1, 413, False), (0, 200, False)):
        sizes = (len(RED[1]), LARGEST_UPLOAD, LARGEST_UPLOAD, LARGEST_FORM - 2 * LARGEST_UPLOAD - len(RED[1]) + more)
        large: list[Chosen] = [(RED[0], RED[1].ljust(size, b"\0"), RED[2]) for size in sizes]
        page = await zoe.post(form.action, *multipart_of(form.fields, large), chunked=chunked)
        assert page.status == status, (more, plain(page))
        assert ("pèsent ensemble plus de 50 Mo" in plain(page)) == bool(more)
