"""Draws a page of a document as a picture that says at a glance what it is. For the inspector alone."""

from __future__ import annotations

import io
from typing import Final

import pypdfium2

from services.documents.usecases.inspection.findings import Finding, Verdict
from services.documents.usecases.inspection.images import DECODER_ERRORS
from services.documents.usecases.inspection.pictures import FORMATS, upright

WIDTH: Final = 1000
"""Pixels across: ordinary print can be read on a screen."""
LONGEST: Final = 2000
"""Pixels of the longer side: of a strip less can be read than of a page."""
QUALITY: Final = 75
COUNT: Final = 0
"""In place of the number of a page: only say how many there are."""


def preview(data: bytes, media_type: str, page: int) -> Verdict:
    """A JPEG of the page of that number, from 1, as far as there is one, and how many pages there are; a picture has one.

    What is filled into a form is drawn, as are remarks; nothing of a document runs.
    """
    try:
        if media_type in FORMATS:
            return Verdict(pages=1, made=upright(data, media_type, WIDTH, QUALITY) if page == 1 else b"")
        return _of_pdf(data, page)
    except PermissionError:
        raise
    except (pypdfium2.PdfiumError, *DECODER_ERRORS) as error:
        return Verdict(Finding.DAMAGED, type(error).__name__)


def _of_pdf(data: bytes, number: int) -> Verdict:
    pdf = pypdfium2.PdfDocument(data)
    pages = len(pdf)
    if not 1 <= number <= pages:
        return Verdict(pages=pages)
    pdf.init_forms()
    page = pdf[number - 1]
    width, height = (max(side, 1.0) for side in page.get_size())
    bitmap = page.render(scale=min(WIDTH / width, LONGEST / max(width, height)), may_draw_forms=True)
    bitmap.to_pil().convert("RGB").save(out := io.BytesIO(), "JPEG", quality=QUALITY, optimize=True)
    return Verdict(pages=pages, made=out.getvalue())
