"""Normal forms of text, for as much of it as can be made alike in no time."""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

MOST: Final = 4096
"""Characters that are normalized at a time: to put marks into their order takes time by the square of their number."""


def normal(form: Literal["NFC", "NFKD"], text: str) -> str:
    """The normal form of a text of up to `MOST` characters; raises ValueError for a longer one."""
    if len(text) > MOST:
        raise ValueError("too long to be normalized")
    return unicodedata.normalize(form, text)
