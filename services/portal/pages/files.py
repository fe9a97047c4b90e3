"""The files of the pages."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web


def routes(static: Path) -> list[web.RouteDef]:
    """The route; the files are read once."""
    files = {path.name: (path.read_bytes(), _MEDIA_TYPES[path.suffix]) for path in static.iterdir()}

    async def file(request: web.Request) -> web.StreamResponse:
        known = files.get(request.match_info["name"])
        if known is None:
            raise web.HTTPNotFound
        body, media_type = known
        headers = {"Content-Type": media_type, "Cache-Control": "public, max-age=3600"}
        return web.Response(body=body, headers=headers)

    return [web.get("/static/{name}", file)]


_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
