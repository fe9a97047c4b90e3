"""What comes of asking the student records anew for many people, and the digest by which that is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.receipts import digest_of
from services.contracts.premises import PremisesOfEach, Result, result_of
from services.contracts.refusals import RefusedError

_ASKED: Final = digest_of("retry-pre-enrolments")


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
    def result(self) -> Result:
        """In a word."""
        return result_of(refused=self.refusal is not None, changed=self.changed)


def premises(items: Sequence[Retried]) -> PremisesOfEach:
    """What a preview stands for: how each stands, and what comes of it."""
    return PremisesOfEach(_ASKED, [_premise(item) for item in items])


def _premise(item: Retried) -> str:
    slug = item.refusal and item.refusal.slug.name
    return digest_of([item.id, item.version, item.changed, slug])
