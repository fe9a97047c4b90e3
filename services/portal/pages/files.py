"""The files of the pages."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from aiohttp import web


@dataclass(frozen=True, slots=True)
class _File:
    """What is sent: as it is, and packed for browsers that take it so, which is a sixth of the bytes."""

    body: bytes
    packed: bytes
    media_type: str

    @classmethod
    def read(cls, path: Path) -> Self:
        body = path.read_bytes()
        return cls(body, gzip.compress(body, mtime=0), _MEDIA_TYPES[path.suffix])


def routes(static: Path) -> list[web.RouteDef]:
    """The route; the files are read once."""
    files = {path.name: _File.read(path) for path in static.iterdir()}

    async def file(request: web.Request) -> web.StreamResponse:
        known = files.get(request.match_info["name"])
        if known is None:
            raise web.HTTPNotFound
        headers = {"Content-Type": known.media_type, "Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"}
        if _takes_gzip(request):
            return web.Response(body=known.packed, headers=headers | {"Content-Encoding": "gzip"})
        return web.Response(body=known.body, headers=headers)

    return [web.get("/static/{name}", file)]


def _takes_gzip(request: web.Request) -> bool:
    """Whether the browser names gzip, and not as what it refuses (RFC 9110, section 12.5.3)."""
    for named in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _, weight = named.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return not weight or weight.strip("0.") != ""
    return False


_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
