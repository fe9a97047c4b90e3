"""What an inspection may find; the words that the inspector and the suite exchange."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Task(Enum):
    """What is asked of the inspector."""

    INSPECT = "inspect"
    PHOTO = "photo"
    """To look into a photo, and make of it what waits to be assembled."""
    ASSEMBLE = "assemble"
    """To make one PDF of photos and PDFs."""
    PAPER = "paper"
    """To make the PDF of a template, whose data are the file."""
    DOSSIER = "dossier"
    """To make one PDF of a cover, whose data are the first file, and of all others."""
    FRAGMENT = "fragment"
    """To make of a PDF what stands as it is in a larger one."""
    PREVIEW = "preview"
    """To draw a page."""


class Finding(Enum):
    """What is wrong with a file."""

    MISMATCH = "content-mismatch"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    ACTIVE = "active-content"
    TOO_MANY_PIXELS = "image-too-large"
    EXHAUSTED = "too-complex"
    UNFIT = "pages-do-not-fit"
    """Pages that, made as small as can still be read, are too many for their bytes."""


class Notice(Enum):
    """What is worth a second look of its owner, though the file is taken."""

    BLANK_PAGE = "blank-page"
    CUT_SHORT = "picture-cut-short"
    COARSE = "low-resolution"
    SIDEWAYS = "page-sideways"
    UPSIDE_DOWN = "page-upside-down"
    UNCLEAR = "page-unclear"


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice, and the number of its page, from 1, in a file that has pages; `dpi` of what is too coarse."""

    notice: Notice
    page: int | None = None
    dpi: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became known of a file: what is wrong with it, and why for the log; else what its owner should look at.

    `made` is what was made of it, where something was to be; `pages` are counted where one is to be drawn.
    """

    finding: Finding | None = None
    why: str = ""
    warnings: tuple[Noticed, ...] = field(default=())
    made: bytes = field(default=b"", repr=False)
    pages: int = 0


class Found(Exception):
    """Ends an inspection at the first thing that is wrong; `args` are a finding and why, without words of the file."""

    @property
    def verdict(self) -> Verdict:
        """The same as a verdict."""
        finding, why = self.args
        return Verdict(finding, why)
