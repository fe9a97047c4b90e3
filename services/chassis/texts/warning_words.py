"""What is said of a file that was taken and had better be looked at: in answers, on pages of candidates and of staff."""

from __future__ import annotations

from services.chassis.texts.catalogues import catalogues


def warning_text(slug: str, page: int | None, dpi: int | None, language: str) -> str:
    """What to look at, and what to do about it; of a picture where there is no page."""
    name = f"documents.warning.{slug}"
    if slug == "low-resolution" and page is None:
        name += ".picture"
    return catalogues().text(name, language, page=page or 1, dpi=dpi or 0)
