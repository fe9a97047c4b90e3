"""A page for each refusal of the API, at the address that its problem document names as `type` (RFC 9457)."""

from __future__ import annotations

from aiohttp import web

from services import SERVICES
from services.chassis.http.problems import SHARED
from services.chassis.texts.catalogues import catalogues, named
from services.contracts.languages import Language
from services.portal.rendering import Rendering, language_of


def routes(rendering: Rendering) -> list[web.RouteDef]:
    """The route."""

    async def show(request: web.Request) -> web.StreamResponse:
        slug = request.match_info["slug"]
        meanings = _meanings(slug, language_of(request))
        if not meanings:
            raise web.HTTPNotFound
        return rendering.page(request, "problem.html", slug=slug, meanings=meanings)

    return [web.get("/problems/{slug:[a-z0-9-]{1,64}}", show)]


def _meanings(slug: str, language: Language) -> list[tuple[str, str]]:
    """Title and text of each different meaning that services give a slug; a text that needs figures is left out."""
    read, found = catalogues(), []
    for where in (SHARED, *SERVICES):
        title, detail = read.raw(f"{where}.{slug}.title", language), read.raw(f"{where}.{slug}.detail", language)
        if title is not None and detail is not None:
            found.append((title, "" if named(detail) else detail))
    return list(dict.fromkeys(found))
