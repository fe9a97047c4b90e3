"""The languages of the suite: those that have a catalogue of texts in `services/locale`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

DEFAULT: Final = "fr"
"""What is spoken to who does not say otherwise, and what everything that an institution writes is in."""
LOCALE: Final = Path(__file__).parents[1] / "locale"
CATALOGUE: Final = "LC_MESSAGES/parvis.po"


def languages_of(folder: Path) -> tuple[str, ...]:
    """The languages that have a catalogue in a folder, by their codes (ISO 639-1), `DEFAULT` first."""
    found = {path.parents[1].name for path in folder.glob(f"*/{CATALOGUE}")}
    return (DEFAULT, *sorted(found - {DEFAULT}))


LANGUAGES: Final = languages_of(LOCALE)

if TYPE_CHECKING:
    Language = str
else:
    Language = Literal[LANGUAGES]
"""A language of the suite, which is what pydantic lets in and what documents of the API list."""
