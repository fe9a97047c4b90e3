"""What an inspection may find; the words that the inspector and the suite exchange."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Finding(Enum):
    """What is wrong with a file."""

    MISMATCH = "content-mismatch"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    ACTIVE = "active-content"
    TOO_MANY_PIXELS = "image-too-large"
    EXHAUSTED = "too-complex"


class Notice(Enum):
    """What is worth a second look of its owner, though the file is taken."""

    BLANK_PAGE = "blank-page"
    CUT_SHORT = "picture-cut-short"


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice, and the number of its page, from 1, in a file that has pages."""

    notice: Notice
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became known of a file: what is wrong with it, and why for the log; else what its owner should look at."""

    finding: Finding | None = None
    why: str = ""
    warnings: tuple[Noticed, ...] = field(default=())


class Found(Exception):
    """Ends an inspection at the first thing that is wrong; `args` are a finding and why, without words of the file."""

    @property
    def verdict(self) -> Verdict:
        """The same as a verdict."""
        finding, why = self.args
        return Verdict(finding, why)
