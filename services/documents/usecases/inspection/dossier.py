"""Makes one PDF of a whole file: a cover, and behind it all pieces that can be read. For the inspector alone."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import pikepdf

from services.documents.usecases.inspection.assembling import PDF, STEPS, add_photo, flatten
from services.documents.usecases.inspection.findings import Verdict
from services.documents.usecases.inspection.images import DECODER_ERRORS
from services.documents.usecases.inspection.pictures import upright

MAX_PAGES: Final = 2000
"""Of all pieces together; whose pages are beyond is left out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of a piece, and which of the cover's items it is."""

    item: int
    content: bytes
    media_type: str


def dossier(data: Mapping[str, Any], pieces: Sequence[Piece], cover: Callable[[Mapping[str, Any]], bytes]) -> Verdict:
    """The PDF: the cover that `cover` makes of `data`, then each piece under its bookmark, with nothing to fill in.

    A piece that cannot be read, or has too many pages, is left out, and its item on the cover says so: `damaged`,
    `too_large` of `data["notes"]`. Of what is restricted the pages can be had, of what is signed the picture of its
    signature: the pieces themselves stay as they are.
    """
    items = [dict(item) for item in data["pieces"]["items"]]
    left, kept = MAX_PAGES, []
    with ExitStack() as opened:
        for piece in pieces:
            try:
                pdf = opened.enter_context(_opened(piece))
                pages = len(pdf.pages)
            except PermissionError:
                raise
            except (pikepdf.PdfError, pikepdf.PasswordError, *DECODER_ERRORS):
                items[piece.item]["note"] = data["notes"]["damaged"]
                continue
            if pages > left:
                items[piece.item]["note"] = data["notes"]["too_large"]
                continue
            left -= pages
            kept.append((items[piece.item]["label"], pdf))
        lacks = any(item["note"] for item in items)
        told = {
            **data,
            "behind": MAX_PAGES - left,
            "pieces": {**data["pieces"], "items": items},
            "left_out": data["left_out"] if lacks else None,
        }
        made = opened.enter_context(pikepdf.open(io.BytesIO(cover(told))))
        return Verdict(made=_joined(made, data["title"], kept))


def _opened(piece: Piece) -> pikepdf.Pdf:
    """The piece as pages that can stand in another PDF; raises PdfError and what decoders raise."""
    if piece.media_type != PDF:
        made = pikepdf.new()
        add_photo(made, upright(piece.content, piece.media_type, *STEPS[0]))
        return made
    pdf = pikepdf.open(io.BytesIO(piece.content), suppress_warnings=True)
    flatten(pdf)
    return pdf


def _joined(made: pikepdf.Pdf, title: str, pieces: Sequence[tuple[str, pikepdf.Pdf]]) -> bytes:
    with made.open_outline() as outline:
        outline.root.clear()
        outline.root.append(pikepdf.OutlineItem(title, 0))
        for label, pdf in pieces:
            outline.root.append(pikepdf.OutlineItem(label, len(made.pages)))
            made.pages.extend(pdf.pages)
    if "/Metadata" in made.Root:
        del made.Root.Metadata  # it says that all is accessible, which holds of the cover alone
    made.save(out := io.BytesIO(), deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()
