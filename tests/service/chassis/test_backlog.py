"""Acceptance 105: what waits shows its number and age though nobody is there who could do it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from services.chassis.clock import FixedClock
from services.chassis.events.backlog import Backlog
from services.chassis.events.inbox import INBOX
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.contracts.instants import instant, instant_text
from tests.samples import sample


def figure(name: str, **labels: str) -> float | None:
    return sample(name, {"service": "applications", **labels})


def waiting(step: str) -> float | None:
    return figure("parvis_oldest_waiting_seconds", step=step)


async def test_what_nobody_publishes_relays_or_applies_grows_older(tmp_path: Path) -> None:
    clock = FixedClock(instant("2026-03-01T12:00:00.000Z"))
    at = instant_text(clock.now())
    async with opened(Settings(data=tmp_path), ["applications"]) as suite:
        store = suite["applications"].ports.store
        backlog = Backlog("applications", store, clock, ["applications"])
        await backlog.measure()
        assert [waiting(step) for step in ("published-journal", "relayed", "applied")] == [0, 0, 0]
        rows = [{"_id": row, "version": 1, "event_id": f"e{row}", "at": at} for row in range(1, 301)]
        assert await store.append("journal", rows) == 300
        await store.insert("cursors", {"_id": "publisher-journal", "version": 40, "position": 40})
        await store.insert("applications", {"_id": "a1", "version": 1, "outbox": [], "outbox_at": at})
        await store.insert(INBOX.name, {"_id": "e1", "version": 1, "state": "blocked", "received": at, "key": "k"})
        clock.advance(seconds=90)
        await backlog.measure()
        assert figure("parvis_journal_behind", journal="journal") == 260
        assert [waiting(step) for step in ("published-journal", "relayed", "applied")] == [90, 90, 90]
        clock.advance(seconds=timedelta(hours=1).seconds)
        await backlog.measure()
        assert waiting("published-journal") == 3690
        assert figure("parvis_backlog_measured_timestamp_seconds") == clock.now().timestamp()
