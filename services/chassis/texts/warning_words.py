"""What is said of a file that was taken and had better be looked at: in answers, on pages of candidates and of staff."""

from __future__ import annotations

from typing import Final

from services.chassis.texts.catalogues import catalogues

OF_PICTURES: Final = frozenset({"low-resolution", "page-sideways", "page-unclear"})
"""What is said in other words of a picture, which has no pages."""


def warning_text(slug: str, page: int | None, dpi: int | None, language: str) -> str:
    """What to look at, and what to do about it; of a picture where there is no page."""
    name = f"documents.warning.{slug}"
    if slug in OF_PICTURES and page is None:
        name += ".picture"
    return catalogues().text(name, language, page=page or 1, dpi=dpi or 0)
