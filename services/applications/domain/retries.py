"""What comes of asking the student records anew for many people, and the digest by which that is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.receipts import digest_of
from services.contracts.refusals import RefusedError
from services.contracts.refusals.applications import PREMISES_CHANGED

_WHOLE: Final = digest_of("retry-pre-enrolments")[:16]
_EACH: Final = 8
"""Hexadecimal digits of a digest that tell how one of them stands."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What comes, or came, of it for one: `before` is its record, None where the file is beyond reach or has none.

    `version` is the record's; `lost` if the student records have lost whom they had taken; `done` if this very request has
    done it before.
    """

    id: str
    application: Application | None = field(default=None, compare=False)
    before: PreEnrolment | None = None
    version: int = 0
    changed: bool = False
    lost: bool = False
    done: bool = False
    refusal: RefusedError | None = None

    @property
    def result(self) -> Literal["changed", "unchanged", "refused"]:
        """The same in one word."""
        return "refused" if self.refusal is not None else "changed" if self.changed else "unchanged"


def premises(items: Sequence[Retried]) -> str:
    """The digest of a preview: how each stands, and what comes of it."""
    return _WHOLE + "".join(map(_premise, items))


def as_told(digest: str, items: Sequence[Retried]) -> Sequence[bool]:
    """Of each whether a digest tells the same of it; raises PREMISES_CHANGED for a digest of something else."""
    if digest[: len(_WHOLE)] != _WHOLE or len(digest) != len(_WHOLE) + _EACH * len(items):
        raise PREMISES_CHANGED()
    places = range(len(_WHOLE), len(digest), _EACH)
    return [digest[at : at + _EACH] == _premise(item) for at, item in zip(places, items, strict=True)]


def _premise(item: Retried) -> str:
    slug = item.refusal and item.refusal.slug.name
    return digest_of([item.id, item.version, item.changed, slug])[:_EACH]
