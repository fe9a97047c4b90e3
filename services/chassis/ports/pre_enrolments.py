"""The hand-over of who has accepted a place to the student records of the university (acceptance 87)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from services.chassis.ports.errors import PortError
from services.contracts.pre_enrolment_documents import DocumentEntry
from services.contracts.pre_enrolments import HeldDigest, HeldEntry, PreEnrolmentEntry


class PreEnrolmentsUnavailable(PortError):
    """Nobody is taken at present: try again later, with all who are not answered."""


class PreEnrolmentsNotUnderstood(PreEnrolmentsUnavailable):
    """Something answers there as if all were well, and it is no answer that was agreed on: the page of a log-in, say."""


class PreEnrolmentsSilent(PortError):
    """Who takes people there does not say whom they hold: that is an answer, and nothing to try again at once."""


@dataclass(frozen=True, slots=True)
class HeldThere:
    """Whom the student records hold of a campaign, in one line, and of which moment that is true."""

    digest: HeldDigest
    as_of: datetime


@dataclass(frozen=True, slots=True)
class PreEnrolmentAnswer:
    """What has come of an entry: it is `taken`, `refused` for a reason, or has no answer and is to be tried again."""

    entry: PreEnrolmentEntry
    what: Literal["taken", "refused", "unanswered"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DocumentAnswer:
    """What has come of one document; as of people."""

    what: Literal["taken", "refused", "unanswered"]
    reason: str = ""


class PreEnrolments(Protocol):
    """Takes entries; one that is handed over again, after an answer was lost, changes nothing there."""

    def hand_over(self, entries: Sequence[PreEnrolmentEntry]) -> AsyncGenerator[PreEnrolmentAnswer, None]:
        """An answer for each entry as it comes, in any order; those without one were not tried, or nobody knows.

        Raises PreEnrolmentsUnavailable, also after some answers.
        """
        ...

    async def told(self, campaign: str) -> HeldThere:
        """How many they hold of a campaign, and the digest of them.

        Raises PreEnrolmentsUnavailable, also for what cannot be read; PreEnrolmentsSilent where they do not say.
        """
        ...

    def held(self, campaign: str) -> AsyncGenerator[HeldEntry, None]:
        """Each of them once, in order of references; raises as `told` does."""
        ...

    async def put_document(self, entry: DocumentEntry, content: AsyncIterator[bytes]) -> DocumentAnswer:
        """Give one document, whose bytes are read as they go: `size` of them, of the digest `sha256`.

        Half of it is never there as a whole. Raises what `content` raises.
        """
        ...

    async def drop_document(self, entry: DocumentEntry) -> DocumentAnswer:
        """Have one dropped; one that they never had is dropped already."""
        ...

    async def documents_told(self, campaign: str) -> HeldThere:
        """How many documents they hold of a campaign, and the digest of them; raises as `told` does."""
        ...

    async def ping(self) -> None:
        """Return if it could be asked, and what it last said of somebody was understood; raises PreEnrolmentsUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
