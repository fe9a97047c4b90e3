"""Counting the documents that the student records hold against those that were given to them (ADR 104, ADR 115)."""

from __future__ import annotations

import hashlib
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import structlog

from services.chassis.context import CommandContext
from services.chassis.ports import PreEnrolments, PreEnrolmentsSilent, PreEnrolmentsUnavailable
from services.chassis.store.rows import readable
from services.contracts.pre_enrolment_documents import held_document_line
from services.contracts.pre_enrolments import HeldDigest
from services.documents.domain.hand_overs import HandedState
from services.documents.repository.hand_overs import HAND_OVERS, read
from services.documents.usecases.app import App

log = structlog.get_logger()

OUTDATED_AFTER: Final = timedelta(hours=36)
"""A table that is older tells nothing of today, as of people (ADR 104)."""
SETTLING: Final = timedelta(minutes=15)
"""By how much their clock may be ahead."""


@dataclass(frozen=True, slots=True)
class DocumentsCompared:
    """How many documents of a campaign they should hold, and hold, as of which moment; 0 there where they do not say."""

    campaign: str
    outcome: Literal["same", "different", "outdated", "silent", "unavailable"]
    here: int
    there: int = 0
    as_of: datetime | None = None


async def compare(app: App, records: PreEnrolments, campaign: str, command: CommandContext) -> DocumentsCompared:
    """What came of comparing one campaign; nothing is changed, and nobody is named."""
    here = await _held(app, campaign)
    try:
        there = await records.documents_told(campaign)
    except PreEnrolmentsSilent:
        return DocumentsCompared(campaign, "silent", here.count)
    except PreEnrolmentsUnavailable as error:
        log.warning("hand_over.not-compared", campaign=campaign, why=str(error))
        return DocumentsCompared(campaign, "unavailable", here.count)
    if not -OUTDATED_AFTER <= there.as_of - command.now <= SETTLING:
        return DocumentsCompared(campaign, "outdated", here.count, there.digest.count, there.as_of)
    outcome: Literal["same", "different"] = "same" if here == there.digest else "different"
    return DocumentsCompared(campaign, outcome, here.count, there.digest.count, there.as_of)


async def _held(app: App, campaign: str) -> HeldDigest:
    """Those that were taken, as the student records make their digest."""
    count, digest = 0, hashlib.sha256()
    async with aclosing(app.hand_overs.of_campaign(campaign)) as rows:
        async for row in rows:
            for record in readable("documents", HAND_OVERS.name, [row], read):
                for each in sorted(record.documents, key=lambda one: one.document):
                    if each.state is HandedState.DONE:
                        count += 1
                        digest.update(held_document_line(row["_id"], each.document, each.revision))
    return HeldDigest(count=count, sha256=digest.hexdigest())
