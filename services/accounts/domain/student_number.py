"""The French national student number (INE): 11 characters in one of the forms that were ever given out.

- BEA, of pupils since 1995: ten digits and a letter, the number modulo 23 in the alphabet without I, O and Q.
- NNE, given by universities: ten characters in base 36 and the last decimal digit of that number.
- RNIE, of everybody since 2018: nine digits and two letters of A to H, J, K; its key is not published, so its form alone
  is checked, as is that of apprentices (four digits, A, five digits, a letter).
"""

from __future__ import annotations

import re
from typing import Final

LENGTH: Final = 11

_RNIE: Final = re.compile(r"[0-9]{9}[A-HJK]{2}")
_BEA: Final = re.compile(r"[0-9]{10}[A-HJ-NPR-Z]")
_APPRENTICE: Final = re.compile(r"[0-9]{4}A[0-9]{5}[A-HJ-NPR-Z]")
_NNE: Final = re.compile(r"[0-9A-Z]{10}[0-9]")

_SEPARATORS: Final = re.compile(r"[\s._/\u00ad\u00b7\u2010-\u2015\u2212-]+")
_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"


def as_typed(text: str) -> str:
    """The number without blanks and the signs that part it, in capitals."""
    return _SEPARATORS.sub("", text).upper()


def fault(number: str) -> str | None:
    """The rule that a number breaks: `not-a-student-number` for its form, `student-number-key` for its key."""
    if len(set(number[:-1])) == 1:
        return "not-a-student-number"  # what people type who have none
    if _BEA.fullmatch(number):
        return None if _LETTERS[int(number[:10]) % 23] == number[10] else "student-number-key"
    if _RNIE.fullmatch(number) or _APPRENTICE.fullmatch(number):
        return None
    if _NNE.fullmatch(number):
        return None if int(number[:10], 36) % 10 == int(number[10]) else "student-number-key"
    return "not-a-student-number"
