"""The copy of offers' campaigns: one document."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import date
from typing import Final

from services.accounts.domain.campaigns import CampaignCopies
from services.accounts.repository.accounts import ACCOUNTS
from services.accounts.repository.plain import change_document
from services.chassis.ports import Collection, Document, Range, Store, Where
from services.chassis.store.rows import every, reading
from services.contracts.instants import calendar_day

CAMPAIGNS: Final = Collection("campaigns")

_THE_CAMPAIGNS: Final = "campaigns"
_LEFT: Final[Where] = {"file_number": Range(gt="")}
_DAYS: Final = ("ended", "warned")


class CampaignRepository:
    """Which campaigns there were and are, and what is left of each; for the service itself, in nobody's name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self) -> CampaignCopies:
        """The campaigns as far as they are known here."""
        return _campaigns(await self._store.get(CAMPAIGNS.name, _THE_CAMPAIGNS))

    async def change(self, decide: Callable[[CampaignCopies], CampaignCopies]) -> None:
        """Take news in; told twice it changes nothing."""

        def changed(row: Document | None) -> Document | None:
            there = _campaigns(row)
            after = decide(there)
            return None if after == there else _row(after)

        await change_document(self._store, CAMPAIGNS.name, _THE_CAMPAIGNS, changed)

    def accounts_of(self, campaign: str) -> AsyncGenerator[Document, None]:
        """Accounts of a campaign of which something personal is left: who is gone has no file number any more."""
        return every(self._store, ACCOUNTS.name, {"campaign": campaign, **_LEFT}, sort=(("file_number", 1),))

    async def count_of(self, campaign: str) -> int:
        """How many those are."""
        return await self._store.count(ACCOUNTS.name, {"campaign": campaign, **_LEFT})


def _campaigns(row: Document | None) -> CampaignCopies:
    if row is None:
        return CampaignCopies()
    with reading(CAMPAIGNS.name, row):
        days = {name: {each["campaign"]: calendar_day(each["day"]) for each in row.get(name, ())} for name in _DAYS}
        return CampaignCopies(tuple(row["activated"]), tuple(row["closed"]), **days)


def _row(campaigns: CampaignCopies) -> Document:
    row: Document = {"activated": list(campaigns.activated), "closed": list(campaigns.closed)}
    for name in _DAYS:
        days: Mapping[str, date] = getattr(campaigns, name)
        row[name] = [{"campaign": code, "day": day.isoformat()} for code, day in days.items()]
    return row
