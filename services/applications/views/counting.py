"""How many files there are and were to each programme of a campaign; the same before its files are erased and after."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.applications.domain.counting import Counts
from services.applications.repository.counts import CountRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.views.wording import text_in
from services.chassis.context import Actor
from services.contracts.actors import Role
from services.contracts.api import counts as api

COUNTING: Final = (Role.ADMIN, Role.REGISTRAR, Role.MANAGER, Role.READONLY)
"""Who may know counts; who sits on a commission sees no file before it is complete, and so no count of them."""


@dataclass(frozen=True, slots=True)
class CountViews:
    """Counts that staff ask for."""

    counts: CountRepository
    programmes: ProgrammeCopies
    zone: ZoneInfo

    async def page(self, actor: Actor, query: api.CountsPage, language: str) -> api.CampaignCounts:
        """The programmes of a campaign behind a code, within the actor's reach, with their counts."""
        if (campaign := query.campaign or await self.counts.last_campaign()) is None:
            return api.CampaignCounts(items=[])
        reached, items, code = await self._reached(actor), list[api.ProgrammeCounts](), query.after or ""
        if query.programme is not None:
            reached = _both(reached, frozenset({query.programme}))
        if query.centre is not None:
            reached = _both(reached, frozenset(await self.programmes.within({query.centre}, None)))
        while (code := await self._next(campaign, code, reached)) and len(items) < query.limit:
            items.append(await self.of(campaign, code, language, by_day=query.programme is not None))
        return api.CampaignCounts(campaign=campaign, items=items, next=items[-1].programme if code and items else None)

    async def of(self, campaign: str, programme: str, language: str, *, by_day: bool = False) -> api.ProgrammeCounts:
        """The counts of one programme.

        Files are read before what is known of those that are gone, so that one that goes meanwhile is in either and in
        none twice.
        """
        there = {id: (title, share) async for id, title, share in self.counts.files_of(campaign, programme, self.zone)}
        gone = await self.counts.gone(campaign, programme)
        counts, title, days = gone.counts, gone.title, dict(gone.days)
        for id, (of_file, share) in there.items():
            title = of_file
            if id not in gone.files:
                counts += share.counts
                for day, adds in share.days.items():
                    days[day] = days.get(day, Counts()) + adds
        offer = await self.programmes.of(programme)
        centre = gone.centre if offer is None else offer.programme.centre
        return api.ProgrammeCounts(
            programme=programme,
            title=text_in(title, language),
            centre=api.CountedCentre(code=centre["code"], label=centre["label"]) if centre else None,
            days=[_day(day, adds) for day, adds in sorted(days.items())] if by_day else None,
            **asdict(counts),
        )

    async def _next(self, campaign: str, after: str, reached: frozenset[str] | None) -> str:
        """The next programme behind a code that has or had files, within a reach; empty: there is none."""
        code: str | None = after
        while (code := await self.counts.next_programme(campaign, code or "")) is not None:
            if reached is None or code in reached:
                return code
        return ""

    async def _reached(self, actor: Actor) -> frozenset[str] | None:
        """The programmes that somebody may know counts of; None: all."""
        parts: set[str] = set()
        for grant in actor.grants:
            if grant.role not in COUNTING:
                continue
            if grant.centres is None and grant.commissions is None:
                return None
            parts |= await self.programmes.within(grant.centres, grant.commissions)
        return frozenset(parts)


def _both(reached: frozenset[str] | None, asked: frozenset[str]) -> frozenset[str]:
    return asked if reached is None else reached & asked


def _day(day: date, counts: Counts) -> api.DayCounts:
    return api.DayCounts(day=day.isoformat(), opened=counts.opened, submitted=counts.submitted)
