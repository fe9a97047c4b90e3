"""Which pages of a PDF, and which pictures, are too coarse to read, or do not stand upright. For the inspector alone."""

from __future__ import annotations

import io
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from ctypes import c_double
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import ExifTags, Image

from services.documents.usecases.inspection.clarity import Scans
from services.documents.usecases.inspection.findings import Notice, Noticed
from services.documents.usecases.inspection.images import DECODER_ERRORS
from services.documents.usecases.inspection.pages import Page

READABLE_DPI: Final = 72
"""Pixels to the inch from which print can be read, inclusive: one for each point, so that small letters are five high."""
A4_INCHES: Final = (210 / 25.4, 297 / 25.4)
"""What a picture without a page, or on a larger one, is taken to be printed on: programs that make a page as large as its
pixels say nothing of the paper that was before the camera."""
SCAN_SHARE: Final = 0.6
"""The share of a page from which pictures are what it shows, inclusive."""
FEW_TEXTS: Final = 5
"""Visible texts that a scan may have beside its pictures, inclusive: the stamp of an app, a number of the page."""
FEW_STROKES: Final = 40
"""Pieces of lines that may be drawn beside a scan for what its picture shows to be all that there is to read, inclusive: a
frame, a line struck through. More may be letters, as in a form that is drawn on a picture of paper.
"""
TURNED_LETTERS: Final = 40
"""Letters by which one can tell how a page stands, inclusive."""
TURNED_SHARE: Final = 0.9
"""The share of a page's letters that run one way when the page stands that way, inclusive."""
_MOST_LETTERS: Final = 600
_MOST_OBJECTS: Final = 5000
_MOST_CONTENT: Final = 2**20
"""Bytes of contents from which a page is a drawing, and is not opened: nothing ends that before it is done."""
_SECONDS: Final = 0.3
"""Processor time for all pages; a warning that is not found in it is not given.

Little of a quick look, so that no file needs a slow one for what stands in the way of nothing.
"""
_POINTS: Final = 72.0
_INVISIBLE: Final = 3
_EXIF_TURNS: Final = {3: 180, 6: 90, 8: 270}


def of_picture(width: int, height: int) -> tuple[Noticed, ...]:
    """That a picture of so many pixels is too coarse, were it a sheet of A4 that fills as much of it as can be."""
    shorter, longer = A4_INCHES
    dpi = math.floor(max(min(width, height) / shorter, max(width, height) / longer))
    return (Noticed(Notice.COARSE, dpi=dpi),) if dpi < READABLE_DPI else ()


def of_pages(data: bytes, pages: Sequence[Page]) -> list[Noticed]:
    """What is to be said of pages of a PDF, in their order; nothing when PDFium cannot open the file."""
    found: list[Noticed] = []
    photos = Scans()
    used = time.process_time()
    try:
        pdf = pypdfium2.PdfDocument(data)
        for page in pages[: len(pdf)]:
            if time.process_time() - used > _SECONDS:
                break
            if page.content >= _MOST_CONTENT:
                continue
            found += _of_page(pdf[page.number - 1], page, photos)
    except (pypdfium2.PdfiumError, ValueError, OverflowError):  # figures of a page that are none
        return found
    return found


def _of_page(opened: pypdfium2.PdfPage, page: Page, photos: Scans) -> Iterator[Noticed]:
    scans = _scans(opened)
    if scans and (dpi := _dpi(opened, scans, page.finest)) < READABLE_DPI:
        yield Noticed(Notice.COARSE, page.number, dpi)
    turned = _turned_letters(opened) if page.lettered else None
    if turned is None:
        turned = _turned_photo(opened, scans)
    if turned:
        yield Noticed(Notice.UPSIDE_DOWN if turned == 180 else Notice.SIDEWAYS, page.number)
    # A page without a shade is blank, and that is said.
    if len(scans) == 1 and page.pictured and not page.masked and _strokes(opened) <= FEW_STROKES:
        rotation, upright = opened.get_rotation(), turned is not None
        yield from photos.of_page(page.number, scans[0], rotation, upright=upright, grey=page.photo)
    opened.close()


# --- resolution -------------------------------------------------------------------------------------------------


def _scans(page: pypdfium2.PdfPage) -> list[pypdfium2.PdfImage]:
    """The pictures of a page that shows little else; none of any other page."""
    width, height = page.get_size()
    images, texts, covered = list[pypdfium2.PdfImage](), 0, 0.0
    for number, drawn in enumerate(page.get_objects(max_depth=1)):
        if number >= _MOST_OBJECTS:
            return []
        if drawn.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append(drawn)
            covered += _area(drawn)
        elif drawn.type == pdfium.FPDF_PAGEOBJ_TEXT:
            texts += pdfium.FPDFTextObj_GetTextRenderMode(drawn.raw) != _INVISIBLE
            if texts > FEW_TEXTS:
                return []
    return images if covered >= SCAN_SHARE * width * height > 0 else []


def _strokes(page: pypdfium2.PdfPage) -> float:
    """How many pieces of lines a page draws; what a form draws is not counted, and may be anything."""
    found = 0
    for drawn in page.get_objects(max_depth=1):
        if drawn.type in (pdfium.FPDF_PAGEOBJ_FORM, pdfium.FPDF_PAGEOBJ_SHADING):
            return math.inf
        if drawn.type == pdfium.FPDF_PAGEOBJ_PATH:
            found += pdfium.FPDFPath_CountSegments(drawn.raw)
    return found


def _area(image: pypdfium2.PdfImage) -> float:
    left, bottom, right, top = image.get_bounds()
    return float(max(0.0, right - left) * max(0.0, top - bottom))


def _dpi(page: pypdfium2.PdfPage, scans: Sequence[pypdfium2.PdfImage], finest: int) -> int:
    """Pixels to the inch of what a scan shows: of its pictures together, or of the finest one if that is finer.

    Scanners cut a page into strips, or lay a coarse picture of the paper below a fine one of the letters.
    """
    width, height = (side / _POINTS for side in page.get_size())
    shorter, longer = A4_INCHES
    scale = min(1.0, shorter / min(width, height), longer / max(width, height))
    pixels = sum(math.prod(image.get_px_size()) for image in scans)
    inches = sum(map(_area, scans)) / _POINTS**2
    together, alone = pixels / inches, finest / (width * height)
    return math.floor(float(math.sqrt(max(together, alone)) / scale) + 1e-6)


# --- which way up -----------------------------------------------------------------------------------------------


def _turned_letters(page: pypdfium2.PdfPage) -> int | None:
    """By how much its letters are turned clockwise, as it is shown: 0, 90, 180, 270; None where too few tell it.

    A letter counts where it looks the way in which the next one follows it.
    """
    text = page.get_textpage()
    try:
        ways = Counter(_ways(text))
    finally:
        text.close()
    (way, most), all = next(iter(ways.most_common(1)), (0, 0)), ways.total()
    if all < TURNED_LETTERS or most < TURNED_SHARE * all:
        return None
    return int((way + page.get_rotation()) % 360)


def _ways(text: pypdfium2.PdfTextPage) -> Iterator[int]:
    before: tuple[int, float, float] | None = None
    for index in range(min(text.count_chars(), _MOST_LETTERS)):
        if pdfium.FPDFText_IsGenerated(text.raw, index) or chr(pdfium.FPDFText_GetUnicode(text.raw, index)).isspace():
            before = None
            continue
        looks = _quarter(math.degrees(pdfium.FPDFText_GetCharAngle(text.raw, index)))
        x, y = c_double(), c_double()
        pdfium.FPDFText_GetCharOrigin(text.raw, index, x, y)
        if before is not None:
            was, from_x, from_y = before
            runs = _quarter(-math.degrees(math.atan2(y.value - from_y, x.value - from_x)))
            if was == runs:
                yield runs
        before = looks, x.value, y.value


def _quarter(degrees: float) -> int:
    return round(degrees / 90) % 4 * 90


def _turned_photo(page: pypdfium2.PdfPage, scans: Sequence[pypdfium2.PdfImage]) -> int | None:
    """The same of a photo alone on a page that is laid there as the sensor saw it, though its EXIF says how it was held.

    Readers of PDF pay no heed to EXIF. One that is turned already was turned by who looked at it.
    """
    if len(scans) != 1:
        return None
    (photo,) = scans
    across, up, _, _, _, _ = photo.get_matrix().get()
    laid = (_quarter(-math.degrees(math.atan2(up, across))) + page.get_rotation()) % 360
    if laid or photo.get_filters() != ["DCTDecode"]:
        return None
    try:
        with Image.open(io.BytesIO(bytes(photo.get_data())), formats=["JPEG"]) as image:
            held = _EXIF_TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except PermissionError:
        raise
    except DECODER_ERRORS:
        return None
    return None if held is None else 360 - held
