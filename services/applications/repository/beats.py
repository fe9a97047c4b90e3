"""The last beat of the service, over all its processes and their restarts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from services.applications.domain.beats import Beat, Uptime
from services.chassis.clock import uptime
from services.chassis.ports import Clock, Collection, DuplicateKey, Store
from services.chassis.store.rows import reading
from services.contracts.instants import instant, instant_text

BEATS: Final = Collection("beats")
"""One document."""
_ID: Final = "beat"


def machine() -> Uptime:
    """For how long this machine has run."""
    boot, seconds = uptime()
    return Uptime(boot, timedelta(seconds=seconds))


class Beats:
    """Keeps the last one, and answers which was there before."""

    def __init__(self, store: Store, clock: Clock, uptime: Callable[[], Uptime] = machine) -> None:
        self._store = store
        self._clock = clock
        self._uptime = uptime

    async def beat(self) -> tuple[Beat | None, Beat]:
        """Keep that the service works now; the last one before, if any, and this one.

        Of processes that do so in the same moment one is kept, which is as good.
        """
        now = Beat(self._clock.now(), self._uptime())
        there = await self._store.get(BEATS.name, _ID)
        row = {"_id": _ID, "at": instant_text(now.at), "boot": now.uptime.boot, "ran": now.uptime.ran.total_seconds()}
        if there is None:
            with suppress(DuplicateKey):
                await self._store.insert(BEATS.name, row | {"version": 1})
            return None, now
        await self._store.replace(BEATS.name, row | {"version": there["version"] + 1}, version=there["version"])
        with reading(BEATS.name, there):
            ran = timedelta(seconds=there["ran"])
            return Beat(instant(there["at"]), Uptime(there["boot"], ran)), now
