"""The files of a list as a file that people take away: what the API answers, passed on."""

from __future__ import annotations

from aiohttp import web

from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.filters import ReviewExport
from services.portal.downloads import handed_on
from services.portal.pages.reviewing.listing import ReviewPages, states_of
from services.portal.pages.reviewing.narrowing import narrowed
from services.portal.paths import REVIEW


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""

    def route(name: str, endpoint: Endpoint[None, None]) -> web.RouteDef:
        async def export(request: web.Request) -> web.StreamResponse:
            """The files that the list of this address shows, and those on its other pages."""
            asked = narrowed(request.query, states_of(pages.roles(request))).page
            given = {name: getattr(asked, name) for name in asked.model_fields_set & ReviewExport.model_fields.keys()}
            query = ReviewExport.model_construct(_fields_set=set(given), **given)
            return await handed_on(pages.rendering, pages.api, request, endpoint, {}, query=query)

        return web.get(f"{REVIEW}/{name}", pages.rendering.guarded(export, signed_in=True))

    return [route("export.csv", endpoints.EXPORT_CSV), route("export.xlsx", endpoints.EXPORT_XLSX)]
