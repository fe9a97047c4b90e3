"""Files that a script sends in pieces: announced, sent, and put into their piece as by the form that brings them along."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import apply, form_of, somebody
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Form, Page
from tests.unit.documents import files

LIMIT = 2 * 2**20

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def announce(
    browser: Uploader, form: Form, content: bytes, name: str = "cv.pdf", *, number: int = 0, count: int = 1, **more: Any
) -> tuple[int, dict[str, Any]]:
    """Tell of a file; answer status and what the script reads."""
    fields = {name: value for name, value in form.fields.items() if name != "file"} | {
        "name": name,
        "type": "application/pdf",
        "size": len(content),
        "all": len(content),
        "number": number,
        "count": count,
        "modified": 1,
        **more,
    }
    return await browser.speak("POST", f"{form.action}/envois", fields)


async def send(browser: Uploader, form: Form, id: str, offset: int, content: bytes) -> tuple[int, dict[str, Any]]:
    """Send a piece of it."""
    headers = {"Upload-Offset": str(offset), "X-Form-Token": form.fields["form_token"]}
    return await browser.speak("PATCH", f"{form.action}/envois/{id}", content, **headers)


async def deposit(browser: Uploader, form: Form, *sent: tuple[str, str, int]) -> Page:
    """Put what was sent into its piece."""
    fields = [(name, value) for name, value in form.fields.items() if name != "file"]
    fields += [field for id, name, size in sent for field in (("upload", id), ("name", name), ("size", f"{size}"))]
    return await browser.press_with(f"{form.action}/envois/depot", fields)


async def test_a_file_goes_on_where_it_was_cut_off_and_lands_in_its_piece(zoe: Uploader) -> None:
    """Acceptance 51, 59: byte for byte, under its name; the button pressed twice gives one."""
    page = await apply(zoe)
    form, content = form_of(page, "/pieces/cv"), pdf(300_000)
    status, told = await announce(zoe, form, content, "Relevé d’été.pdf")
    assert (status, told["offset"]) == (200, 0)
    assert await send(zoe, form, told["id"], 0, content[:100_000]) == (200, told | {"offset": 100_000})
    assert (await send(zoe, form, told["id"], 0, content))[0] == 409
    assert await announce(zoe, form, content, "Relevé d’été.pdf") == (200, told | {"offset": 100_000})
    assert (await announce(zoe, form, content, "Relevé d’été.pdf", modified=2))[1]["id"] != told["id"]
    assert (await send(zoe, form, told["id"], 100_000, content[100_000:]))[0] == 200
    for _ in range(2):
        page = await deposit(zoe, form, (told["id"], "Relevé d’été.pdf", len(content)))
        assert page.status == 200
        kept = await zoe.take(f"{page.address}/pieces/cv/fichier")
        assert (kept.content, kept.filename) == (content, "Relevé d’été.pdf")


async def test_photos_that_were_sent_one_by_one_become_one_pdf(zoe: Uploader) -> None:
    """Acceptance 60."""
    form = form_of(await apply(zoe), "/pieces/cv")
    photos = [files.photo("JPEG", 480, 640, colour) for colour in ("white", "ivory")]
    sent = []
    for number, photo in enumerate(photos):
        about: dict[str, Any] = {"number": number, "count": 2, "type": "image/jpeg"}
        _, told = await announce(zoe, form, photo, f"{number}.jpg", **about)
        assert (await send(zoe, form, told["id"], 0, photo))[0] == 200
        sent.append((told["id"], f"{number}.jpg", len(photo)))
    page = await deposit(zoe, form, *sent)
    kept = await zoe.take(f"{page.address}/pieces/cv/fichier")
    assert kept.content.startswith(b"%PDF-")
    assert kept.filename == "0.pdf"


async def test_what_is_wrong_is_said_before_a_byte_is_sent_or_beside_the_piece(zoe: Uploader) -> None:
    form = form_of(await apply(zoe), "/pieces/cv")
    status, told = await announce(zoe, form, b"x", size=LIMIT + 1)
    assert status == 413
    assert "cv.pdf" in told["why"]
    assert "2 Mo" in told["why"].replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\xa0", " ")
    assert (await announce(zoe, form, b"x", size=LIMIT))[0] == 200
    assert (await announce(zoe, form, b"x", count=31))[0] == 422
    assert (await announce(zoe, form, b"x", size="-1"))[0] == 400
    content = files.encrypted_pdf() + bytes(100_000)
    _, told = await announce(zoe, form, content)
    await send(zoe, form, told["id"], 0, content)
    page = await deposit(zoe, form, (told["id"], "cv.pdf", len(content)))
    assert page.status == 422
    assert "cv.pdf" in page.words
    assert (await deposit(zoe, form)).status == 422
    assert (await deposit(zoe, form, ("0" * 26, "cv.pdf", 1))).status == 404


async def test_no_other_page_and_no_other_person_goes_on_with_it(suite: Suite, zoe: Uploader) -> None:
    form, content = form_of(await apply(zoe), "/pieces/cv"), pdf(100_000)
    _, told = await announce(zoe, form, content)
    forged = Form(form.action, form.fields | {"form_token": "x" * 43})
    assert (await announce(zoe, forged, content))[0] == 403
    assert (await send(zoe, forged, told["id"], 0, content))[0] == 403
    assert (await deposit(zoe, forged, (told["id"], "cv.pdf", len(content)))).status == 403
    async with somebody(suite) as other:
        own = form_of(await apply(other), "/pieces/cv")
        assert (await send(other, own, told["id"], 0, content))[0] == 404
        page = await deposit(other, own, (told["id"], "cv.pdf", 0))
        assert page.status == 404
    assert (await announce(zoe, form, content))[1]["offset"] == 0
