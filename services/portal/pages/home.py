"""What everybody may read: the home page, help, the notices that the law asks for, a page for developers (acceptance 22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from services.chassis.ports import Clock
from services.chassis.texts import formats
from services.contracts.api.endpoints import offers as endpoints
from services.contracts.api.offers import Campaign, Institution
from services.contracts.api.problem import Problem
from services.portal.api import Api, ApiUnavailable
from services.portal.ent_offer import way_by_ent
from services.portal.maintenance import Closures
from services.portal.pages.mailbox import is_for
from services.portal.prolonged import Prolonged
from services.portal.rendering import Rendering, language_of

NOTICES: Final[Mapping[str, str]] = {
    "/assistance": "help",
    "/donnees-personnelles": "privacy",
    "/mentions-legales": "legal",
    "/accessibilite": "accessibility",
}
"""The template, and the beginning of the texts, of each page that only tells something."""

_PLACE: Final = "VVV"
"""Whose clock it is, as CLDR names the place."""


def routes(
    rendering: Rendering,
    api: Api,
    closures: Closures,
    titles: Mapping[str, str],
    prolonged: Prolonged,
    *,
    clock: Clock,
    mailbox: bool,
) -> list[web.RouteDef]:
    """The routes; `titles` are the services of this process by name, `mailbox` whether there is one to look into."""

    async def institution(request: web.Request) -> Institution | None:
        """Whose suite it is; None while nobody can say: these pages are there all the same."""
        try:
            found = await api.ask(request, language_of(request), endpoints.INSTITUTION)
        except ApiUnavailable:
            return None
        return None if isinstance(found, Problem) else found

    async def campaign(request: web.Request) -> Campaign | Problem | None:
        """The current campaign, or why there is none; None while nobody can say."""
        try:
            return await api.ask(request, language_of(request), endpoints.CURRENT_CAMPAIGN)
        except ApiUnavailable:
            return None

    async def home(request: web.Request) -> web.StreamResponse:
        current, until = await campaign(request), await prolonged.until(request)
        return rendering.page(
            request,
            "home.html",
            institution=await institution(request),
            campaign=current if isinstance(current, Campaign) else None,
            no_campaign=current.detail if isinstance(current, Problem) else None,
            announced=closures.announced(rendering, language_of(request)),
            prolonged=None if until is None else formats.day(until, language_of(request)),
            by_ent=await way_by_ent(api, request, ""),
            mailbox=mailbox and is_for(request),
        )

    async def notice(request: web.Request) -> web.StreamResponse:
        name = NOTICES[request.path]
        place = formats.moment(clock.now(), language_of(request), closures.zone, _PLACE)
        return rendering.page(request, f"{name}.html", institution=await institution(request), place=place)

    async def developers(request: web.Request) -> web.StreamResponse:
        return rendering.page(request, "developers.html", services=titles)

    return [
        web.get("/", rendering.guarded(home)),
        *(web.get(path, rendering.guarded(notice)) for path in NOTICES),
        web.get("/developpeurs", rendering.guarded(developers)),
    ]
