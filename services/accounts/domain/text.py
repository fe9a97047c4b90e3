"""Text as people type it: kept as typed, compared without case and accents."""

from __future__ import annotations

import re
from typing import Final

from services.contracts.refusals import FieldError
from services.contracts.text import normal

_DOT: Final = re.compile(r"([.\u3002\uff0e\uff61])(?=[^\W_]{2})")
"""A dot as domains have it, before more than an initial."""
_ADDRESS: Final = re.compile(r"://|www[.\u3002\uff0e\uff61]|[@<>]", re.IGNORECASE)


def folded(text: str) -> str:
    """The form by which addresses are compared: composed, without case and outer blanks (acceptance 4).

    A domain keeps its letters: under IDNA 2008 `straße.de` and `strasse.de` belong to two.
    """
    local, at, domain = normal("NFC", text.strip()).rpartition("@")
    return normal("NFC", f"{local.casefold()}{at}{domain.lower()}")


def bare(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    decomposed = normal("NFKD", text).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def unlinked(name: str) -> str:
    """A name of which no mail program makes a link: `evil.test` becomes `evil. test`, and `St.John` `St. John`."""
    return _DOT.sub(r"\1 ", name)


def name_faults(field: str, name: str, *, given: tuple[str, ...] = ()) -> list[FieldError]:
    """What is wrong with a required name: it must hold a letter, of whatever script, and be no address of anything.

    `given` are the fields that make it a required one.
    """
    if not name:
        return [FieldError(field, "required", given=given)]
    return optional_name_faults(field, name)


def optional_name_faults(field: str, name: str | None) -> list[FieldError]:
    """What is wrong with a name that may be left out."""
    if not name or (any(character.isalpha() for character in name) and not _ADDRESS.search(name)):
        return []
    return [FieldError(field, "not-a-name")]
