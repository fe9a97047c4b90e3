"""Makes of a photo what a page of a PDF wants: upright, plain, no larger than print needs. For the inspector alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import pillow_heif
from PIL import Image, ImageFile, ImageOps

from services.documents.usecases.inspection.findings import Finding, Verdict
from services.documents.usecases.inspection.images import DECODER_ERRORS, inspect_image

KEPT: Final = (1512, 85)
"""Pixels of the shorter side and JPEG's quality of a photo that waits to be assembled: A4 at 180 to the inch.

It is the shorter side that tells whether one can read it: a panorama keeps its length. It is half of what most phones
take, so that libjpeg itself decodes no more than is needed.
"""
FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF", "image/heif": "HEIF"}
"""Pillow's names of the photos that can be assembled."""

_MAX_SIDE: Final = 65_500
"""Pixels that JPEG can count."""
_DEEP: Final = ("I", "I;16", "I;16B", "I;16L", "I;16N")


def prepare() -> None:
    """Let Pillow read HEIC, in no threads but one."""
    pillow_heif.options.DECODE_THREADS = 0
    pillow_heif.register_heif_opener(thumbnails=False)


def inspect_photo(data: bytes, media_type: str, max_pixels: int) -> Verdict:
    """What is wrong with the photo, else as JPEG what is to be kept of it."""
    format = FORMATS[media_type]
    if format != "HEIF":
        verdict = inspect_image(data, format, max_pixels)
        return verdict if verdict.finding else replace(verdict, made=upright(data, media_type, *KEPT))
    try:
        with Image.open(io.BytesIO(data), formats=[format]) as image:
            if image.width * image.height > max_pixels:
                return Verdict(Finding.TOO_MANY_PIXELS)
        return Verdict(made=upright(data, media_type, *KEPT))
    except PermissionError:
        raise
    except DECODER_ERRORS as error:
        return Verdict(Finding.DAMAGED, type(error).__name__)


def upright(data: bytes, media_type: str, shorter: int, quality: int) -> bytes:
    """A baseline JPEG of at most so many pixels on its shorter side, grey or RGB, turned as EXIF says, which it has not.

    No other metadata survive either. Raises what Pillow raises; rows that are missing stay as the decoder leaves them.
    """
    with _lenient(), Image.open(io.BytesIO(data), formats=[FORMATS[media_type]]) as image:
        scale = min(1.0, shorter / min(image.size), _MAX_SIDE / max(image.size))
        # libjpeg leaves out what is not needed, of which a large photo is the most.
        image.draft(None, (round(image.width * scale), round(image.height * scale)))
        image.load()
        _turn(image)
        plain = _plain(image)
    scale = min(1.0, shorter / min(plain.size), _MAX_SIDE / max(plain.size))
    if scale < 1.0:
        size = max(1, round(plain.width * scale)), max(1, round(plain.height * scale))
        plain = plain.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.0)
    plain.info.clear()
    plain.save(out := io.BytesIO(), "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _turn(image: Image.Image) -> None:
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except PermissionError:
        raise
    except DECODER_ERRORS:
        return  # words about the picture that cannot be read say nothing against the picture


def _plain(image: Image.Image) -> Image.Image:
    """The picture on white paper, in grey or RGB of eight bits."""
    if image.mode in _DEEP:
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        paper = Image.new("RGB", seen.size, "white")
        paper.paste(seen, mask=seen.getchannel("A"))
        return paper
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


@contextmanager
def _lenient() -> Iterator[None]:
    """Whether enough of a picture is there the inspection has decided."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
