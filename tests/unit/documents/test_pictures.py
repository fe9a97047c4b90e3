"""What becomes of a photo that is to be a page: upright, plain, readable (acceptance 49, 60)."""

from __future__ import annotations

import io
from typing import Final

import pillow_heif
import pytest
from PIL import ExifTags, Image

from services.documents.usecases.inspection.findings import Finding
from services.documents.usecases.inspection.pictures import KEPT
from services.documents.usecases.inspection.tasks import photo
from tests.unit.documents import files

PIXELS: Final = 60_000_000
TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "HEIF": "image/heic"}
# How a camera that is held so stores what it sees.
HELD: Final = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
CORNERS: Final = {(8, 8): "red", (56, 8): "lime", (8, 40): "blue", (56, 40): "black"}


def seen() -> Image.Image:
    """A picture that is another one whichever way it is turned."""
    image = Image.new("RGB", (64, 48))
    for (x, y), colour in CORNERS.items():
        image.paste(colour, (x // 32 * 32, y // 24 * 24, x // 32 * 32 + 32, y // 24 * 24 + 24))
    return image


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=["JPEG"])


@pytest.mark.parametrize("format", ["JPEG", "PNG", "HEIF"])
@pytest.mark.parametrize("orientation", HELD)
def test_a_photo_is_turned_as_its_camera_was_held(orientation: int, format: str) -> None:
    """Acceptance 60: for each orientation that EXIF knows."""
    turn, exif = HELD[orientation], Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    held = seen() if turn is None else seen().transpose(turn)
    out = io.BytesIO()
    if format == "HEIF":  # which says so beside its EXIF, where readers look
        pillow_heif.from_pillow(held).save(out, exif=exif.tobytes(), quality=95)
    else:
        held.save(out, format, exif=exif, quality=95)
    made = opened(photo(out.getvalue(), TYPES[format], PIXELS).made)
    assert made.size == (64, 48)
    for place, colour in CORNERS.items():
        wanted = Image.new("RGB", (1, 1), colour).getpixel((0, 0))
        got = made.convert("RGB").getpixel(place)
        assert isinstance(got, tuple)
        assert isinstance(wanted, tuple)
        assert all(abs(one - other) < 64 for one, other in zip(got, wanted, strict=True)), (place, got)
    assert dict(made.getexif()) == {}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "HEIF"])
def test_nothing_of_where_it_was_taken_is_left(format: str) -> None:
    made = photo(files.photo(format, exif=files.where_taken()), TYPES[format], PIXELS).made
    assert b"Exif" not in made
    assert b"Clermont" not in made


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((4032, 3024), (2016, KEPT[0])),
        ((KEPT[0], 2000), (KEPT[0], 2000)),
        ((KEPT[0] + 1, 2000), (KEPT[0], 1999)),
        ((12_000, 1_500), (12_000, 1_500)),
        ((1, 900), (1, 900)),
    ],
    ids=["12 megapixels", "at the limit", "one past it", "panorama", "line"],
)
def test_a_photo_is_kept_no_larger_than_print_needs(size: tuple[int, int], kept: tuple[int, int]) -> None:
    assert opened(photo(files.photo("JPEG", *size), "image/jpeg", PIXELS).made).size == kept


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_whatever_its_colours_are_it_becomes_grey_or_rgb(mode: str) -> None:
    format = "JPEG" if mode == "CMYK" else "PNG"
    white: dict[str, int | tuple[int, ...]] = {
        "LA": (255, 0),
        "RGBA": (0, 0, 0, 0),
        "I;16": 65535,
        "CMYK": (0, 0, 0, 0),
        "RGB": (255,) * 3,
    }
    Image.new(mode, (9, 9), white.get(mode, 1 if mode == "1" else 255)).save(out := io.BytesIO(), format)
    made = opened(photo(out.getvalue(), TYPES[format], PIXELS).made)
    assert made.mode in ("L", "RGB")
    if mode != "P":
        assert made.convert("L").getextrema() == (255, 255)


def test_pixels_are_counted_before_they_are_decoded() -> None:
    for format in ("JPEG", "PNG", "HEIF"):
        content, media_type = files.photo(format, 64, 48), TYPES[format]
        assert photo(content, media_type, 64 * 48).finding is None
        assert photo(content, media_type, 64 * 48 - 1).finding is Finding.TOO_MANY_PIXELS


def test_a_heic_that_breaks_off_is_damaged() -> None:
    content = files.photo("HEIF", 640, 480)
    for length in (40, len(content) // 2):
        assert photo(content[:length], "image/heic", PIXELS).finding is Finding.DAMAGED
    assert photo(files.heic(), "image/heic", PIXELS).finding is Finding.DAMAGED
