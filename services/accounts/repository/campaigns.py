"""The copy of offers' campaigns: one document."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.accounts.domain.campaigns import CampaignCopies
from services.accounts.domain.retention import RetentionTerm
from services.accounts.repository.accounts import ACCOUNTS
from services.accounts.repository.erasure_notices import told_text
from services.accounts.repository.plain import change_document
from services.chassis.ports import Collection, Document, Range, Sort, Store, Where
from services.chassis.store.rows import every, reading
from services.contracts.instants import calendar_day, instant, instant_text

CAMPAIGNS: Final = Collection("campaigns")

_THE_CAMPAIGNS: Final = "campaigns"
_LEFT: Final[Where] = {"file_number": Range(gt="")}
_DAYS: Final = ("planned", "ended", "warned")
_BY_NOTICE: Final[Sort] = (("erasure_told", 1),)
_BEHIND_ALL: Final = "~"
_LOOKED_FOR_BY: Final = ("campaign", "state", "erasure_told", "erased_on")
"""And not the whole of them: there may be 100,000."""


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

    async def untold_of(self, term: RetentionTerm, today: date) -> AsyncGenerator[Document, None]:
        """Accounts of a campaign of whom nobody was told of this end of retention, or not since it was held, or long ago.

        Their ids and what they are looked for by.
        """
        where: Where = {"campaign": term.campaign}
        told, lapsed = told_text(term.erased_on, term.freed), term.lapsed_before(today).isoformat()
        async with aclosing(self._by_notice(where)) as rows:
            async for row in rows:  # those who were told nothing come first
                if (row.get("erasure_told") or "") > told:
                    break
                yield row
        known = Range(gt=told, lt=told_text(term.erased_on, None) + _BEHIND_ALL)
        async with aclosing(self._by_notice({**where, "erasure_told": known})) as rows:
            async for row in rows:  # and of these those who were told first
                if isinstance(day := row.get("erased_on"), str) and day >= lapsed:
                    break
                yield row
        later: Where = {**where, "erasure_told": Range(gt=told_text(term.erased_on, None) + _BEHIND_ALL)}
        async with aclosing(self._by_notice(later)) as rows:
            async for row in rows:
                yield row

    async def told_of(self, term: RetentionTerm, now: datetime, zone: ZoneInfo) -> AsyncGenerator[Document, None]:
        """Accounts of a campaign of people who go now: they were told of it, in time, and not too long ago.

        Their ids and what they are looked for by; also such as cannot be read.
        """
        told = Range(
            gt=told_text(term.erased_on, term.freed), lt=told_text(term.erased_on, term.told_before(now, zone))
        )
        lapsed = term.lapsed_before(now.astimezone(zone).date()).isoformat()
        async with aclosing(self._by_notice({"campaign": term.campaign, "erasure_told": told})) as rows:
            async for row in rows:
                if not isinstance(day := row.get("erased_on"), str) or day >= lapsed:
                    yield row

    async def _by_notice(self, where: Where) -> AsyncGenerator[Document, None]:
        """Accounts in order of what they were told; of those who were told nothing as many as there are."""
        after: tuple[str | None, str] | None = None
        while rows := await self._store.find(ACCOUNTS.name, where, sort=_BY_NOTICE, after=after, fields=_LOOKED_FOR_BY):
            for row in rows:
                yield row
            told = rows[-1].get("erasure_told")
            after = (told if isinstance(told, str) else None, rows[-1]["_id"])

    async def count_of(self, campaign: str) -> int:
        """How many those are."""
        return await self._store.count(ACCOUNTS.name, {"campaign": campaign, **_LEFT})


def _campaigns(row: Document | None) -> CampaignCopies:
    if row is None:
        return CampaignCopies()
    with reading(CAMPAIGNS.name, row):
        days = {name: {each["campaign"]: calendar_day(each["day"]) for each in row.get(name, ())} for name in _DAYS}
        freed = {each["campaign"]: instant(each["at"]) for each in row.get("freed", ())}
        held, revision = frozenset(row.get("held", ())), row.get("revision", 0)
        return CampaignCopies(
            tuple(row["activated"]), tuple(row["closed"]), **days, held=held, freed=freed, revision=revision
        )


def _row(campaigns: CampaignCopies) -> Document:
    row: Document = {"activated": list(campaigns.activated), "closed": list(campaigns.closed)}
    for name in _DAYS:
        days: Mapping[str, date] = getattr(campaigns, name)
        row[name] = [{"campaign": code, "day": day.isoformat()} for code, day in days.items()]
    row["held"], row["revision"] = sorted(campaigns.held), campaigns.revision
    row["freed"] = [{"campaign": code, "at": instant_text(at)} for code, at in campaigns.freed.items()]
    return row
