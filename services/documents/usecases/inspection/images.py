"""Looks into JPEG and PNG with Pillow: size before decoding, then every byte decoded. For the inspector alone."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image, PngImagePlugin

from services.documents.usecases.inspection import jpeg
from services.documents.usecases.inspection.findings import Finding, Notice, Noticed, Verdict

MISSING: Final = 0.1
"""The share of an image's rows from which it is damaged, 0 to 1."""
# Photo programs write colour profiles and XMP of some megabytes; the bound of memory holds all the same.
_MAX_TEXT: Final = 64 * 2**20

_PDF: Final = b"%PDF-"
_PDF_SEARCHES: Final = 1024
_ARCHIVE: Final = b"PK\x05\x06"
_PNG_START: Final = 8
_PNG_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: first column and row of each pass, and the steps between its columns and rows.
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
DECODER_ERRORS: Final = (OSError, SyntaxError, ValueError, EOFError, LookupError, struct.error, zlib.error)


def prepare() -> None:
    """Set Pillow's bounds to what is wanted here."""
    Image.MAX_IMAGE_PIXELS = None  # the bound here is ours, and it comes before decoding
    PngImagePlugin.MAX_TEXT_CHUNK = _MAX_TEXT
    PngImagePlugin.MAX_TEXT_MEMORY = 2 * _MAX_TEXT


def inspect_image(data: bytes, format: str, max_pixels: int) -> Verdict:
    """What is wrong with the image; `format` is Pillow's name for it."""
    if _PDF in data[:_PDF_SEARCHES]:
        return Verdict(Finding.MISMATCH, "a PDF too")
    try:
        with Image.open(io.BytesIO(data), formats=[format]) as image:
            if image.width * image.height > max_pixels:
                return Verdict(Finding.TOO_MANY_PIXELS)
        missing, end = _measure_jpeg(data) if format == "JPEG" else _measure_png(data)
    except PermissionError:
        raise
    except DECODER_ERRORS as error:
        return Verdict(Finding.DAMAGED, type(error).__name__)
    if _ARCHIVE in data[end:]:
        return Verdict(Finding.MISMATCH, "an archive too")
    if missing >= MISSING:
        return Verdict(Finding.DAMAGED, "rows missing")
    return Verdict(warnings=(Noticed(Notice.CUT_SHORT),) if missing > MISSING / 4 else ())


def _measure_jpeg(data: bytes) -> tuple[float, int]:
    """The share of rows that are missing, and where the image ends; raises ValueError, OSError and their kin."""
    where = jpeg.layout(data)
    return jpeg.measure(data, where).missing, where.end


# --- PNG --------------------------------------------------------------------------------------------------------


def _measure_png(data: bytes) -> tuple[float, int]:
    """The same for PNG, by the bytes of its rows; raises ValueError and what Pillow and zlib raise."""
    unpacker, header, rows, end = zlib.decompressobj(), b"", 0, len(data)
    for name, content, stop in _chunks(data):
        if name == b"IHDR":
            header = content
        elif name == b"IDAT":
            rows += _unpacked(unpacker, content)
        elif name == b"IEND":
            end = stop
            break
    expected = _row_bytes(header)
    if rows >= expected:
        _load(data if end < len(data) or data.endswith(b"IEND\xaeB`\x82") else data + _end_chunk())
    return max(0.0, 1 - rows / expected), end


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Names, contents and ends; the last may be cut short, and every other one has its checksum."""
    at = _PNG_START
    while at + 8 <= len(data):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        content, stop = data[at + 8 : at + 8 + length], at + 12 + length
        if stop <= len(data) and zlib.crc32(name + content).to_bytes(4) != data[stop - 4 : stop]:
            raise ValueError("checksum")
        yield name, content, stop
        at = stop


def _unpacked(unpacker: zlib._Decompress, content: bytes) -> int:
    """How many bytes the content holds, without keeping them."""
    total = 0
    while content and not unpacker.eof:
        total += len(unpacker.decompress(content, 2**20))
        content = unpacker.unconsumed_tail
    return total


def _row_bytes(header: bytes) -> int:
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    bits = depth * _PNG_CHANNELS[colour]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    return sum(
        -(-(height - top) // down) * (1 + (-(-(width - left) // across) * bits + 7) // 8)
        for left, top, across, down in passes
        if width > left and height > top
    )


def _load(data: bytes) -> None:
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        image.load()


def _end_chunk() -> bytes:
    return b"\0\0\0\0IEND\xaeB`\x82"
