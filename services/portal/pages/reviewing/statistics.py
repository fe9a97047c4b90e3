"""How many files there are to each programme, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from services.contracts.api.counts import CountsPage, ProgrammeCounts
from services.contracts.api.endpoints import counts as endpoints
from services.contracts.api.endpoints import offers
from services.portal.api import accepted
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.paths import STATISTICS
from services.portal.rendering import language_of

FUNNEL: Final = ("opened", "submitted", "favourable", "accepted")
"""Of each of these there are at most as many as of the one before: they are drawn."""
COLUMNS: Final = (*FUNNEL[:2], "complete", *FUNNEL[2:], "withdrawn")
FURTHER: Final = ("unfavourable", "ranked_waitlist", "waitlist", "shortlisted", "cancelled")
"""What is said in words where there is any."""
PAGE: Final = 50
WIDTH: Final = 160
"""Of the longest bar, in the units of the drawing."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The route."""

    async def show(request: web.Request) -> web.StreamResponse:
        """One page of the programmes of a campaign."""
        language = language_of(request)
        given = {"campaign": request.query.get("campagne"), "after": request.query.get("apres")}
        query = CountsPage.model_construct(
            _fields_set={"limit", *(name for name, value in given.items() if value)}, limit=PAGE, **given
        )
        counted = await pages.api.ask(request, language, endpoints.STATISTICS, query=query)
        planned = await pages.api.ask(request, language, offers.CAMPAIGNS)
        found, campaigns = accepted(counted), accepted(planned).items
        whole = found.next is None and not query.after
        return pages.rendering.page(
            request,
            "review_statistics.html",
            campaign=found.campaign,
            campaigns=[{"value": each.code, "text": each.label} for each in campaigns],
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
