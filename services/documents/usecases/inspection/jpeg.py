"""How much of a JPEG is there. Decoders fill what is missing with grey and say nothing; so its data are measured instead."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

HOLE: Final = re.compile(rb"\x00{512,}")
"""A run of NULs that compressed data do not have: what a broken copy leaves."""
END: Final = b"\xff\xd9"

_PREVIEW: Final = 8
"""libjpeg reads every byte, and keeps this fraction of the pixels of each side."""
_HELD_BACK: Final = 32
"""Rows, two of the largest blocks, that libjpeg does not give out before it has seen an end."""
_DISPLACED: Final = 0.02
"""The share of data or rows, 0 to 1, that may be too many or too few before an end mark."""
_BLOCK: Final = 4096
_NULS: Final = bytes(512)
"""The least hole: bytes are searched for it far faster than by the pattern, which hardly ever finds one."""
# It begins with one byte that is the same each time, so that the search for it leaps from one to the next.
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_EOI, _SOS, _DHT = 0xD9, 0xDA, 0xC4
_PROGRESSIVE: Final = (0xC2, 0xC6, 0xCA, 0xCE)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, 0xCC}
_BARE: Final = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
_COEFFICIENTS: Final = range(64)
_METADATA: Final = frozenset({0xE1, 0xED, 0xFE})
"""APP1 (EXIF, XMP), APP13 (captions) and comments."""


@dataclass(slots=True)
class Layout:
    """Where the data of a JPEG lie: `end` is where its end mark stands or should, `coded` counts bytes of pixels."""

    end: int
    has_end: bool
    coded: int = 0
    holes: bool = False
    """Something is missing, or there twice, in the midst of it."""
    height: int = 0
    progressive: bool = False
    approximations: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Of a progressive one: whether the scans that refine every coefficient to its last bit have begun."""
        components = {component for component, _ in self.approximations}
        return bool(components) and all(
            self.approximations.get((component, coefficient), 1) == 0
            for component in components
            for coefficient in _COEFFICIENTS
        )


def layout(data: bytes) -> Layout:
    """Read the segments up to the first end mark; raises ValueError when there is no order in them."""
    found = Layout(len(data), has_end=False)
    first_symbols: dict[int, int] = {}
    for marker, start, end in _segments(data):
        if marker == _EOI:
            found.end, found.has_end = start, True
        elif marker in _FRAMES:
            found.progressive = marker in _PROGRESSIVE
            found.height = int.from_bytes(data[start + 1 : start + 3])
        elif marker == _DHT:
            first_symbols.update(_first_symbols(data[start:end]))
        elif marker == _SOS:
            _scan(data, start, end, found, first_symbols)
    return found


@dataclass(frozen=True, slots=True)
class Measured:
    """The share of rows that are not there, 0 to 1, and whether there is more than one shade.

    `grey` is the picture as it was decoded for that, if it was asked for and all of it is there: in grey, but for a last few
    rows.
    """

    missing: float
    shaded: bool
    grey: Image.Image | None = None


def measure(data: bytes, where: Layout, side: int | None = None) -> Measured:
    """How much is there; decoded in grey, with at least `side` pixels on the longer side as far as it has them, or smaller.

    Raises what Pillow raises for what it cannot decode.
    """
    if where.holes:
        return Measured(1.0, shaded=True)
    shown: Image.Image | None = None
    if not where.progressive:
        shown, read = _decode(data[: where.end], side)
        rows = _last_row(shown)
        there = shown.crop((0, 0, shown.width, rows))
        # Rows to the end came without an end mark, in more than one shade: one decoding has told everything.
        lost = (shown.height - rows) * where.height / shown.height
        if rows and lost <= _HELD_BACK and _is_shaded(there) and not _is_displaced(data, where, read):
            return Measured(0.0, shaded=True, grey=there if side and there.mode == "L" else None)
        if side is not None:
            return measure(data, where)  # by the rows of the small picture, as any other
    whole, read = _decode(data[: where.end] + END, None)
    shaded = _is_shaded(whole)
    if shown is None:
        padding = where.end - _used(data, where.end, b"\0")
        is_whole = where.has_end or (where.complete and padding < where.coded / 10)
        return Measured(0.0 if is_whole else 1.0, shaded)
    lost = (_last_row(whole) - _last_row(shown)) * where.height / whole.height
    missing = max(0.0, lost - _HELD_BACK) / max(1, where.height)
    if _is_displaced(data, where, read) or (where.has_end and missing > _DISPLACED):
        return Measured(1.0, shaded)  # something is missing or too much in the midst of it
    return Measured(missing, shaded)


def _is_displaced(data: bytes, where: Layout, read: int) -> bool:
    """Whether the decoder was done long before the data were: what comes behind something that is too much is displaced."""
    return _used(data, where.end, b"\0\xff") - read > max(where.coded * _DISPLACED, 2 * _BLOCK)


def _used(data: bytes, end: int, padding: bytes) -> int:
    """Where the data end but for padding, found without a copy of all of them."""
    while end > 0 and not (last := data[max(0, end - _BLOCK) : end].rstrip(padding)):
        end -= _BLOCK
    return max(0, end - _BLOCK) + len(last) if end > 0 else 0


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Markers with where their content begins and ends; a scan's content is its header."""
    at = 2
    while matched := _MARKER.search(data, at):
        marker, at = data[matched.end() - 1], matched.end()
        if marker == _EOI:
            yield marker, matched.end() - 2, matched.end()
            return
        if marker in _BARE:
            continue
        length = int.from_bytes(data[at : at + 2])
        if length < 2:
            raise ValueError("segment without length")
        yield marker, at + 2, min(at + length, len(data))
        at += length


def _scan(data: bytes, start: int, end: int, found: Layout, first_symbols: dict[int, int]) -> None:
    header = data[start:end]
    count = header[0] if header else 0
    if len(header) < 2 * count + 4:
        raise ValueError("scan without header")
    following = _MARKER.search(data, end)
    stop = len(data)
    if following is not None:
        stop = following.start()
        while stop > end and data[stop - 1] == 0xFF:  # fill bytes
            stop -= 1
    found.coded += stop - end
    spectral, low = (header[2 * count + 1], header[2 * count + 2]), header[2 * count + 3]
    for component in range(count):
        for coefficient in range(spectral[0], min(spectral[1], 63) + 1):
            place = header[1 + 2 * component], coefficient
            # Each scan refines what one before it has left; where it does not, some are missing or there twice.
            found.holes |= found.progressive and found.approximations.get(place, 0) != low >> 4
            found.holes |= found.progressive and low >> 4 == 0 and place in found.approximations
            found.approximations[place] = low & 0x0F
    if low >> 4 and spectral[0] == 0:
        return  # one plain bit for each block: zeros are as good as any
    tables = {header[2 + 2 * component] for component in range(count)}
    flat = all(first_symbols.get(table >> 4) == 0 for table in tables)
    if spectral[1] > 0:
        flat = flat and not found.progressive and all(first_symbols.get(0x10 | table & 0x0F) == 0 for table in tables)
    if not flat and data.find(_NULS, end, stop) >= 0:
        found.holes |= any(hole.end() < stop for hole in HOLE.finditer(data, end, stop))


def _first_symbols(content: bytes) -> Iterator[tuple[int, int]]:
    """Of each Huffman table (class and number in one byte) the symbol whose code is all zeros.

    If that is "same as before" and "end of block", zeros are an even surface, and no hole.
    """
    at = 0
    while at + 17 < len(content):
        yield content[at], content[at + 17]
        at += 17 + sum(content[at + 1 : at + 17])


def reduce(image: Image.Image, side: int) -> None:
    """Have libjpeg itself decode in grey, and no more than leaves so many pixels on the longer side."""
    share = min(1.0, side / max(image.size))
    image.draft("L", (math.ceil(image.width * share), math.ceil(image.height * share)))


def _decode(data: bytes, side: int | None) -> tuple[Image.Image, int]:
    """As many rows as there are, the others black; and how many bytes the decoder has asked for."""
    file = io.BytesIO(data)
    image = Image.open(file, formats=["JPEG"])
    if side is None:
        image.draft(None, (max(1, image.width // _PREVIEW), max(1, image.height // _PREVIEW)))
    else:
        reduce(image, side)
    image.decodermaxblock = _BLOCK
    try:
        image.load()
    except OSError:
        if not image.tile:
            raise
        image.tile = []  # keep what has come
        image.load()
    return image, file.tell()


def _last_row(image: Image.Image) -> int:
    box = image.getbbox()
    return box[3] if box else 0


def _is_shaded(image: Image.Image) -> bool:
    return any(len(set(channel.getextrema())) > 1 for channel in image.split())


def without_metadata(data: bytes) -> bytes:
    """The same picture without what is said of it beside: EXIF, XMP, captions, comments. Colour profiles stay."""
    kept, at = [], 0
    for marker, start, end in _segments_before_scan(data):
        if marker in _METADATA:
            kept.append(data[at : start - 4])
            at = end
    return b"".join([*kept, data[at:]])


def _segments_before_scan(data: bytes) -> Iterator[tuple[int, int, int]]:
    """As `_segments`, as far as there is order in them."""
    try:
        for marker, start, end in _segments(data):
            if marker in (_SOS, _EOI):
                return
            yield marker, start, end
    except ValueError:
        return
