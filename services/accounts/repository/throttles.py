"""What came when, as far as it bounds what may come: counted in the store so that every replica counts the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from services.accounts.domain.throttles import ThrottleLimit, standing_key
from services.accounts.repository.plain import change_document, sweep
from services.chassis.ports import Collection, Document, Index, Store
from services.chassis.store.rows import readable
from services.contracts.instants import instant, instant_text
from services.contracts.slowing import Past

THROTTLES: Final = Collection("throttles", (Index("forget_at", ("forget_at",)),))

STANDING: Final = timedelta(days=30)
"""How long it is remembered that somebody has logged in from a line."""


class ThrottleRepository:
    """Times by the keys of bounds; rows go when they bound nothing any more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def wait(self, bounds: Sequence[ThrottleLimit], now: datetime) -> int:
        """Whole seconds until all of these let one more in."""
        rows = await asyncio.gather(*(self._store.get(THROTTLES.name, bound.key) for bound in bounds))
        return max(bound.measure.wait(_past(row), now) for bound, row in zip(bounds, rows, strict=True))

    async def count(self, bounds: Sequence[ThrottleLimit], now: datetime) -> int:
        """Count one; answers as `wait` did just before, so that of many at once no more than allowed get through.

        What one of the bounds refuses is not counted in those after it: narrow ones stand before wide ones.
        """
        for bound in bounds:
            if waiting := await self._count(bound, now):
                return waiting
        return 0

    async def clear(self, bounds: Sequence[ThrottleLimit]) -> None:
        """Forget what came."""
        await asyncio.gather(*(self._store.delete(THROTTLES.name, bound.key) for bound in bounds))

    async def has_standing(self, line: str | None, now: datetime) -> bool:
        """Whether somebody has proved to be somebody from that line lately."""
        row = await self._store.get(THROTTLES.name, standing_key(line)) if line is not None else None
        until = _forgotten_at(row)
        return until is not None and now < until

    async def give_standing(self, line: str | None, now: datetime) -> None:
        """Remember that somebody has; once a day is enough."""

        def decide(row: Document | None) -> Document | None:
            until = _forgotten_at(row)
            if until is not None and until - now > STANDING - timedelta(days=1):
                return None
            return {"at": [], "forget_at": instant_text(now + STANDING)}

        if line is not None:
            await change_document(self._store, THROTTLES.name, standing_key(line), decide)

    async def sweep(self, now: datetime) -> int:
        """Take away what counts no more."""
        return await sweep(self._store, THROTTLES.name, "forget_at", now)

    async def _count(self, bound: ThrottleLimit, now: datetime) -> int:
        waiting = 0

        def decide(row: Document | None) -> Document | None:
            nonlocal waiting
            waiting = bound.measure.wait(_past(row), now)
            if waiting:
                return None
            return {
                "at": [instant_text(moment) for moment in bound.measure.counted(_past(row), now)],
                "forget_at": instant_text(now + bound.measure.kept),
            }

        await change_document(self._store, THROTTLES.name, bound.key, decide)
        return waiting


def _past(row: Document | None) -> Past:
    """What came; of a row that cannot be read nothing, which is told: it slows nobody down, and is written anew."""
    rows = readable("accounts", THROTTLES.name, [row] if row else [], lambda row: [instant(text) for text in row["at"]])
    return tuple(rows[0]) if rows else ()


def _forgotten_at(row: Document | None) -> datetime | None:
    rows = readable("accounts", THROTTLES.name, [row] if row else [], lambda row: instant(row["forget_at"]))
    return rows[0] if rows else None
