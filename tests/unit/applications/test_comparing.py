"""One replica compares what the student records hold, and what fails of one campaign keeps it from no other."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from structlog.testing import capture_logs

from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.domain.reconciling import Outcome
from services.applications.repository.campaigns import CLOSED, ClosedCampaigns
from services.applications.repository.comparisons import COMPARISONS, ComparisonRepository
from services.applications.repository.pre_enrolments import PRE_ENROLMENTS, PreEnrolmentRepository
from services.applications.usecases.reconciling import AGAIN, look
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document, StoreUnavailable, Where
from services.chassis.pre_enrolments.folder import FolderPreEnrolments
from services.chassis.pre_enrolments.returned import RETURNED
from services.chassis.store.sqlite import SqliteStore

NOW = datetime(2027, 2, 2, 3, 0, tzinfo=UTC)
"""Four o'clock in France."""
COMMAND = CommandContext(NOW, "timer", acting_service("applications"))


class Stumbling(SqliteStore):
    """Does not answer for those of a campaign."""

    stumbles: str | None = None

    async def find(self, collection: str, where: Where, **page: Any) -> list[Document]:
        if self.stumbles is not None and where.get("campaign") == self.stumbles:
            raise StoreUnavailable("not now")
        return await super().find(collection, where, **page)


async def test_one_of_two_replicas_compares_all_campaigns_but_what_cannot_be_read(tmp_path: Path) -> None:
    store = Stumbling(tmp_path / "applications.sqlite")
    await store.prepare([PRE_ENROLMENTS, COMPARISONS, CLOSED])
    records, comparisons = PreEnrolmentRepository(store, cast("Any", None)), ComparisonRepository(store)
    app = cast(
        "Any",
        SimpleNamespace(
            pre_enrolments=records,
            comparisons=comparisons,
            closed=ClosedCampaigns(store),
            zone=ZoneInfo("Europe/Paris"),
        ),
    )
    (tmp_path / RETURNED).mkdir()
    for campaign in ("2026", "2027", "2028"):
        person = PreEnrolment("zoe", "M1", campaign, state=PreEnrolmentState.DONE, since=NOW - AGAIN, revision=7)
        await records.add(f"of-{campaign}", Decision(person), COMMAND)
        table = tmp_path / RETURNED / f"{campaign}.csv"
        # In each campaign they name somebody else's, whose record nobody can read.
        table.write_text(f"reference;revision\nof-{campaign};7\nunreadable;1\n")
        os.utime(table, (NOW.timestamp(), NOW.timestamp()))
    await store.insert(PRE_ENROLMENTS.name, {"_id": "unreadable", "version": 1, "campaign": "2026"})
    await store.insert(COMPARISONS.name, {"_id": "of-2027", "version": 1, "campaign": "2027"})
    await comparisons.defer(NOW)
    folder = FolderPreEnrolments(tmp_path)

    async def looks(at: datetime) -> list[tuple[str, str]]:
        """By two replicas at once: which campaigns the log names, and how."""
        command = CommandContext(at, "timer", acting_service("applications"))
        with capture_logs() as lines:
            await asyncio.gather(*(look(app, folder, command) for _ in range(2)))
        return [(each["event"], each["campaign"]) for each in lines if each["event"].startswith("pre_enrolment.")]

    store.stumbles = "2027"
    assert await looks(NOW) == [
        ("pre_enrolment.compared", "2026"),
        ("pre_enrolment.not-compared", "2027"),
        ("pre_enrolment.compared", "2028"),
    ]
    assert await comparisons.due_at() == NOW + AGAIN
    store.stumbles = None
    assert await looks(NOW + AGAIN - timedelta(minutes=1)) == []
    assert await looks(NOW + AGAIN) == [("pre_enrolment.compared", campaign) for campaign in ("2026", "2027", "2028")]
    assert [each.outcome for each in await comparisons.last()] == [Outcome.SAME] * 3, "of who is here nothing is known"
    assert await comparisons.due_at() == NOW + timedelta(days=1)
    await store.close()
