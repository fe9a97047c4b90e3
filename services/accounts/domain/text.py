"""Text as people type it: kept as typed, compared without case and accents."""

from __future__ import annotations

from services.contracts.refusals import FieldError
from services.contracts.text import normal


def folded(text: str) -> str:
    """The form by which addresses are compared: composed, without case and outer blanks (acceptance 4)."""
    return normal("NFC", normal("NFC", text.strip()).casefold())


def bare(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    decomposed = normal("NFKD", text).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def name_faults(field: str, name: str) -> list[FieldError]:
    """What is wrong with a required name: it must hold a letter, of whatever script."""
    if not name:
        return [FieldError(field, "required")]
    if not any(character.isalpha() for character in name):
        return [FieldError(field, "not-a-name")]
    return []
