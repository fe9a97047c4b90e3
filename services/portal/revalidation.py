"""Pages that may be kept by browsers."""

from __future__ import annotations

import hashlib

from aiohttp import web


def revalidated(request: web.Request, response: web.Response, body: bytes) -> web.Response:
    """A page that may be kept, but is asked for again each time: what is kept must not outlive a login or a deadline.

    `body` is what it holds.
    """
    response.etag = mark = hashlib.sha256(body).hexdigest()[:32]
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept-Language, Cookie"
    if any(tag.value in (mark, "*") for tag in request.if_none_match or ()):
        response.set_status(304)
        response.body = None
    return response
