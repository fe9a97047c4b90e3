"""A text in the languages of the suite."""

from __future__ import annotations

from dataclasses import dataclass

Language = str
"""A language by its code (ISO 639-1)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in French and, if there is one, in English."""

    fr: str
    en: str | None = None

    def within(self, language: Language) -> str:
        """The text in that language, in French if there is none."""
        return self.en if language == "en" and self.en else self.fr

    def by_language(self) -> dict[str, str]:
        """The text by language, only the languages that it has."""
        return {"fr": self.fr} | ({"en": self.en} if self.en else {})
