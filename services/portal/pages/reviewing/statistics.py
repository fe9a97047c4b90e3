"""How many files there are to each programme, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from services.contracts.api.counts import CountsPage, DayCounts, ProgrammeCounts
from services.contracts.api.endpoints import counts as endpoints
from services.contracts.api.endpoints import offers
from services.portal.api import accepted
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import Showing
from services.portal.paths import STATISTICS
from services.portal.rendering import language_of

FUNNEL: Final = ("opened", "submitted", "favourable", "accepted")
"""Of each of these there are at most as many as of the one before: they are drawn."""
COLUMNS: Final = (*FUNNEL[:2], "complete", *FUNNEL[2:], "withdrawn")
FURTHER: Final = ("unfavourable", "ranked_waitlist", "waitlist", "shortlisted", "cancelled")
"""What is said in words where there is any."""
ASKED: Final = {"campaign": "campagne", "after": "apres", "centre": "centre", "programme": "formation"}
"""What the page asks for, by its name in the address."""
DAILY: Final = ("opened", "submitted")
"""What is told of each day."""
PAGE: Final = 50
WIDTH: Final = 160
"""Of the longest bar, in the units of the drawing."""
DAYS_WIDTH: Final = 640
DAYS_HEIGHT: Final = 120
MOST_DRAWN: Final = 160
"""Days, the last ones; all of them are in the table."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The route."""

    async def show(request: web.Request) -> web.StreamResponse:
        """One page of the programmes of a campaign."""
        language = language_of(request)
        given = {name: request.query.get(shown) for name, shown in ASKED.items()}
        asked = {name: value for name, value in given.items() if value}
        query = CountsPage.model_construct(_fields_set={"limit", *asked}, limit=PAGE, **given)
        counted = await pages.api.ask(request, language, endpoints.STATISTICS, query=query)
        planned = await pages.api.ask(request, language, offers.CAMPAIGNS)
        found, campaigns = accepted(counted), accepted(planned).items
        if query.programme and found.items:
            (programme,) = found.items
            return pages.rendering.page(
                request,
                "review_statistics_days.html",
                campaign=found.campaign,
                programme=programme,
                row=_row(programme),
                columns=COLUMNS,
                days=[_day(each, pages.showing(request)) for each in programme.days or ()],
                drawn=list(_drawn(programme.days or ())),
            )
        whole = found.next is None and not query.after
        return pages.rendering.page(
            request,
            "review_statistics.html",
            campaign=found.campaign,
            campaigns=[{"value": each.code, "text": each.label} for each in campaigns],
            centre=query.centre and next((each.centre.label for each in found.items if each.centre), query.centre),
            centre_code=query.centre,
            columns=COLUMNS,
            rows=[_row(each) for each in found.items],
            total=_total(found.items) if whole and len(found.items) > 1 else None,
            first=not query.after,
            next=found.next,
        )

    return [web.get(STATISTICS, pages.rendering.guarded(show, signed_in=True))]


def _row(counts: ProgrammeCounts) -> Mapping[str, Any]:
    return {
        "code": counts.programme,
        "title": counts.title,
        "centre": counts.centre,
        "numbers": [getattr(counts, name) for name in COLUMNS],
        "further": [(name, number) for name in FURTHER if (number := getattr(counts, name))],
        "bars": list(_bars(counts)),
    }


def _bars(counts: ProgrammeCounts) -> Iterator[int]:
    """How long each bar is: one that stands for somebody can be seen."""
    for name in FUNNEL:
        number = getattr(counts, name)
        yield max(1, round(WIDTH * number / counts.opened)) if number else 0


def _total(items: Sequence[ProgrammeCounts]) -> list[int]:
    return [sum(getattr(each, name) for each in items) for name in COLUMNS]


def _day(counts: DayCounts, showing: Showing) -> Mapping[str, Any]:
    return {"day": showing.day(counts.day), "numbers": {name: getattr(counts, name) for name in DAILY}}


def _drawn(days: Sequence[DayCounts]) -> Iterator[Mapping[str, Any]]:
    """A pair of bars for each day, as high as there were files: one that stands for somebody can be seen."""
    days = days[-MOST_DRAWN:]
    highest = max((max(day.opened, day.submitted) for day in days), default=0)
    step = DAYS_WIDTH / max(len(days), 20)
    for number, day in enumerate(days):
        for beside, name in enumerate(DAILY):
            if files := getattr(day, name):
                height = max(2, round(DAYS_HEIGHT * files / highest))
                x = number * step + beside * step * 0.45
                yield {"name": name, "x": round(x, 1), "width": round(step * 0.4, 1), "height": height}
