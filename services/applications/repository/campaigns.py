"""Which campaigns there are, and which are over, as offers tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Store
from services.chassis.store.rows import every
from services.contracts.instants import instant, instant_text

CLOSED: Final = Collection("closed_campaigns")
CAMPAIGNS: Final = Collection("campaigns")
"""Those that were activated."""
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


class Campaign(NamedTuple):
    """A campaign that was activated; `starts_on` is its first day, `YYYY-MM-DD`."""

    code: str
    label: str
    starts_on: str
    is_over: bool


class CampaignCopies:
    """The campaigns that were activated, a hundred at most; public by nature, so nobody's leave is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, CAMPAIGNS, ("label", "starts_on"))

    async def keep(self, code: str, label: str, starts_on: str, version: int) -> None:
        """It was activated; `version` is the event's number among its key's."""
        await self._copies.put(code, version, {"label": label, "starts_on": starts_on})

    async def known(self) -> Sequence[Campaign]:
        """All of them: the active one first, then those that are over, the last to begin first."""
        over = {row["_id"] async for row in every(self._store, CLOSED.name, {})}
        found = [
            Campaign(row["_id"], row["label"], row["starts_on"], row["_id"] in over)
            async for row in every(self._store, CAMPAIGNS.name, {})
        ]
        return in_order(found)


def in_order(campaigns: Iterable[Campaign]) -> list[Campaign]:
    """The active one first, then those that are over, the last to begin first."""
    last_first = sorted(campaigns, key=lambda each: (each.starts_on, each.code), reverse=True)
    return sorted(last_first, key=lambda each: each.is_over)
