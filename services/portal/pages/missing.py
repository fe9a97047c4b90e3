"""What is left: the files of the pages, and the page for addresses that do not exist."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from services.portal.rendering import Rendering


def routes(rendering: Rendering, static: Path) -> list[web.AbstractRouteDef]:
    """The routes; they come last, because the last one takes every address that is left."""
    files = {path.name: (path.read_bytes(), _MEDIA_TYPES[path.suffix]) for path in static.iterdir()}

    async def file(request: web.Request) -> web.StreamResponse:
        known = files.get(request.match_info["name"])
        if known is None:
            raise web.HTTPNotFound
        body, media_type = known
        headers = {"Content-Type": media_type, "Cache-Control": "public, max-age=3600"}
        return web.Response(body=body, headers=headers)

    async def missing(request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", ""):
            raise web.HTTPNotFound
        return rendering.message(request, "missing", status=404)

    return [web.get("/static/{name}", file), web.get("/{tail:.*}", missing)]


_MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}
