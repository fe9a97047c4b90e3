"""What files are called in a bundle: safe on every system, and no two alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from services.contracts.text_folding import fold

LONGEST: Final = 80
"""Characters of a name without its ending; two of them, one in the other, fit into any path."""
ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]+")


class Names:
    """Names of one folder, each given once; systems that do not tell capitals apart find no two alike."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def once(self, name: str, ending: str = "") -> str:
        """That name, or the same with a number behind it."""
        tried, number = f"{name}{ending}", 1
        while tried.lower() in self._given:
            number += 1
            tried = f"{name}-{number}{ending}"
        self._given.add(tried.lower())
        return tried


def of_person(number: str, names: Sequence[str]) -> str:
    """`NUMBER_FAMILY_GIVEN` in ASCII; what has no letters in it is left out."""
    parts = [_plain(number), *(_plain(fold(each)).upper() for each in names)]
    return _cut("_".join(part for part in parts if part))


def as_written(number: str, names: Sequence[str]) -> str:
    """`NUMBER FAMILY GIVEN` in whatever letters the names have, for where any may stand."""
    return " ".join(part for part in (number, *names) if part)


def of_document(code: str, filename: str) -> str:
    """`CODE_NAME` in ASCII without an ending; by the code before it none is a name that a system keeps for itself."""
    stem = _plain(fold(filename.rpartition(".")[0] or filename))
    return _cut("_".join(part for part in (_plain(code) or "piece", stem) if part))


def _plain(text: str) -> str:
    return _UNSAFE.sub("-", text).strip("-")


def _cut(text: str) -> str:
    return text[:LONGEST].rstrip("-_")
