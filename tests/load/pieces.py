"""Documents as candidates give them, made here: scans of one page and photos, and how their bytes come."""

from __future__ import annotations

import io
import random
import secrets

import pikepdf
from PIL import Image

CHUNK = 64 * 1024
_PHOTO = (1600, 1200)


class Body:
    """Bytes that are all there, given in pieces as a connection gives them."""

    def __init__(self, content: bytes) -> None:
        self._pieces = iter([content[at : at + CHUNK] for at in range(0, len(content), CHUNK)])

    async def readany(self) -> bytes:
        """The next piece."""
        return next(self._pieces, b"")


def scan(size: int) -> bytes:
    """A PDF of one page with an image, of very nearly so many bytes."""
    width, height = 1240, max(1, (size - 1000) // 1240)
    with pikepdf.new() as pdf, io.BytesIO() as file:
        page = pdf.add_blank_page(page_size=(595, 842))
        image = pikepdf.Stream(pdf, secrets.token_bytes(width * height))
        image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        image.Width, image.Height, image.BitsPerComponent = width, height, 8
        image.ColorSpace = pikepdf.Name.DeviceGray
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=image))
        page.Contents = pikepdf.Stream(pdf, b"q 595 0 0 842 0 0 cm /Scan Do Q")
        pdf.save(file, compress_streams=False)
        return file.getvalue()


def photo() -> bytes:
    """A JPEG of two million pixels, of some hundred kilobytes."""
    out = io.BytesIO()
    small = Image.frombytes("RGB", (160, 120), random.Random(7).randbytes(160 * 120 * 3))
    small.resize(_PHOTO).save(out, "JPEG", quality=80)
    return out.getvalue()
