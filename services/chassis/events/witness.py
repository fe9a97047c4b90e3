"""How far a clock can be believed: time that has passed while somebody looked at it, or that it has stood by since.

A clock may be days ahead for an hour, and who erases by it what is old cannot take that back. So every process looks once
a minute. Where much more time has passed, nobody can tell whether nothing ran or the clock leapt: what came after the last
look is believed only if the clock still says so a day later. A leap that is put right within that day changed nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.chassis.ports import Clock, Collection, DuplicateKey, Store
from services.contracts.instants import instant, instant_text

log = structlog.get_logger()

WITNESS: Final = Collection("clock")
"""One document."""
_ID: Final = "witness"

LOOK_SECONDS: Final = 60.0
LEAP: Final = timedelta(hours=1)
"""More than a restart takes, and less than matters to what is kept for days."""
SETTLED: Final = timedelta(hours=24)
"""For so long the clock must say the same, after a leap, until it is believed."""
PUT_BACK: Final = timedelta(minutes=1)
"""By less than this, clocks of several machines differ."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a clock: up to which instant it is believed, when it leapt since, what it showed last."""

    until: datetime
    leapt: datetime | None
    last: datetime


def look(seen: Seen | None, now: datetime) -> Seen:
    """What is known after one more look; at the very first, the clock is believed."""
    if seen is None:
        return Seen(now, None, now)
    until, leapt, last = seen.until, seen.leapt, seen.last
    if now < last - PUT_BACK:
        until, leapt, last = min(until, now), None, min(until, now)
    elif leapt is not None and now - leapt >= SETTLED:
        until, leapt = last, None
    if leapt is None:
        if now - last > LEAP:
            leapt = now
        else:
            until = now
    return Seen(until, leapt, now)


class Witness:
    """The witness of one service's clock, who remembers in its store, over restarts and for all its processes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def until(self) -> datetime:
        """Up to which instant the clock is believed; of one that is set by hand, what it shows."""
        if self._clock.by_hand:
            return self._clock.now()
        seen, _ = await self._seen()
        return look(seen, self._clock.now()).until

    async def look(self) -> timedelta:
        """Look at the clock, and answer how far it is not believed; whoever else looks in the same moment sees as much."""
        seen, version = await self._seen()
        after = look(seen, self._clock.now())
        if after.leapt is not None and (seen is None or seen.leapt is None):
            log.error("clock.leapt", believed=instant_text(after.until), now=instant_text(after.last))
        document = {
            "_id": _ID,
            "version": version + 1,
            "until": instant_text(after.until),
            "leapt": None if after.leapt is None else instant_text(after.leapt),
            "last": instant_text(after.last),
        }
        with suppress(DuplicateKey):
            if version:
                await self._store.replace(WITNESS.name, document, version=version)
            else:
                await self._store.insert(WITNESS.name, document)
        return after.last - after.until

    async def _seen(self) -> tuple[Seen | None, int]:
        there = await self._store.get(WITNESS.name, _ID)
        if there is None:
            return None, 0
        leapt = None if there["leapt"] is None else instant(there["leapt"])
        return Seen(instant(there["until"]), leapt, instant(there["last"])), there["version"]
