"""Leases: who does what of which one doer is enough. They spare work; they are never what makes it right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.chassis.clock import beyond
from services.chassis.ports import Clock, Collection, DuplicateKey, Store
from services.contracts.instants import instant_text

LEASES: Final = Collection("leases")

TERM: Final = timedelta(seconds=10)
"""A holder that is silent for this long has lost its lease, unless the settings say otherwise; it renews after a third."""


class Lease:
    """One named lease, as seen by one process."""

    def __init__(self, store: Store, clock: Clock, name: str, term: timedelta = TERM) -> None:
        self._store = store
        self._clock = clock
        self._term = term
        self.name = name
        self._until: datetime | None = None

    @property
    def look_within(self) -> timedelta:
        """How long its holder may do something else until it looks again, so that it stays fresh."""
        return self._term / 4

    def is_fresh(self) -> bool:
        """Whether it is held here and need not be renewed yet."""
        return self._until is not None and self._term * 2 / 3 < self._until - self._clock.now() <= self._term

    def is_held(self) -> bool:
        """Whether it is held here, fresh or not."""
        return self._until is not None and timedelta() < self._until - self._clock.now() <= self._term

    async def hold(self) -> bool:
        """Take or renew the lease if nobody else has it; cheap while it is fresh."""
        if self.is_fresh():
            return True
        now = self._clock.now()
        there = await self._store.get(LEASES.name, self.name)
        self._until = None
        # What ends later than any lease does was taken by a clock that was ahead, and holds nobody up.
        holds = there is not None and instant_text(now) < there["until"] <= instant_text(beyond(now, self._term))
        if there and there["holder"] != self._store.instance and holds:
            return False
        version = there["version"] if there else 0
        until = now + self._term
        lease = {
            "_id": self.name,
            "version": version + 1,
            "holder": self._store.instance,
            "until": instant_text(until),
        }
        if there:
            taken = await self._store.replace(LEASES.name, lease, version=version)
        else:
            try:
                await self._store.insert(LEASES.name, lease)
                taken = True
            except DuplicateKey:
                taken = False
        if taken:
            self._until = until
        return taken

    async def release(self) -> None:
        """Give the lease back, so that another need not wait for its end."""
        there = await self._store.get(LEASES.name, self.name)
        if self._until is not None and there and there["holder"] == self._store.instance:
            await self._store.delete(LEASES.name, self.name, version=there["version"])
        self._until = None
