"""What a password must be (acceptance 16): 12 to 128 characters, any composition, not easily guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from services.accounts.domain.text import bare
from services.contracts.refusals import FieldError
from services.contracts.text import normal as composed

SHORTEST: Final = 12
LONGEST: Final = 128

_LONGEST_UNIT: Final = 6
"""A password that is a word of up to this many characters over and over is as easy as the word."""
_FEWEST_OF_ONES_OWN: Final = 6
"""Characters that must be left when name, address and file number are taken out."""
_SHORTEST_PERSONAL: Final = 4

WORDS_OF_THE_PLACE: Final = ("Parvis", "candidature")
"""What everybody here has before their eyes, beside the institution's name."""

_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)


def normal(password: str) -> str:
    """The form in which passwords are counted and hashed: composed, so that every keyboard gives the same (RFC 8265)."""
    return composed("NFC", password)


def password_faults(
    field: str, password: str, *, common: Collection[str], personal: Iterable[str] = ()
) -> list[FieldError]:
    """The rule that a password breaks, if any.

    `common` are known passwords, casefolded; `personal` is what others know of the person and of where they apply.
    """
    password = normal(password)
    if len(password) < SHORTEST:
        return [FieldError(field, "too-short", {"min": SHORTEST})]
    if len(password) > LONGEST:
        return [FieldError(field, "too-long", {"max": LONGEST})]
    plain = password.casefold()
    if plain in common or _repeats(plain) or _runs(plain) or _core(plain) in common:
        return [FieldError(field, "too-common")]
    if _is_personal(plain, personal):
        return [FieldError(field, "too-personal")]
    return []


def _repeats(plain: str) -> bool:
    return any(
        plain == (plain[:unit] * len(plain))[: len(plain)] for unit in range(1, min(_LONGEST_UNIT, len(plain) // 2) + 1)
    )


def _runs(plain: str) -> bool:
    """Whether it is one walk along a row of keys or letters, there or back."""
    return any(plain in row or plain in row[::-1] for row in _ROWS)


def _core(plain: str) -> str:
    """The word that figures and signs at both ends are hung on: `motdepasse` of `motdepasse2026!`."""
    start, end = 0, len(plain)
    while start < end and not plain[start].isalpha():
        start += 1
    while end > start and not plain[end - 1].isalpha():
        end -= 1
    return plain[start:end]


def _is_personal(plain: str, personal: Iterable[str]) -> bool:
    rest = bare(plain)
    known = sorted({word for text in personal for word in _words(text)}, key=len, reverse=True)
    hit = False
    for word in known:
        if word in rest:
            rest = rest.replace(word, "")
            hit = True
    return hit and len(rest) < _FEWEST_OF_ONES_OWN


def _words(text: str) -> list[str]:
    parts = [text, text.partition("@")[0], *text.replace("-", " ").replace(".", " ").split()]
    return [word for part in parts if len(word := bare(part)) >= _SHORTEST_PERSONAL]
