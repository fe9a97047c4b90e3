"""What can hardly be read in a file that is taken: too coarse, on its side, upside down."""

from __future__ import annotations

import io
from typing import Any, Final

import img2pdf
import pikepdf
import pytest
from PIL import ExifTags, Image, ImageDraw

from services.documents.usecases.inspection.findings import Notice, Noticed
from services.documents.usecases.inspection.legible import (
    FEW_TEXTS,
    READABLE_DPI,
    TURNED_LETTERS,
    of_pages,
)
from services.documents.usecases.inspection.pages import Page
from services.documents.usecases.inspection.tasks import inspect
from tests.unit.documents import files
from tests.unit.documents.kinds import KINDS

PIXELS: Final = 48_000_000
A4: Final = (595, 842)
"""In points, of which there are 72 to the inch."""
WORDS: Final = b"BT /F 12 Tf %s Tm 14 TL "


def sheet(width: int, height: int, **save: Any) -> bytes:
    """A photo of a sheet with something on it."""
    image = Image.new("L", (width, height), 235)
    ImageDraw.Draw(image).rectangle([width // 4, height // 4, width // 2, height // 2], fill=40)
    image.save(out := io.BytesIO(), "JPEG", **save)
    return out.getvalue()


def laid(photo: bytes, *, page: tuple[int, int] = A4, share: float = 1.0, content: bytes = b"", **said: Any) -> bytes:
    """A PDF of a page that shows the photo on this share of its height, and this content."""
    made = pikepdf.new()
    one = made.add_blank_page(page_size=page)
    with Image.open(io.BytesIO(photo)) as image:
        width, height = image.size
    stream = made.make_stream(photo)
    stream.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height, BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceGray, Filter=pikepdf.Name.DCTDecode, **said,
    )  # fmt: skip
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    one.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=stream), Font=pikepdf.Dictionary(F=font))
    across, up = page
    drawn = f"q {across} 0 0 {up * share} 0 0 cm /I Do Q\n"
    one.obj.Contents = made.make_stream(drawn.encode() + content)
    return files.saved(made)


def written(matrix: bytes = b"1 0 0 1 60 700", *, rotate: int = 0, letters: int = 200, upright: int = 0) -> bytes:
    """A PDF of a page of so many letters laid so, and some that stand upright, which the page is turned by."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=A4)
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    content = WORDS % matrix + b"(" + b"n" * letters + b") ' ET " + WORDS % b"1 0 0 1 60 60" + b"(" + b"u" * upright
    page.obj.Contents = made.make_stream(content + b") ' ET")
    if rotate:
        page.obj.Rotate = rotate
    return files.saved(made)


def noticed(content: bytes, media_type: str = "application/pdf") -> tuple[Noticed, ...]:
    verdict = inspect(content, media_type, PIXELS)
    assert verdict.finding is None
    return verdict.warnings


@pytest.mark.parametrize("name", KINDS)
def test_documents_as_they_are_made_today_are_read_without_a_word(name: str) -> None:
    media_type = "image/jpeg" if name.startswith("photo") else "image/png" if name.startswith("picture") else None
    assert noticed(KINDS[name], media_type or "application/pdf") == ()


@pytest.mark.parametrize(
    ("width", "height", "dpi"),
    [
        (596, 843, None),
        (595, 841, 71),
        (331, 468, 40),
        (842, 596, None),
        (300, 2000, None),
    ],
    ids=["at the limit", "one pixel less", "40 dpi", "lying", "a strip of a till"],
)
def test_a_photo_is_measured_as_the_sheet_of_a4_that_it_may_show(width: int, height: int, dpi: int | None) -> None:
    assert noticed(sheet(width, height), "image/jpeg") == (() if dpi is None else (Noticed(Notice.COARSE, dpi=dpi),))


@pytest.mark.parametrize(
    ("content", "dpi"),
    [
        (laid(sheet(595, 842)), None),
        (laid(sheet(594, 841)), 71),
        (laid(sheet(331, 468)), 40),
        (laid(sheet(842, 595), page=(842, 595)), None),
        (laid(sheet(1200, 1600), page=(1200, 1600)), None),
        (laid(sheet(331, 468), page=(331, 468)), None),
        (laid(sheet(240, 150), page=(243, 153)), 70),
    ],
    ids=["at the limit", "one less", "40 dpi", "lying", "a point for each pixel", "small as a card", "a coarse card"],
)
def test_a_scan_is_measured_on_its_page_and_a_larger_page_as_a4(content: bytes, dpi: int | None) -> None:
    expected = () if dpi is None else (Noticed(Notice.COARSE, 1, dpi),)
    assert noticed(content) == expected


@pytest.mark.parametrize(("share", "coarse"), [(0.6, True), (0.59, False)])
def test_only_what_fills_the_page_is_what_it_shows(share: float, coarse: bool) -> None:
    assert bool(noticed(laid(sheet(200, 200), share=share))) == coarse


@pytest.mark.parametrize(
    ("texts", "mode", "coarse"), [(FEW_TEXTS, 0, True), (FEW_TEXTS + 1, 0, False), (FEW_TEXTS + 1, 3, True)]
)
def test_a_picture_below_words_that_one_sees_is_no_scan(texts: int, mode: int, coarse: bool) -> None:
    words = b"".join(b"BT /F 9 Tf %d Tr 1 0 0 1 60 %d Tm (mot) Tj ET\n" % (mode, 60 + 20 * n) for n in range(texts))
    assert bool(noticed(laid(sheet(331, 468), content=words))) == coarse


def test_a_coarse_picture_of_the_paper_below_fine_letters_is_fine() -> None:
    made = pikepdf.open(io.BytesIO(laid(sheet(150, 210))))
    mask = made.make_stream(b"\xf0" * (156 * 1754))
    mask.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, ImageMask=True, Width=1248, Height=1754,
        BitsPerComponent=1,
    )  # fmt: skip
    made.pages[0].obj.Resources.XObject.I.Mask = mask
    assert noticed(files.saved(made)) == ()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("matrix", "turned"),
    [(b"1 0 0 1 60 700", 0), (b"0 -1 1 0 60 800", 90), (b"-1 0 0 -1 500 300", 180), (b"0 1 -1 0 400 20", 270)],
)
def test_letters_and_the_turn_of_the_page_tell_which_way_up_it_is(matrix: bytes, turned: int, rotate: int) -> None:
    expected: tuple[Noticed, ...] = ()
    match (turned + rotate) % 360:
        case 0:
            pass
        case 180:
            expected = (Noticed(Notice.UPSIDE_DOWN, 1),)
        case _:
            expected = (Noticed(Notice.SIDEWAYS, 1),)
    assert noticed(written(matrix, rotate=rotate)) == expected


@pytest.mark.parametrize(
    ("letters", "upright", "turned"),
    [
        (TURNED_LETTERS + 1, 0, True),
        (TURNED_LETTERS, 0, False),
        (91, 11, True),
        (91, 12, False),
    ],
    ids=["enough", "one too few", "nine of ten", "less"],
)
def test_it_takes_enough_letters_that_run_one_way(letters: int, upright: int, turned: bool) -> None:
    """One less counts than there are: a letter is told by the next one."""
    assert bool(noticed(written(b"-1 0 0 -1 580 300", letters=letters, upright=upright))) == turned


def test_letters_of_a_form_tell_it_on_a_page_without_fonts_of_its_own() -> None:
    with pikepdf.open(io.BytesIO(written(b"-1 0 0 -1 500 700"))) as pdf:
        page = pdf.pages[0].obj
        form = pdf.make_stream(page.Contents.read_bytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form,
                               BBox=[0, 0, *A4], Resources=page.Resources)  # fmt: skip
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fx=form))
        page.Contents = pdf.make_stream(b"/Fx Do")
        assert noticed(files.saved(pdf)) == (Noticed(Notice.UPSIDE_DOWN, 1),)


def held(orientation: int) -> bytes:
    """A photo of a phone that was held otherwise than its sensor."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return sheet(1200, 1600, exif=exif)


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [(1, None), (3, Notice.UPSIDE_DOWN), (6, Notice.SIDEWAYS), (8, Notice.SIDEWAYS), (2, None)],
)
def test_a_photo_laid_on_a_page_as_the_sensor_saw_it_is_told_of(orientation: int, expected: Notice | None) -> None:
    assert noticed(laid(held(orientation))) == (() if expected is None else (Noticed(expected, 1),))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_is_upright_where_a_program_has_turned_its_page(orientation: int) -> None:
    assert noticed(img2pdf.convert([held(orientation)]) or b"") == ()


def test_a_photo_that_is_no_pdf_is_turned_by_whoever_shows_it() -> None:
    assert noticed(held(6), "image/jpeg") == ()


def test_each_page_has_its_own_word() -> None:
    made = pikepdf.open(io.BytesIO(written()))
    for more in (written(rotate=180), laid(sheet(331, 468)), written(rotate=90)):
        made.pages.extend(pikepdf.open(io.BytesIO(more)).pages)
    assert [(each.notice.value, each.page, each.dpi) for each in noticed(files.saved(made))] == [
        ("page-upside-down", 2, None),
        ("low-resolution", 3, 40),
        ("page-sideways", 4, None),
    ]


def test_the_limit_is_one_pixel_for_each_point() -> None:
    assert READABLE_DPI == 72


@pytest.mark.parametrize(("contents", "turned"), [(2**20 - 1, True), (2**20, False)])
def test_a_drawing_is_not_opened_for_what_stands_in_the_way_of_nothing(contents: int, turned: bool) -> None:
    """Nothing ends that before it is done, and a quick look at a file has a second."""
    found = of_pages(written(b"0 1 -1 0 300 60"), [Page(1, content=contents)])
    assert [each.notice for each in found] == [Notice.SIDEWAYS] * turned
