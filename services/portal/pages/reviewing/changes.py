"""A list that stays open is told how many of its files have changed, and left as it is.

Its page asks now and then, which costs no more than a page of the list and needs no connection that lasts; rights are looked
at each time (ADR 100).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.problem import Problem
from services.portal.pages.reviewing.listing import ReviewPages, states_of
from services.portal.pages.reviewing.narrowing import narrowed
from services.portal.pages.reviewing.noticing import AS_SEEN, CHANGES, SEEN, changed
from services.portal.rendering import language_of
from services.portal.visits import LoginNeeded

JSON: Final = "application/json"


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The route."""
    return [web.get(CHANGES, pages.rendering.guarded(_Changes(pages).ask))]


@dataclass(frozen=True, slots=True)
class _Changes:
    pages: ReviewPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What is to be announced, in words; nothing (204) where nothing has changed, 401 for who is logged in no more."""
        seen, language = request.query.get(SEEN, ""), language_of(request)
        if not AS_SEEN.fullmatch(seen):
            raise web.HTTPBadRequest
        asked = narrowed(request.query, states_of(self.pages.roles(request)))
        headers = {"Cache-Control": "no-store"}
        try:
            found = await self.pages.api.ask(request, language, endpoints.FILES, query=asked.page)
        except LoginNeeded:
            return web.Response(status=401, headers=headers)
        if isinstance(found, Problem):
            return web.Response(status=found.status, headers=headers)
        if not (count := changed(seen, found.items)):
            return web.Response(status=204, headers=headers)
        words = self.pages.rendering.text(language, "review.changed", count=count)
        if JSON not in request.headers.get(
            "Accept", ""
        ):  # a page of the release before, which shows the answer as it is
            return web.Response(text=words, headers=headers)
        return web.json_response({"words": words}, headers=headers)
