"""How far behind a service is, measured from its store by every process of it, whether or not its machinery is at work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from services.chassis.events.inbox import INBOX
from services.chassis.events.journal import JOURNALS
from services.chassis.events.publisher import CURSORS, progress_of, publisher_name
from services.chassis.ports import Clock, Document, Range, Store, StoreUnavailable
from services.chassis.store.rows import FAULTS
from services.chassis.telemetry import metrics
from services.contracts.instants import instant

MEASURE_SECONDS: Final = 15.0
UNDER_WAY: Final = ("pending", "retrying", "blocked")


class Backlog:
    """What one service has still to relay, to publish and to apply.

    Publisher and inbox show figures of their own as they go; one that cannot go would show the last of them for ever.
    """

    def __init__(self, service: str, store: Store, clock: Clock, aggregates: Sequence[str]) -> None:
        self._service = service
        self._store = store
        self._clock = clock
        self._aggregates = aggregates

    async def keep_measuring(self) -> None:
        """Measure every quarter of a minute, until cancelled; when it was last possible is a figure of its own."""
        while True:
            with suppress(StoreUnavailable):
                await self.measure()
            await asyncio.sleep(MEASURE_SECONDS)

    async def measure(self) -> None:
        """Measure once; raises StoreUnavailable."""
        for journal in JOURNALS.values():
            await self._measure_journal(journal.name)
        saved = [await self._first(name, "outbox_at", {"outbox_at": Range(gt="")}) for name in self._aggregates]
        self._show("relayed", saved)
        received = [await self._first(INBOX.name, "received", {"state": state}) for state in UNDER_WAY]
        self._show("applied", received)
        metrics.BACKLOG_MEASURED.labels(self._service).set(self._clock.now().timestamp())

    async def _measure_journal(self, name: str) -> None:
        position = progress_of(await self._store.get(CURSORS.name, publisher_name(name))).position
        newest = await self._store.find(name, {}, sort=(("_id", -1),), limit=1)
        behind = max(0, newest[0]["_id"] - position) if newest else 0
        metrics.JOURNAL_BEHIND.labels(self._service, name).set(behind)
        first = await self._store.find(name, {"_id": Range(gt=position)}, limit=1) if behind else []
        self._show(f"published-{name}", [_moment(row, "at") for row in first])

    async def _first(self, collection: str, field: str, where: dict[str, str | Range]) -> datetime | None:
        rows = await self._store.find(collection, where, sort=((field, 1),), limit=1)
        return _moment(rows[0], field) if rows else None

    def _show(self, step: str, waiting: Sequence[datetime | None]) -> None:
        oldest = min((each for each in waiting if each is not None), default=None)
        age = 0.0 if oldest is None else max(0.0, (self._clock.now() - oldest).total_seconds())
        metrics.OLDEST_WAITING.labels(self._service, step).set(age)


def _moment(row: Document, field: str) -> datetime | None:
    """When a row came to wait; of one that cannot be read, whoever works with it tells."""
    try:
        return instant(row[field])
    except FAULTS:
        return None
