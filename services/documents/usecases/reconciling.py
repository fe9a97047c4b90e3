"""Counting the documents that the student records hold against those that were given to them (ADR 104, ADR 115)."""

from __future__ import annotations

import hashlib
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

import structlog

from services.chassis.context import CommandContext
from services.chassis.ports import PreEnrolments, PreEnrolmentsSilent, PreEnrolmentsUnavailable
from services.chassis.store.rows import readable
from services.contracts.pre_enrolment_documents import held_document_line
from services.contracts.pre_enrolments import HeldDigest
from services.documents.domain import hand_overs
from services.documents.domain.hand_overs import Handed, HandedState
from services.documents.repository.hand_overs import HAND_OVERS, read
from services.documents.usecases.app import App

log = structlog.get_logger()

OUTDATED_AFTER: Final = timedelta(hours=36)
"""A table that is older tells nothing of today, as of people (ADR 104)."""
SETTLING: Final = timedelta(minutes=15)
"""By how much their clock may be ahead."""


Outcome = Literal["same", "settling", "different", "outdated", "silent", "unavailable"]
"""`settling`: what differs are at most so many documents as are on their way, of which nobody can say where they are."""


@dataclass(frozen=True, slots=True)
class DocumentsCompared:
    """How many documents of a campaign they should hold, and hold, as of which moment; 0 there where they do not say.

    `settling` are beside those: to be dropped, tried without an answer, or settled after that moment.
    """

    campaign: str
    outcome: Outcome
    here: int
    there: int = 0
    as_of: datetime | None = None
    settling: int = 0


@dataclass(slots=True)
class _Held:
    """What they must hold, what they may hold beside it, and the digests without and with what was taken of late."""

    must: int = 0
    late: int = 0
    between: int = 0
    settled: hashlib._Hash = field(default_factory=hashlib.sha256)
    taken: hashlib._Hash = field(default_factory=hashlib.sha256)

    def note(self, application: str, each: Handed, late: datetime) -> None:
        """One document; what was settled behind `late` they may not have counted yet."""
        if each.state is HandedState.DONE:
            line = held_document_line(application, each.document, each.revision)
            self.taken.update(line)
            if each.since > late:
                self.late += 1
            else:
                self.must += 1
                self.settled.update(line)
        else:
            self.between += hand_overs.may_be_there(each)

    def outcome(self, there: HeldDigest) -> Outcome:
        """What they say, beside it."""
        settled = HeldDigest(count=self.must, sha256=self.settled.hexdigest())
        taken = HeldDigest(count=self.must + self.late, sha256=self.taken.hexdigest())
        if there in (settled, taken):
            return "same"
        open_ones = self.late + self.between
        # Who holds no more than those they must, and others than those, does not hold one of them.
        return "settling" if self.must < there.count <= self.must + open_ones else "different"


async def compare(app: App, records: PreEnrolments, campaign: str, command: CommandContext) -> DocumentsCompared:
    """What came of comparing one campaign; nothing is changed, and nobody is named."""
    try:
        there = await records.documents_told(campaign)
    except PreEnrolmentsSilent:
        here = await _held(app, campaign, command.now)
        return DocumentsCompared(campaign, "silent", here.must + here.late)
    except PreEnrolmentsUnavailable as error:
        log.warning("hand_over.not-compared", campaign=campaign, why=str(error))
        here = await _held(app, campaign, command.now)
        return DocumentsCompared(campaign, "unavailable", here.must + here.late)
    here = await _held(app, campaign, there.as_of)
    is_of_today = -OUTDATED_AFTER <= there.as_of - command.now <= SETTLING
    outcome = here.outcome(there.digest) if is_of_today else "outdated"
    late = 0 if there.digest.count == here.must + here.late else here.late
    count, settling = here.must + here.late - late, here.between + late
    return DocumentsCompared(campaign, outcome, count, there.digest.count, there.as_of, settling)


async def _held(app: App, campaign: str, as_of: datetime) -> _Held:
    """Those that were taken, as the student records make their digest; by their clock, which may be behind."""
    found = _Held()
    async with aclosing(app.hand_overs.of_campaign(campaign)) as rows:
        async for row in rows:
            for record in readable("documents", HAND_OVERS.name, [row], read):
                for each in sorted(record.documents, key=lambda one: one.document):
                    found.note(row["_id"], each, as_of - SETTLING)
    return found
