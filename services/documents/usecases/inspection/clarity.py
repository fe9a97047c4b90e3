"""Whether a scan can be read, and lies on its side, by its shades alone: it has no letters. For the inspector alone.

Which way up lines are is not told: nothing sound tells it, and pages that stand upright would be said to be upside down.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final

import pypdfium2
from PIL import Image, ImageChops, ImageFilter, ImageOps

from services.documents.usecases.inspection import jpeg
from services.documents.usecases.inspection.findings import Notice, Noticed
from services.documents.usecases.inspection.images import DECODER_ERRORS

SIDE: Final = 1000
"""Pixels of the longer side on which a page is measured: small print is six high."""
CLEAR: Final = 13
"""Shades of 255 by which something must stand out from what is right beside it, inclusive; the grain of paper has six."""
LINES: Final = ((5, 1.8), (7, 2.6))
"""Pixels by which ink is spread, so that letters become words, and words lines; and how many times more edges there are then
along one way than along the other where lines of print run that way, inclusive. Tables of figures pass one, not both.
"""
EDGES: Final = 3000
"""Pixels of edges by which one can tell how lines run, inclusive: some ten lines."""

MOST_PIXELS: Final = 40_000_000
"""Of a picture that is measured, inclusive: A4 of 600 dpi has 35 million. It is decoded once more for it, and what is only a
warning must not use up the time and memory in which the file is to be looked into.
"""

_STANDS_OUT: Final = 0.001
"""The share of a page that must stand out: less than a short line."""
_BAND: Final = 128
_AROUND: Final = 16
"""Rows that are looked at together, and those beside them that what stands out is compared with."""
_INKED: Final = 0.003
_SECONDS: Final = 0.3
"""Processor time for all pages; a warning that is not found in it is not given."""
_SMALLEST: Final = 28


class Runs(Enum):
    """How lines of print run in a picture."""

    ACROSS = "across"
    UPWARDS = "upwards"


def of_image(data: bytes) -> tuple[Noticed, ...]:
    """What is to be said of a picture, turned as its EXIF says, as those who show it do."""
    grey = _grey(data, turned=True)
    if grey is None:
        return ()
    if is_unclear(grey):
        return (Noticed(Notice.UNCLEAR),)
    return (Noticed(Notice.SIDEWAYS),) if runs(grey, only=Runs.UPWARDS) else ()


class Scans:
    """What is to be said of pages that are one photo each, within a time of the processor for all of a file."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._left = seconds

    def of_page(
        self,
        number: int,
        photo: pypdfium2.PdfImage,
        rotation: int,
        *,
        upright: bool,
        grey: Image.Image | None = None,
    ) -> Iterator[Noticed]:
        """Of one; `upright` is whether something surer says how it lies. `rotation` is how its page is turned, `grey` the
        photo, if it was decoded already.
        """
        if self._left <= 0 or photo.get_filters() != ["DCTDecode"]:
            return
        began = time.process_time()
        grey = _grey(bytes(photo.get_data()), turned=False) if grey is None else _small(grey.copy())
        if grey is not None and is_unclear(grey):
            yield Noticed(Notice.UNCLEAR, number)
        elif grey is not None and not upright:
            across, up, _, _, _, _ = photo.get_matrix().get()
            quarters = round(math.degrees(math.atan2(up, across)) / 90) + round(rotation / 90)
            if runs(grey, only=Runs.ACROSS if quarters % 2 else Runs.UPWARDS):
                yield Noticed(Notice.SIDEWAYS, number)
        self._left -= time.process_time() - began


def is_unclear(grey: Image.Image) -> bool:
    """Whether nothing stands out from what is right beside it: blank paper, a blur, or ink as pale as the paper.

    It is looked at in bands, until enough was found: of a page that can be read the first ones have it.
    """
    width, height = grey.size
    left = width * height * _STANDS_OUT
    for top in range(0, height, _BAND):
        band = grey.crop((0, max(0, top - _AROUND), width, min(height, top + _BAND + _AROUND)))
        calm = band.filter(ImageFilter.BoxBlur(1))
        beside = ImageChops.difference(calm, calm.filter(ImageFilter.GaussianBlur(3)))
        above = min(top, _AROUND)
        left -= sum(beside.crop((0, above, width, above + min(_BAND, height - top))).histogram()[CLEAR:])
        if left <= 0:
            return False
    return True


def runs(grey: Image.Image, *, only: Runs | None = None) -> Runs | None:
    """How lines of print run; None where nothing tells it, or they do not run the one way that is asked about.

    Ink is spread until words are lines. A line has its edges above and below it, and few at its ends.
    """
    dark = ImageChops.subtract(grey.filter(ImageFilter.BoxBlur(12)), grey)
    least = max(10.0, _reached(dark.histogram(), _INKED) * 0.4)
    ink = dark.point([255 if shade >= least else 0 for shade in range(256)])
    (first, one), (second, other) = LINES
    found = _runs(_spread(ink, first), one)
    if found is None or found is not (only or found):
        return None  # the second spreading would cost as much again
    return found if found is _runs(_spread(ink, second), other) else None


def _spread(ink: Image.Image, pixels: int) -> Image.Image:
    """The ink, with all that is within half of so many pixels of it: a tenth of the time of Pillow's filter of maxima."""
    near = ink.filter(ImageFilter.BoxBlur(pixels // 2))
    return near.point([255 if shade else 0 for shade in range(256)])


def _runs(ink: Image.Image, share: float) -> Runs | None:
    width, height = ink.size
    ends = _edges(ink, ink.crop((1, 0, width, height)))
    sides = _edges(ink, ink.crop((0, 1, width, height)))
    if ends + sides < EDGES:
        return None
    if sides >= share * ends:
        return Runs.ACROSS
    return Runs.UPWARDS if ends >= share * sides else None


def _edges(ink: Image.Image, next: Image.Image) -> int:
    """Pixels of ink beside which there is none in `next`, which is smaller by those that have no neighbour."""
    return ImageChops.subtract(ink, next).tobytes().count(255)


def _reached(shades: Sequence[int], share: float) -> int:
    """The shade that this share of all pixels reaches."""
    wanted, found = sum(shades) * share, 0
    for shade in range(255, 0, -1):
        found += shades[shade]
        if found >= wanted:
            return shade
    return 0


def _grey(data: bytes, *, turned: bool) -> Image.Image | None:
    """The picture in grey, as small as it is measured; None where it cannot be decoded, or has too few or many."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            jpeg.reduce(image, SIDE)
            image.load()
            if image.has_transparency_data:
                return None
            grey = image.convert("L")
    except PermissionError:
        raise
    except (*DECODER_ERRORS, MemoryError):
        return None
    small = _small(grey)
    return ImageOps.exif_transpose(small) if turned and small is not None else small


def _small(grey: Image.Image) -> Image.Image | None:
    """As small as it is measured; None of one that has too few pixels."""
    if min(grey.size) < _SMALLEST or max(grey.size) < SIDE / 2:
        return None
    grey.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return grey
