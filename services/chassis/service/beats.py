"""The last beat of the service, over all its processes and their restarts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from services.chassis.clock import uptime
from services.chassis.ports import Clock, Collection, Document, DuplicateKey, Store
from services.chassis.store.rows import readable
from services.contracts.beats import Beat, Uptime
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

    def __init__(
        self, store: Store, clock: Clock, uptime: Callable[[], Uptime] = machine, *, service: str = "applications"
    ) -> None:
        self._service = service
        self._store = store
        self._clock = clock
        self._uptime = uptime
        self._kept: Uptime | None = None

    def rests(self, pause: timedelta) -> bool:
        """Whether this process has kept one less than a pause ago, by the machine."""
        kept, now = self._kept, self._uptime()
        return kept is not None and kept.boot == now.boot and now.ran - kept.ran < pause

    async def look(self) -> tuple[Beat | None, Beat, Document | None]:
        """The last one, if any, and one of now, which `keep` keeps in its place once what it tells is kept, too."""
        now = Beat(self._clock.now(), self._uptime())
        there = await self._store.get(BEATS.name, _ID)
        rows = () if there is None else (there,)
        last = readable(self._service, BEATS.name, rows, _beat)
        return (last[0] if last else None), now, there

    async def keep(self, now: Beat, there: Document | None) -> None:
        """Keep that the service works now.

        Of processes that do so in the same moment one is kept, which is as good.
        """
        row = {"_id": _ID, "at": instant_text(now.at), "boot": now.uptime.boot, "ran": now.uptime.ran.total_seconds()}
        if there is None:
            with suppress(DuplicateKey):
                await self._store.insert(BEATS.name, row | {"version": 1})
        else:
            await self._store.replace(BEATS.name, row | {"version": there["version"] + 1}, version=there["version"])
        self._kept = now.uptime


def _beat(row: Document) -> Beat:
    return Beat(instant(row["at"]), Uptime(row["boot"], timedelta(seconds=row["ran"])))
