"""Copies of what the minutes of meetings say, by meeting."""

from __future__ import annotations

from typing import Final

from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Store
from services.chassis.store.rows import reading
from services.contracts.events.meetings import MeetingClosed

MINUTES: Final = Collection("minutes")


class MinutesCopies:
    """What was told last of each meeting that is closed."""

    def __init__(self, store: Store) -> None:
        self._copies = Copies(store, MINUTES, ("told",))

    async def keep(self, event: MeetingClosed) -> None:
        """Keep it, unless less was to be said later."""
        told = event.model_dump(mode="json", exclude_none=True)
        await self._copies.put(event.meeting, event.version, {"told": told})

    async def of(self, meeting: str) -> MeetingClosed | None:
        """What the minutes of a meeting say, if it is closed."""
        row = await self._copies.get(meeting)
        if row is None:
            return None
        with reading(MINUTES.name, row):
            return MeetingClosed.model_validate(row["told"])
