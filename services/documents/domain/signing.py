"""Who signs the letters of a board, and which letters its candidates are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.documents.domain.naming import named

MOST: Final = 2000
"""Pictures of signatures of an institution, inclusive: some for each board, for years."""
ALL: Final = ("admission", "rejection")


@dataclass(frozen=True, slots=True)
class Board:
    """What a board has said of its letters: which there are, and who signs them; `signature` is the name of a picture."""

    code: str = ""
    kinds: Sequence[str] = ALL
    signatory: str = ""
    function: str = ""
    signature: str = ""
    label: Mapping[str, str] = field(default_factory=dict)
    """What it is called, by language; empty of one that an earlier release has copied."""


@dataclass(frozen=True, slots=True)
class Signed:
    """By whom a letter is signed, in lines, and the picture of the signature (JPEG); nothing: as the letter's words say."""

    name: str = ""
    function: str = ""
    picture: bytes = b""

    @property
    def lines(self) -> list[str]:
        """Name and function."""
        return [line for line in (self.name, self.function) if line]


@dataclass(frozen=True, slots=True)
class Signature:
    """One picture, which never changes; `by` is who of staff has put it."""

    commission: str
    sha256: str
    size: int
    at: datetime
    by: str

    @property
    def name(self) -> str:
        """How its board names it: another picture for the same board has another name."""
        return name_of(self.commission, self.sha256)


def name_of(commission: str, sha256: str) -> str:
    """The name of the picture with that digest for that board."""
    return named(commission, sha256, "jpg")
