"""What a dry run has foreseen, so that what is confirmed by its digest is what was seen (acceptance 93).

A digest begins with what is asked. Behind it stands what comes of all of it, or, where each thing is done alone, what comes
of each, so that those are told apart that stand otherwise by now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from services.contracts.refusals import INVALID_FIELDS, PREMISES_CHANGED, FieldError

WHOLE: Final = 16
"""Hexadecimal digits of a digest that tell what is asked; as many tell what comes of all of it."""
EACH: Final = 8
"""Those that tell what comes of one thing."""

Result = Literal["changed", "unchanged", "refused"]
"""What comes, or came, of one thing, in a word."""


@dataclass(frozen=True, slots=True)
class Premises:
    """What is `asked`, and what would `come` of all of it, each as a SHA-256 in hexadecimal."""

    asked: str
    come: str

    @property
    def digest(self) -> str:
        """What confirms it."""
        return self.asked[:WHOLE] + self.come[:WHOLE]

    def confirm(self, digest: str, *, done: bool) -> None:
        """Raises PREMISES_CHANGED for the digest of something else; where it is `done` already, only of what is asked."""
        if not is_of(digest, self.asked) or (digest != self.digest and not done):
            raise PREMISES_CHANGED()


@dataclass(frozen=True, slots=True)
class PremisesOfEach:
    """The same where each thing is done alone: what would `come` of each, in order."""

    asked: str
    come: Sequence[str]

    @property
    def digest(self) -> str:
        """What confirms it."""
        return self.asked[:WHOLE] + "".join(each[:EACH] for each in self.come)

    def confirm(self, digest: str, *, done: Iterable[bool]) -> Sequence[bool]:
        """Of each whether it stands as it was seen.

        Raises PREMISES_CHANGED for the digest of something else, or where one stands otherwise and nothing is `done` yet.
        """
        if not is_of(digest, self.asked) or len(digest) != len(self.digest):
            raise PREMISES_CHANGED()
        places = range(WHOLE, len(digest), EACH)
        same = [digest[at : at + EACH] == each[:EACH] for at, each in zip(places, self.come, strict=True)]
        if not all(same) and not any(done):
            raise PREMISES_CHANGED()
        return same


def is_of(digest: str, asked: str) -> bool:
    """Whether a digest was made of what is asked, a SHA-256 in hexadecimal."""
    return digest[:WHOLE] == asked[:WHOLE]


def confirmed(*, dry_run: bool, digest: str | None) -> str | None:
    """The digest by which something is confirmed, None of a dry run; raises INVALID_FIELDS where it is neither."""
    if dry_run:
        return None
    if digest is None:
        raise INVALID_FIELDS(fields=[FieldError("digest", "required")])
    return digest


def result_of(*, refused: bool, changed: bool) -> Result:
    """In a word."""
    return "refused" if refused else "changed" if changed else "unchanged"


class HasResult(Protocol):
    """One thing of many."""

    @property
    def result(self) -> Result:
        """What comes, or came, of it."""


def counted(items: Iterable[HasResult]) -> dict[str, Any]:
    """How many there are of each result, as answers say it."""
    counts = Counter(item.result for item in items)
    return {result: counts[result] for result in ("changed", "unchanged", "refused")}
