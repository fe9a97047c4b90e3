"""Which pages of a PDF show nothing, by drawing them very small."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import pypdfium2

_SIDE: Final = 96
"""Pixels of the longer side: a line of small print still leaves a shade."""
_SECONDS: Final = 2.0
"""Processor time for all pages; a warning that is not found in it is not given."""


def blank_pages(data: bytes, among: Sequence[int]) -> list[int] | None:
    """Those of these page numbers whose page has one shade only; None when PDFium cannot open the file."""
    blank = []
    used = time.process_time()
    try:
        pdf = pypdfium2.PdfDocument(data)
        pages = len(pdf)
        for number in among:
            if number > pages or time.process_time() - used > _SECONDS:
                break
            if _is_blank(pdf[number - 1]):
                blank.append(number)
    except pypdfium2.PdfiumError:
        return None
    return blank


def _is_blank(page: pypdfium2.PdfPage) -> bool:
    width, height = page.get_size()
    bitmap = page.render(scale=_SIDE / max(width, height, 1.0), grayscale=True, may_draw_forms=False)
    low, high = bitmap.to_pil().getextrema()
    page.close()
    return bool(low == high)
