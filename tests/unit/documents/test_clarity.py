"""What a scan shows, which has no letters: that nothing stands out on it, or that it lies on its side."""

from __future__ import annotations

import functools
import io
import random
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
import pytest
import typst
from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFilter

from services.chassis.texts.warning_words import warning_text
from services.documents.usecases.inspection.clarity import MOST_PIXELS, SIDE, Runs, Scans, is_unclear, runs
from services.documents.usecases.inspection.findings import Notice, Noticed
from services.documents.usecases.inspection.legible import FEW_STROKES, of_pages
from services.documents.usecases.inspection.pages import PHOTOS_KEPT, check_pages
from services.documents.usecases.inspection.tasks import inspect
from tests.unit.documents.test_legible import PIXELS, laid, noticed

WORDS = (
    "Le candidat a suivi avec assiduité les enseignements de la formation, et obtenu des résultats très satisfaisants. "
)
GRADES = ",".join(f"[UE {row}],[Matière numéro {row} de l’année],[{row % 20}.5],[{row % 6} ECTS]" for row in range(28))
FIGURES = ",".join(f"[{cell * 7 % 20}]" for cell in range(240))
LAYOUTS = {
    "letter": f"#align(right)[Perpignan]\n\n{(WORDS * 4 + chr(10) * 2) * 5}",
    "transcript": f"= Relevé de notes\n#table(columns: (1fr, 3fr, 1fr, 1fr), {GRADES})",
    "figures": f"= Relevé\n#table(columns: 8, {FIGURES})",
    "certificate": "#v(5cm)\n#align(center)[#text(28pt)[Attestation]\n\nZoé Müller est inscrite en licence.]",
}


@functools.cache
def scan(layout: str = "letter") -> Image.Image:
    """A page as a scanner sees it: a shade of the lamp, the grain of the paper, and not quite straight."""
    pdf = pypdfium2.PdfDocument(typst.compile(f'#set page(paper: "a4")\n{LAYOUTS[layout]}'.encode()))
    page = (
        pdf[0].render(scale=1.5, grayscale=True).to_pil().rotate(1.5, fillcolor=255, resample=Image.Resampling.BILINEAR)
    )
    return on_paper(page)


def on_paper(page: Image.Image) -> Image.Image:
    lamp = Image.linear_gradient("L").resize(page.size).point([190 + shade // 4 for shade in range(256)])
    return ImageChops.add(ImageChops.multiply(page, lamp), _grain(page.size, 10), offset=-128)


def _grain(size: tuple[int, int], deviation: int) -> Image.Image:
    """Noise about 128 that is the same in every run, whatever test came before: four bytes of chance are nearly normal."""
    drawn, (width, height) = random.Random(1), size
    one, two, three, four = (Image.frombytes("L", size, drawn.randbytes(width * height)) for _ in range(4))
    sums = ImageChops.add(ImageChops.add(one, two, 2), ImageChops.add(three, four, 2), 2)
    return sums.point([min(255, max(0, round(128 + (shade - 127.5) * deviation / 36.9))) for shade in range(256)])


def pale(page: Image.Image, shades: int) -> Image.Image:
    """The page with ink that is so many shades darker than its paper."""
    return page.point([230 - shades + shade * shades // 255 for shade in range(256)])


def jpeg(image: Image.Image, **save: Any) -> bytes:
    image.save(out := io.BytesIO(), "JPEG", **save)
    return out.getvalue()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_scan_that_stands_upright_is_read_without_a_word(layout: str) -> None:
    assert noticed(jpeg(scan(layout)), "image/jpeg") == ()
    assert noticed(laid(jpeg(scan(layout)))) == ()


@pytest.mark.parametrize("layout", ["letter", "transcript"])
@pytest.mark.parametrize("degrees", [90, 270])
def test_a_scan_without_letters_that_lies_on_its_side_is_told_of(layout: str, degrees: int) -> None:
    turned = jpeg(scan(layout).rotate(degrees, expand=True))
    assert noticed(turned, "image/jpeg") == (Noticed(Notice.SIDEWAYS),)
    lying = (842, 595)
    assert noticed(laid(turned, page=lying)) == (Noticed(Notice.SIDEWAYS, 1),)
    with pikepdf.open(io.BytesIO(laid(turned, page=lying))) as pdf:
        pdf.pages[0].obj.Rotate = 90
        pdf.save(out := io.BytesIO())
    assert noticed(out.getvalue()) == (), "its page is turned, so that it stands upright"


def test_photos_that_were_decoded_already_and_those_beyond_say_the_same() -> None:
    with pikepdf.new() as pdf:
        for number in range(PHOTOS_KEPT + 1):
            turned = jpeg(scan().rotate(90, expand=True), quality=80 + number % 5)
            with pikepdf.open(io.BytesIO(laid(turned, page=(842, 595)))) as one:
                pdf.pages.extend(one.pages)
        pages, _ = check_pages(pdf)
        pdf.save(out := io.BytesIO())
    assert [page.photo is not None for page in pages] == [True] * PHOTOS_KEPT + [False]
    told = [Noticed(Notice.SIDEWAYS, page.number) for page in pages]
    assert list(of_pages(out.getvalue(), pages[-2:])) == told[-2:]


def test_upside_down_is_not_guessed_at() -> None:
    assert noticed(jpeg(scan().rotate(180)), "image/jpeg") == ()


def test_a_photo_is_looked_at_as_its_exif_says_that_it_was_held() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    assert noticed(jpeg(scan().rotate(90, expand=True), exif=exif), "image/jpeg") == ()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: on_paper(Image.new("L", (893, 1263), 255)), True),
        (lambda: scan().filter(ImageFilter.GaussianBlur(6)), True),
        (lambda: scan().filter(ImageFilter.GaussianBlur(1.5)), False),
        (lambda: on_paper(pale(scan(), 20)), True),
        (lambda: on_paper(pale(scan(), 120)), False),
    ],
    ids=["the grain of paper", "a blur", "a little out of focus", "too pale", "pale"],
)
def test_a_scan_on_which_nothing_stands_out_is_told_of(make: Callable[[], Image.Image], told: bool) -> None:
    page = make()
    assert noticed(jpeg(page), "image/jpeg") == ((Noticed(Notice.UNCLEAR),) if told else ())
    assert noticed(laid(jpeg(page))) == ((Noticed(Notice.UNCLEAR, 1),) if told else ())
    assert inspect(jpeg(page), "image/jpeg", PIXELS).finding is None, "it is taken all the same"


def test_from_one_shade_on_lines_can_be_read_and_with_one_less_they_cannot() -> None:
    found = [is_unclear(lines(40, ink=shades)) for shades in range(8, 34, 2)]
    assert (found[0], found[-1], found) == (True, False, sorted(found, reverse=True))


@pytest.mark.parametrize("top", [0, 120, 127, 128, 500, SIDE - 4])
def test_a_line_stands_out_wherever_on_the_page_it_is(top: int) -> None:
    page = Image.new("L", (700, SIDE), 230)
    ImageDraw.Draw(page).rectangle([10, top, 690, top + 3], fill=150)
    assert not is_unclear(page)
    shown = page.crop((0, 0, 700, SIDE)).point([max(shade, 222) for shade in range(256)])
    assert is_unclear(shown)


@pytest.mark.parametrize(("count", "way"), [(1, None), (3, None), (12, Runs.ACROSS)])
def test_a_few_lines_do_not_tell_how_a_page_lies(count: int, way: Runs | None) -> None:
    assert runs(lines(count)) is way
    assert runs(lines(count).transpose(Image.Transpose.ROTATE_90)) is (way and Runs.UPWARDS)


def lines(count: int, ink: int = 200) -> Image.Image:
    """So many lines of words on paper without a grain."""
    page = Image.new("L", (700, SIDE), 230)
    pen = ImageDraw.Draw(page)
    for top in range(20, 20 + 24 * count, 24):
        for left in range(40, 640, 30):
            pen.rectangle([left, top, left + 26, top + 8], fill=230 - ink)
    return page


def test_what_is_too_small_or_not_found_in_its_time_is_not_said() -> None:
    turned = scan().rotate(90, expand=True)
    small = turned.resize((turned.width * SIDE // 2 // turned.width - 1, 300))
    assert [each.notice for each in noticed(jpeg(small), "image/jpeg")] == [Notice.COARSE]
    page = pypdfium2.PdfDocument(laid(jpeg(turned), page=(842, 595)))[0]
    (photo,) = (each for each in page.get_objects() if isinstance(each, pypdfium2.PdfImage))
    assert list(Scans().of_page(1, photo, 0, upright=False)) == [Noticed(Notice.SIDEWAYS, 1)]
    assert list(Scans().of_page(1, photo, 0, upright=True)) == [], "its letters say how it lies"
    assert list(Scans(seconds=0.0).of_page(1, photo, 0, upright=False)) == []


def beside(photo: bytes, what: str, strokes: int = 0) -> bytes:
    """A page on which something is drawn over the photo, by itself or in a form, or of which the letters are its mask."""
    with pikepdf.open(io.BytesIO(laid(photo))) as pdf:
        page, drawn = pdf.pages[0], b" q 0 0 m %b S Q " % (b"9 9 l " * (strokes - 1))
        if what == "mask":
            letters = pdf.make_stream(b"\0\xff" * 50, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=10,
                                      Height=10, ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8)  # fmt: skip
            page.obj.Resources.XObject.I.SMask = letters
        elif what == "form":
            form = pdf.make_stream(drawn, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 595, 842])
            page.obj.Resources.XObject.Fx, drawn = form, b" /Fx Do "
        page.contents_add(drawn)
        pdf.save(out := io.BytesIO())
    return out.getvalue()


@pytest.mark.parametrize(
    ("what", "strokes", "told"),
    [("lines", FEW_STROKES, True), ("lines", FEW_STROKES + 1, False), ("form", 4, False), ("mask", 4, False)],
)
def test_paper_on_which_letters_are_drawn_is_not_called_unclear(what: str, strokes: int, told: bool) -> None:
    paper = jpeg(Image.linear_gradient("L").resize((893, 1263)).point([200 + shade // 5 for shade in range(256)]))
    assert noticed(beside(paper, what, strokes)) == ((Noticed(Notice.UNCLEAR, 1),) if told else ())


@pytest.mark.parametrize(("width", "told"), [(MOST_PIXELS // 4000, True), (MOST_PIXELS // 4000 + 1, False)])
def test_a_picture_with_more_pixels_than_are_decoded_twice_is_taken_without_a_word(width: int, told: bool) -> None:
    verdict = inspect(jpeg(Image.new("L", (width, 4000), 230)), "image/jpeg", 2 * MOST_PIXELS)
    assert (verdict.finding, verdict.warnings) == (None, (Noticed(Notice.UNCLEAR),) if told else ())


@pytest.mark.parametrize("slug", ["page-sideways", "page-unclear"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_of_a_picture_it_is_said_without_a_page(slug: str, language: str) -> None:
    picture, page = (warning_text(slug, number, None, language) for number in (None, 3))
    assert ("3" in page, "1" in picture, "age" in picture.replace("’image", "")) == (True, False, False)
