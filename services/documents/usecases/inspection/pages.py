"""Whether what the pages of a PDF draw can be decoded: contents, forms, fonts and pictures, each once."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pikepdf
from PIL import Image

from services.documents.usecases.inspection import images, jpeg
from services.documents.usecases.inspection.clarity import MOST_PIXELS, SIDE
from services.documents.usecases.inspection.findings import Finding, Found

MAX_DEPTH: Final = 16
"""Forms within forms, as deep as readers go."""
_HOLES: Final = 0.1
"""The share of a stream's bytes in holes from which it is damaged, 0 to 1."""
PHOTOS_KEPT: Final = 8
"""Photos that are decoded so that they can be looked at as well, the first of a file."""
_HEAD: Final = 65536
"""Bytes of a picture that most often show more than one shade already."""
_SHORT_HOLE: Final = re.compile(rb"\x00{64,}")
_INLINE_IMAGE: Final = re.compile(rb"\sID\s")
_COMPONENTS: Final = {"/DeviceGray": 1, "/G": 1, "/CalGray": 1, "/DeviceRGB": 3, "/RGB": 3, "/CalRGB": 3, "/Lab": 3,
                      "/DeviceCMYK": 4, "/CMYK": 4, "/Indexed": 1, "/I": 1, "/Separation": 1}  # fmt: skip
_JPEG: Final = "/DCTDecode"
_SPARSE: Final = frozenset({"/CCITTFaxDecode", "/JBIG2Decode", "/JPXDecode"})
_DEFLATED: Final = (["/FlateDecode"], ["/Fl"])
_SHOWS: Final = re.compile(rb"[\s)\]](?:Tj|TJ|Do)\s")
_FONT_FILES: Final = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(slots=True)
class Page:
    """What became known of a page.

    Bytes of its contents; whether these show text or objects; whether a picture on it has more than one shade; how many
    pixels the finest picture or mask has that it may draw by itself; whether a picture has a mask, in which its letters
    may stand; whether it has fonts, or forms, which may have some: no other page has letters; and the only picture that it
    may draw by itself, in grey, where that was decoded large enough to be looked at.
    """

    number: int
    content: int = 0
    draws: bool = False
    pictured: bool = False
    finest: int = 0
    masked: bool = False
    lettered: bool = True
    photo: Image.Image | None = None


@dataclass(slots=True)
class _Seen:
    """Objects that were looked into already, with whether there is more than one shade to see in them."""

    shades: dict[tuple[int, int], bool] = field(default_factory=dict)
    doubtful: bool = False
    """A checksum was wrong."""
    photos: dict[tuple[int, int], Image.Image | None] = field(default_factory=dict)
    """The first ones, in grey: memory for more would be for pages that there is no time to look at."""


def check_pages(pdf: pikepdf.Pdf) -> tuple[list[Page], bool]:
    """Decode everything; with the pages, whether a checksum was wrong. Raises Found, pikepdf.PdfError."""
    seen = _Seen()
    pages = [_check_page(page.obj, number, seen) for number, page in enumerate(pdf.pages, 1)]
    if not pages:
        raise Found(Finding.DAMAGED, "no pages")
    return pages, seen.doubtful


def undrawn(pages: Iterable[Page]) -> list[int]:
    """The numbers of pages that may be blank: small contents, and no picture that shows something."""
    return [page.number for page in pages if not page.pictured and page.content < 2**20]


def _check_page(page: pikepdf.Object, number: int, seen: _Seen) -> Page:
    found = Page(number)
    contents = page.get("/Contents", pikepdf.Array())
    for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
        if not isinstance(stream, pikepdf.Stream):
            raise Found(Finding.DAMAGED, "contents gone")
        content = _check_content(stream, seen)
        found.content += len(content)
        found.draws |= bool(_SHOWS.search(content))
    resources = _inherited(page, "/Resources")
    found.pictured = _check_resources(resources, seen, 0)
    pictures, masks = list(_pictures(resources)), list[pikepdf.Stream]()
    for picture in pictures:
        masks += (mask for key in ("/SMask", "/Mask") if isinstance(mask := picture.get(key), pikepdf.Stream))
    found.finest = max((_number(each, "/Width") * _number(each, "/Height") for each in pictures + masks), default=0)
    found.masked = bool(masks)
    found.lettered = _may_have_letters(resources)
    found.photo = seen.photos.get(pictures[0].objgen) if len(pictures) == 1 else None
    return found


def _may_have_letters(resources: object) -> bool:
    if not isinstance(resources, pikepdf.Dictionary):
        return False
    pictures = (
        isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image" for one in _values(resources, "/XObject")
    )
    return "/Font" in resources or "/Pattern" in resources or not all(pictures)


def _pictures(resources: object) -> Iterator[pikepdf.Stream]:
    if isinstance(resources, pikepdf.Dictionary):
        for drawn in _values(resources, "/XObject"):
            if isinstance(drawn, pikepdf.Stream) and drawn.get("/Subtype") == "/Image":
                yield drawn


def _inherited(page: object, key: str) -> object:
    for _ in range(MAX_DEPTH):
        if not isinstance(page, pikepdf.Dictionary):
            return None
        if key in page:
            return page[key]
        page = page.get("/Parent")
    return None


def _check_content(stream: pikepdf.Stream, seen: _Seen) -> bytes:
    """Raise Found unless drawing commands can be read."""
    content = _decode(stream, seen)
    if not _INLINE_IMAGE.search(content) and _share(_SHORT_HOLE, content) > _HOLES:
        raise Found(Finding.DAMAGED, "hole in contents")
    return content


def _decode(stream: pikepdf.Stream, seen: _Seen) -> bytes:
    """All that a stream holds; qpdf says nothing of one that breaks off, so Found is raised for it."""
    raw, filters = _raw(stream), _filters(stream)
    if not filters:
        return bytes(raw)
    if filters[:1] in _DEFLATED:
        complete, sound = _inflate(raw)
        if not complete:
            raise Found(Finding.DAMAGED, "stream breaks off")
        if not sound:
            if _share(_SHORT_HOLE, raw) > 0:
                raise Found(Finding.DAMAGED, "hole in stream")
            seen.doubtful = True
    return stream.read_bytes()


def _inflate(raw: memoryview) -> tuple[bool, bool]:
    """Whether compressed data come to their end, and whether their checksum is right, which some programs write wrong."""
    inflating, checksum = zlib.decompressobj(-zlib.MAX_WBITS), 1
    rest: bytes | memoryview = raw[2:]
    try:
        while rest and not inflating.eof:
            checksum = zlib.adler32(inflating.decompress(rest, 2**20), checksum)
            rest = inflating.unconsumed_tail
    except zlib.error:
        return False, False
    return inflating.eof or not raw, inflating.unused_data[:4] in (checksum.to_bytes(4), b"")


def _raw(stream: pikepdf.Stream) -> memoryview:
    """A stream as it stands in the file, in one copy: memory that is touched first costs a fork more than parsing it.

    Raises Found if a part of what it announces is not there, or there twice.
    """
    raw = memoryview(stream.get_raw_stream_buffer())
    announced = _number(stream, "/Length")
    if announced and abs(announced - len(raw)) > max(announced * _HOLES, 64):
        raise Found(Finding.DAMAGED, "length of stream")
    return raw


def _share(hole: re.Pattern[bytes], content: bytes | memoryview) -> float:
    return sum(len(matched[0]) for matched in hole.finditer(content)) / max(1, len(content))


def _check_resources(resources: object, seen: _Seen, depth: int) -> bool:
    """Look into fonts, pictures and forms; whether one shows more than one shade."""
    if not isinstance(resources, pikepdf.Dictionary) or depth > MAX_DEPTH:
        return False
    for font in _values(resources, "/Font"):
        _check_font(font, seen)
    shown = False
    for drawn in _values(resources, "/XObject"):
        if isinstance(drawn, pikepdf.Stream):
            if drawn.objgen not in seen.shades:
                seen.shades[drawn.objgen] = False  # a form that draws itself ends here
                seen.shades[drawn.objgen] = _check_drawn(drawn, seen, depth)
            shown |= seen.shades[drawn.objgen]
    return shown


def _values(resources: pikepdf.Object, kind: str) -> Iterator[object]:
    group = resources.get(kind)
    if isinstance(group, pikepdf.Dictionary):
        yield from (group.get(key) for key in group.keys())  # noqa: SIM118 - not a mapping


def _check_font(font: object, seen: _Seen) -> None:
    if not isinstance(font, pikepdf.Dictionary):
        return
    descendants = font.get("/DescendantFonts")
    for one in [font, *(descendants if isinstance(descendants, pikepdf.Array) else [])]:
        descriptor = one.get("/FontDescriptor") if isinstance(one, pikepdf.Dictionary) else None
        if isinstance(descriptor, pikepdf.Dictionary) and descriptor.objgen not in seen.shades:
            seen.shades[descriptor.objgen] = False
            for key in _FONT_FILES:
                if isinstance(file := descriptor.get(key), pikepdf.Stream):
                    _decode(file, seen)


def _check_drawn(drawn: pikepdf.Stream, seen: _Seen, depth: int) -> bool:
    kind = drawn.get("/Subtype")
    if kind == "/Form":
        _check_content(drawn, seen)
        return _check_resources(drawn.get("/Resources"), seen, depth + 1)
    return kind == "/Image" and _check_picture(drawn, seen)


# --- pictures ---------------------------------------------------------------------------------------------------


def _check_picture(picture: pikepdf.Stream, seen: _Seen) -> bool:
    """Raise Found if a tenth of its rows or more are not there or not its own; whether it shows more than one shade."""
    filters, raw = _filters(picture), _raw(picture)
    if _JPEG in filters:
        data = bytes(raw)
        raw.release()  # what is given back is not touched anew for what comes next
        is_few = (
            len(seen.photos) < PHOTOS_KEPT and _number(picture, "/Width") * _number(picture, "/Height") <= MOST_PIXELS
        )
        found = _check_jpeg(data, filters, SIDE if is_few else None)
        if is_few:
            seen.photos[picture.objgen] = found.grey
        return found.shaded
    if _SPARSE.intersection(filters):
        if _share(jpeg.HOLE, raw) > _HOLES:
            raise Found(Finding.DAMAGED, "hole in picture")
        return False
    pixels = memoryview(picture.get_stream_buffer()) if filters else raw
    expected = _expected(picture)
    if expected and abs(1 - len(pixels) / expected) >= images.MISSING:
        raise Found(Finding.DAMAGED, "rows missing, or too many")
    if filters[:1] in _DEFLATED and _share(jpeg.HOLE, raw) >= images.MISSING and _inflate(raw) != (True, True):
        raise Found(Finding.DAMAGED, "hole in picture")
    return _is_shaded(pixels[:_HEAD]) or _is_shaded(pixels)


def _is_shaded(pixels: memoryview) -> bool:
    told = bytes(pixels)
    return told.count(told[:1]) != len(told)


def _filters(stream: pikepdf.Stream) -> list[str]:
    filters = stream.get("/Filter", pikepdf.Array())
    return [str(one) for one in (filters if isinstance(filters, pikepdf.Array) else [filters])]


def _check_jpeg(data: bytes, filters: list[str], side: int | None) -> jpeg.Measured:
    for one in filters[: filters.index(_JPEG)]:
        if one not in ("/FlateDecode", "/Fl"):
            return jpeg.Measured(0.0, shaded=False)  # rare, and readers decode it by themselves
        try:
            data = zlib.decompress(data)
        except zlib.error:
            raise Found(Finding.DAMAGED, "picture cannot be unpacked") from None
    try:
        found = jpeg.measure(data, jpeg.layout(data), side)
    except PermissionError:
        raise
    except images.DECODER_ERRORS as error:
        raise Found(Finding.DAMAGED, type(error).__name__) from None
    if found.missing >= images.MISSING:
        raise Found(Finding.DAMAGED, "rows missing")
    return found


def _expected(picture: pikepdf.Stream) -> int:
    """Bytes of its rows; 0 when that cannot be told."""
    width, height = _number(picture, "/Width"), _number(picture, "/Height")
    mask = bool(picture.get("/ImageMask", False))
    bits = 1 if mask else _number(picture, "/BitsPerComponent")
    components = 1 if mask else _components(picture.get("/ColorSpace"))
    return height * ((width * bits * components + 7) // 8)


def _number(picture: pikepdf.Stream, key: str) -> int:
    value: object = picture.get(key)
    return value if isinstance(value, int) and value > 0 else 0


def _components(space: object) -> int:
    if isinstance(space, pikepdf.Name):
        return _COMPONENTS.get(str(space), 0)
    if not isinstance(space, pikepdf.Array) or len(space) < 2:
        return 0
    kind, detail = str(space[0]), space[1]
    if kind == "/ICCBased" and isinstance(detail, pikepdf.Stream):
        return _number(detail, "/N")
    if kind == "/DeviceN" and isinstance(detail, pikepdf.Array):
        return len(detail)
    return _COMPONENTS.get(kind, 0)
