"""One PDF of several photos and PDFs: in order, small enough, the same each time, and silent about its making."""

from __future__ import annotations

import io
from typing import Final

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from services.documents.usecases.inspection.assembling import STEPS, Part, assemble
from services.documents.usecases.inspection.findings import Finding
from services.documents.usecases.inspection.tasks import inspect
from tests.unit.documents import files

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
MAX: Final = 5 * 2**20


def made_of(*parts: Part, max_bytes: int = MAX) -> bytes:
    verdict = assemble(parts, max_bytes)
    assert verdict.finding is None
    assert len(verdict.made) <= max_bytes
    assert inspect(verdict.made, PDF, 60_000_000).finding is None
    return verdict.made


def pictures(pdf: bytes) -> list[tuple[int, int]]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        drawn = [image for page in opened.pages for image in page.obj.Resources.XObject.as_dict().values()]
        return [(int(image.Width), int(image.Height)) for image in drawn]


def test_photos_and_pdfs_become_one_pdf_in_their_order() -> None:
    """Acceptance 60."""
    parts = [
        Part(files.photo("JPEG", 64, 48, "red"), JPEG, is_ready=True),
        Part(files.pdf(2), PDF),
        Part(files.photo("PNG", 48, 64, "lime"), "image/png"),
    ]
    pages = files.pages_of(made_of(*parts))
    assert [max(page.size) for page in pages] == [794, 792, 792, 794]
    assert pages[0].getpixel((400, 300)) == (254, 0, 0)
    assert pages[3].getpixel((300, 400)) == (0, 255, 1)
    assert pages[3].height > pages[3].width


def test_the_same_parts_give_the_same_bytes() -> None:
    parts = [Part(files.photo("JPEG"), JPEG, is_ready=True), Part(files.filled_form("Durand"), PDF)]
    assert made_of(*parts) == made_of(*parts)


def test_photos_are_sized_down_to_the_limit_and_no_further_than_can_be_read() -> None:
    """Acceptance 60: as little as is needed; what cannot fit is refused."""
    photos = [Part(files.jpeg(1100, 1000, quality=85), JPEG, is_ready=True)] * 2
    whole = made_of(*photos, max_bytes=100 * MAX)
    assert made_of(*photos, max_bytes=len(whole)) == whole
    least, next = whole, assemble(photos, len(whole) - 1)
    while next.finding is None:
        assert len(next.made) < len(least)
        least, next = next.made, assemble(photos, len(next.made) - 1)
    assert next.finding is Finding.UNFIT
    assert pictures(whole) == [(1100, 1000)] * 2
    assert {min(size) for size in pictures(least)} == {STEPS[-1][0]}


def test_pdfs_that_do_not_fit_are_refused_without_a_look_at_the_photos() -> None:
    parts = [Part(files.pdf_of(9000), PDF), Part(b"no photo at all", JPEG, is_ready=True)]
    assert assemble(parts, 8000).finding is Finding.UNFIT


def test_a_panorama_keeps_its_shape_within_what_readers_show() -> None:
    with pikepdf.open(io.BytesIO(made_of(Part(files.photo("JPEG", 40_000, 500), JPEG, is_ready=True)))) as pdf:
        (page,) = pdf.pages
        assert [float(side) for side in page.mediabox] == pytest.approx([0, 0, 14_400, 180], abs=0.1)


def test_two_copies_of_one_form_keep_what_was_filled_in() -> None:
    """Acceptance 52: values are seen, also where two copies of one model are put together."""
    forms = [Part(files.filled_form(name), PDF) for name in ("Durand", "Martin")]
    made = made_of(*forms)
    texts = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made)]
    assert [text.strip() for text in texts] == ["Durand", "Martin"]


def test_nothing_of_where_a_photo_was_taken_is_left_in_the_pdf() -> None:
    """Neither of a photo, nor of one that an app has put into a PDF as it was."""
    taken = files.photo("JPEG", exif=files.where_taken(), comment=b"Clermont")

    def scan(made: pikepdf.Pdf) -> None:
        picture = made.make_stream(taken)
        picture.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=64, Height=48, BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceRGB, Filter=pikepdf.Name.DCTDecode,
            Metadata=made.make_stream(b"<x:xmpmeta>Clermont</x:xmpmeta>"),
        )  # fmt: skip
        made.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        made.pages[0].obj.Contents = made.make_stream(b"q 100 0 0 100 0 0 cm /I Do Q")
        made.docinfo["/Author"] = "Clermont"

    made = made_of(Part(taken, JPEG), Part(files.pdf_with(scan, compress_streams=False), PDF))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert pdf.Root.keys() == {"/Type", "/Pages"}
        assert "/Info" not in pdf.trailer
        everything = [object.read_raw_bytes() for object in pdf.objects if isinstance(object, pikepdf.Stream)]
    assert not [content for content in [made, *everything] if b"Exif" in content or b"Clermont" in content]
    assert len(pictures(made)) == 2
    with Image.open(io.BytesIO(taken)) as before:
        assert before.getexif()
