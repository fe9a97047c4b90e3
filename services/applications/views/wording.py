"""Words and texts in one language."""

from __future__ import annotations

from collections.abc import Mapping

from services.chassis.texts.catalogues import catalogues


def word(name: str, language: str) -> str:
    """What screens call a state of a file or of a piece, or a day."""
    return catalogues().text(f"applications.word.{name}", language)


def text_in(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in French, which offers always gives."""
    return texts.get(language) or texts["fr"]
