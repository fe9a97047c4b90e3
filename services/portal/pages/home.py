"""The home page: what this is, what runs, where to look."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from services.portal.pages.mailbox import is_for
from services.portal.rendering import Rendering


def routes(rendering: Rendering, titles: Mapping[str, str], *, mailbox: bool) -> list[web.RouteDef]:
    """The routes; `titles` are the services of this process by name, `mailbox` whether there is one to look into."""

    async def home(request: web.Request) -> web.StreamResponse:
        return rendering.page(request, "home.html", services=titles, mailbox=mailbox and is_for(request))

    return [web.get("/", home)]
