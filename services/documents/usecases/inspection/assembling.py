"""Makes one PDF of photos and PDFs, small enough for its place and large enough to be read. For the inspector alone."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import pikepdf
from PIL import Image

from services.documents.usecases.inspection.findings import Finding, Verdict
from services.documents.usecases.inspection.images import DECODER_ERRORS
from services.documents.usecases.inspection.jpeg import without_metadata
from services.documents.usecases.inspection.pictures import upright

STEPS: Final = ((1512, 75), (1240, 70), (1240, 50), (990, 50))
"""Pixels of the shorter side and JPEG's quality of all photos, tried in turn: A4 at 180, 150 and 120 to the inch.

Below the last the small print of a certificate cannot be read any more.
"""
SHORTER: Final = 595.276
"""The shorter side of a photo's page: A4's, in points."""
LONGEST: Final = 14_400.0
"""Points that readers of PDF are sure to show."""

PDF: Final = "application/pdf"
_JPEG: Final = "image/jpeg"
_DROPPED: Final = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AF")


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of a photo or PDF; `is_ready` says of a photo that it is what `upright` makes."""

    content: bytes
    media_type: str
    is_ready: bool = False


def assemble(parts: Sequence[Part], max_bytes: int) -> Verdict:
    """One PDF of all pages in order, always the same bytes, without metadata, and with nothing that can be filled in.

    Photos are sized down together, as little as is needed; the pages of PDFs stay as they are.
    """
    try:
        room = max_bytes - len(_joined([part for part in parts if part.media_type == PDF]))
        for size in (_ready, *(_sized(*step) for step in STEPS)):
            if (pages := _pages(parts, size, room)) is not None and len(made := _joined(pages)) <= max_bytes:
                return Verdict(made=made)
    except PermissionError:
        raise
    except (pikepdf.PdfError, *DECODER_ERRORS) as error:
        return Verdict(Finding.DAMAGED, type(error).__name__)
    return Verdict(Finding.UNFIT)


_Sized = Callable[[Part], bytes]


def _ready(part: Part) -> bytes:
    return part.content if part.is_ready else upright(part.content, part.media_type, *STEPS[0])


def _sized(shorter: int, quality: int) -> _Sized:
    return lambda part: upright(part.content, part.media_type, shorter, quality)


def _pages(parts: Sequence[Part], size: _Sized, room: int) -> list[Part] | None:
    """The parts with their photos sized; None as soon as these take more room than there is."""
    pages = []
    for part in parts:
        page = part if part.media_type == PDF else Part(size(part), _JPEG)
        room -= 0 if page is part else len(page.content)
        if room < 0:
            return None
        pages.append(page)
    return pages


def _joined(parts: Iterable[Part]) -> bytes:
    made = pikepdf.new()
    with ExitStack() as opened:
        for part in parts:
            if part.media_type == PDF:
                source = opened.enter_context(pikepdf.open(io.BytesIO(part.content), suppress_warnings=True))
                flatten(source)
                made.pages.extend(source.pages)
            else:
                add_photo(made, part.content)
        made.save(out := io.BytesIO(), deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def add_photo(made: pikepdf.Pdf, jpeg: bytes) -> None:
    """A page for a plain JPEG, as wide as A4; raises what its decoder does."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        width, height, grey = image.width, image.height, image.mode == "L"
    picture = made.make_stream(jpeg)
    picture.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB,
        Filter=pikepdf.Name.DCTDecode,
    )
    scale = min(SHORTER / min(width, height), LONGEST / max(width, height))
    across, up = max(3.0, width * scale), max(3.0, height * scale)
    page = made.add_blank_page(page_size=(round(across, 2), round(up, 2)))
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=picture))
    page.obj.Contents = made.make_stream(b"q %.2f 0 0 %.2f 0 0 cm /Photo Do Q" % (across, up))


def flatten(source: pikepdf.Pdf) -> None:
    """Draw what fields show onto the pages, where two copies of one form cannot meet; leave out what tells of its making."""
    if "/AcroForm" in source.Root:
        source.generate_appearance_streams()
        source.flatten_annotations("all")
    for object in source.objects:
        if not isinstance(object, pikepdf.Dictionary | pikepdf.Stream):
            continue
        for key in _DROPPED:
            if key in object:
                del object[key]
        if (
            isinstance(object, pikepdf.Stream)
            and object.get("/Filter") == "/DCTDecode"
            and "/DecodeParms" not in object
        ):
            raw = object.read_raw_bytes()
            if (bare := without_metadata(raw)) != raw:
                object.write(bare, filter=pikepdf.Name.DCTDecode)
