"""Text that people send, made alike: nothing is composed or taken apart before its length is known."""

from __future__ import annotations

import unicodedata
from functools import partial
from typing import Any, Final, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

MOST: Final = 4096
"""Characters that are normalized at a time: to put marks into their order takes time by the square of their number."""
DECOMPOSED: Final = 4
"""Characters as they may be typed for one composed character, at the most."""
BLANKS: Final = 64
"""And for the blanks around."""


def normal(form: Literal["NFC", "NFKD"], text: str) -> str:
    """The normal form of a text of up to `MOST` characters; raises ValueError for a longer one."""
    if len(text) > MOST:
        raise ValueError("too long to be normalized")
    return unicodedata.normalize(form, text)


def tidied(longest: int) -> BeforeValidator:
    """Composes a text and frees it of outer blanks, unless it is longer than what could be `longest` characters then."""
    return BeforeValidator(partial(_tidy, longest))


def _tidy(longest: int, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if len(value) > longest * DECOMPOSED + BLANKS:
        raise PydanticKnownError("string_too_long", {"max_length": longest})
    return normal("NFC", value).strip()
