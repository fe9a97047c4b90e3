"""The file number (numéro de dossier): a login of 8 characters that never repeats (acceptance 20).

Where the institution has a prefix, those that are given from then on begin with its two characters, and have ten.
"""

from __future__ import annotations

from typing import Final

LENGTH: Final = 8
"""Without a prefix."""
PREFIX_LENGTH: Final = 2
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U, which are misread for 1, 1, 0 and V."""

_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V", " ": "", "-": ""})


def straightened(typed: str) -> str:
    """What was typed of a file number, without case, blanks and misread letters."""
    return typed.strip().upper().translate(_MISREAD)


def as_typed(login: str) -> str | None:
    """The file number that somebody meant to type, or None if it can be none: case and misread letters are forgiven."""
    number = straightened(login)
    return number if len(number) in (LENGTH, PREFIX_LENGTH + LENGTH) and is_of_alphabet(number) else None


def is_of_alphabet(number: str) -> bool:
    """Whether there is nothing in it that no file number has."""
    return all(character in ALPHABET for character in number)
