"""The words of letters, which the institution may write itself: text with some variables, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from services.contracts.braces import VARIABLE, in_braces, is_stray, names_in, paragraphs_of
from services.contracts.refusals import INVALID_FIELDS, FieldError

VARIABLES: Final = (
    "name",
    "programme",
    "diploma",
    "centre",
    "campaign",
    "file_number",
    "institution",
    "decided_on",
    "accepted_on",
    "reason",
    "comment",
    "group",
)
"""What may stand in braces in the words of a letter."""
MOST: Final = 1000
"""Letters with words of their own, inclusive, in all languages, also where these were taken back: four of 250 centres."""
SOMETIMES: Final = ("accepted_on", "reason", "comment", "group")
"""Those that not every letter has a value for: a paragraph may go without them, a title or a signatory may not."""


@dataclass(frozen=True, slots=True)
class LetterTexts:
    """The words of a letter, with variables in braces: paragraphs of the body are parted by empty lines."""

    title: str
    body: str
    signatory: str


@dataclass(frozen=True, slots=True)
class LetterSheet:
    """What the institution or a centre has written for one kind of letter in one language; who was the last, and when."""

    texts: LetterTexts | None = None
    at: datetime | None = None
    by: str | None = None


def check(texts: LetterTexts) -> None:
    """Raise INVALID_FIELDS for braces around anything but a variable, for braces alone, and where nothing may be left."""
    if faults := list(_faults(texts)):
        raise INVALID_FIELDS(fields=faults)


def _faults(texts: LetterTexts) -> Iterator[FieldError]:
    for each in fields(texts):
        text: str = getattr(texts, each.name)
        allowed = [name for name in VARIABLES if each.name == "body" or name not in SOMETIMES]
        if is_stray(text, allowed):
            yield FieldError(each.name, "unknown-variable", {"allowed": in_braces(allowed)})
        elif each.name == "body" and not paragraphs(text, dict.fromkeys(SOMETIMES, "")):
            yield FieldError(each.name, "empty-for-some", {"variables": in_braces(SOMETIMES)})


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values of its variables, which are put in once: braces in a value stay what they are."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def paragraphs(text: str, values: Mapping[str, str]) -> Sequence[Sequence[str]]:
    """The paragraphs, each of its lines; one that has a variable without a value is left out."""
    kept = (each for each in paragraphs_of(text) if all(values.get(name, name) for name in names_in(each)))
    return [filled(each, values).split("\n") for each in kept]
