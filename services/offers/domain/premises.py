"""What a preview was made of, so that what is confirmed is what was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

DIGEST: Final = 32
"""Characters of a digest: half of them for what was asked, half for what would come of it."""


def premises(asked: str, come: Iterable[object]) -> str:
    """The digest of a preview: of what is `asked`, and of all that would come of it, in this order."""
    told = hashlib.sha256()
    for each in come:
        told.update(f"{each!r}\n".encode(errors="backslashreplace"))
    return _asked(asked) + told.hexdigest()[: DIGEST // 2]


def is_of(digest: str, asked: str) -> bool:
    """Whether a digest was made of what is asked."""
    return digest.startswith(_asked(asked))


def _asked(asked: str) -> str:
    return hashlib.sha256(asked.encode(errors="backslashreplace")).hexdigest()[: DIGEST // 2]
