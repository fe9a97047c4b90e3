"""Files that candidates fill in and give back: each is there for good under a name of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.documents.domain.naming import named

MOST: Final = 5000
"""Models of an institution, inclusive: some for each requirement, for years."""

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@dataclass(frozen=True, slots=True)
class Model:
    """One file, which never changes; `by` is who of staff has put it."""

    requirement: str
    filename: str
    sha256: str
    size: int
    at: datetime
    by: str

    @property
    def name(self) -> str:
        """What its address ends in: another file for the same requirement has another one."""
        return name_of(self.requirement, self.sha256)


def name_of(requirement: str, sha256: str) -> str:
    """The name of the file with that digest for that requirement."""
    return named(requirement, sha256, "pdf")


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one behind the last of what `Range` asks for; None for all (RFC 9110 section 14.2).

    So it is for several ranges, for one that is nowhere in the file, and for what is no range: it may be ignored.
    """
    found = _RANGE.fullmatch((header or "").strip())
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1) if last else size
    return (begin, end) if begin < end else None
