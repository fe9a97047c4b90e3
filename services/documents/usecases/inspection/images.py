"""Looks into JPEG and PNG with Pillow: size before decoding, then every byte decoded. For the inspector alone."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from services.documents.usecases.inspection.findings import Finding

PDF_SEARCHES: Final = 1024
"""Readers of PDF look for its signature in this many first bytes."""
_PREVIEW: Final = 8
"""libjpeg reads every byte, and keeps this fraction of the pixels of each side."""


def inspect_image(path: Path, format: str, max_pixels: int) -> Finding | None:
    """What is wrong with the image; `format` is Pillow's name for it."""
    if _is_something_else_too(path):
        return Finding.MISMATCH
    Image.MAX_IMAGE_PIXELS = None  # the bound here is ours, and it comes before decoding
    try:
        with Image.open(path, formats=[format]) as image:
            if image.width * image.height > max_pixels:
                return Finding.TOO_MANY_PIXELS
            image.verify()
        with Image.open(path, formats=[format]) as image:
            image.draft(None, (max(1, image.width // _PREVIEW), max(1, image.height // _PREVIEW)))
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return Finding.DAMAGED
    return None


def _is_something_else_too(path: Path) -> bool:
    """Whether other programs would open it as an archive or as a PDF."""
    with path.open("rb") as file:
        return b"%PDF-" in file.read(PDF_SEARCHES) or zipfile.is_zipfile(file)
