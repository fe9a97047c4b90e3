"""Texts of requests, made alike; each is measured before anything is made of it."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

from services.contracts.text import normal, readable, visible

DECOMPOSED: Final = 4
"""Characters as they may be typed for one composed character, at the most."""
BLANKS: Final = 64
"""And for the blanks around."""
_LINE_ENDS: Final = re.compile(r"[\t-\r\x85\u2028\u2029]")


def tidied(longest: int) -> BeforeValidator:
    """Composes a text and frees it of outer blanks and of signs that nobody sees.

    Not if it is longer than what could be `longest` characters then.
    """
    return BeforeValidator(partial(_tidy, longest))


def _tidy(longest: int, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if len(value) > longest * DECOMPOSED + BLANKS:
        raise PydanticKnownError("string_too_long", {"max_length": longest})
    return normal("NFC", visible(value)).strip()


def lined(longest: int) -> BeforeValidator:
    """The same for a text of one line, with a blank in place of line ends and tabs: they come along with what is pasted."""
    return BeforeValidator(partial(_line, longest))


def _line(longest: int, value: Any) -> Any:
    if isinstance(value, str) and len(value) <= longest * DECOMPOSED + BLANKS:
        value = " ".join(part for each in _LINE_ENDS.split(value) if (part := each.strip()))
    return _tidy(longest, value)


LINES: Final = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffd]*$"
"""Several lines, parted by line feeds; nothing else that cannot be seen."""


def without_unreadable(value: Any) -> Any:
    """A text from elsewhere with blanks in place of what `LINES` has not: it cannot be typed anew."""
    return readable(value) if isinstance(value, str) else value


def one_line_end(value: Any) -> Any:
    """Line ends as browsers send them count as one character."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def without_blanks(value: Any) -> Any:
    """A text without the blanks by which people part its signs."""
    return "".join(value.split()) if isinstance(value, str) else value
