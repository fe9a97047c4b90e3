"""How a document that the registrar holds is named in the place of a file: on pages, papers and in exports."""

from __future__ import annotations

from datetime import date

from services.chassis.texts import formats
from services.chassis.texts.catalogues import catalogues


def held_line(label: str, on: date | None, expires_on: date | None, language: str) -> str:
    """By whom it is held, what it is called there, and its days where it has them; one line."""
    texts = catalogues()
    parts = [texts.text("chassis.held.label", language, label=label)]
    if on is not None:
        parts.append(texts.text("chassis.held.on", language, day=formats.day(on, language)))
    if expires_on is not None:
        parts.append(texts.text("chassis.held.until", language, day=formats.day(expires_on, language)))
    return ", ".join(parts)
