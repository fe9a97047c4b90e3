"""Which campaigns are over, as offers tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Store
from services.contracts.instants import instant, instant_text

CLOSED: Final = Collection("closed_campaigns")
_FOR_EVER: Final = 1
"""The only version there is: what is closed is never opened again."""


class ClosedCampaigns:
    """The campaigns that are over, by code; public by nature, so nobody's leave is asked."""

    def __init__(self, store: Store) -> None:
        self._copies = Copies(store, CLOSED, ("closed_at",))

    async def keep(self, campaign: str, now: datetime) -> None:
        """It is over, from now on."""
        await self._copies.put(campaign, _FOR_EVER, {"closed_at": instant_text(now)})

    async def holds(self, campaign: str) -> bool:
        """Whether it is over, as far as is known here."""
        return await self._copies.get(campaign) is not None

    async def closed_at(self, campaign: str, now: datetime) -> datetime | None:
        """Since when it is over, as far as is known here; None: it is not.

        A release of before has kept no instant: then it is over since it is first asked, now and for good.
        """
        there = await self._copies.get(campaign)
        if there is not None and "closed_at" not in there:
            await self.keep(campaign, now)
            there = await self._copies.get(campaign)
        return None if there is None else instant(there["closed_at"])
