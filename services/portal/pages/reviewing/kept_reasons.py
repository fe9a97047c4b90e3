"""The reason that was given last for a file: the browser keeps it for the next form of the same file and person."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

from aiohttp import web

from services.portal.rendering import Rendering

REMEMBERED: Final = 1800
"""Seconds: as long as somebody stands at the desk."""
_COOKIE: Final = "reason"


def keep(rendering: Rendering, request: web.Request, response: web.StreamResponse, reason: str, path: str) -> None:
    """Have it begin the next form below a path."""
    response.set_cookie(
        _COOKIE,
        _whose(rendering, request) + quote(reason),
        path=path,
        max_age=REMEMBERED,
        httponly=True,
        secure=rendering.csrf.secure,
        samesite="Lax",
    )


def kept(rendering: Rendering, request: web.Request) -> str:
    """It, or nothing: who comes next to the same desk has not given it, and signs it not."""
    said, own = request.cookies.get(_COOKIE, ""), _whose(rendering, request)
    return unquote(said.removeprefix(own)) if said.startswith(own) else ""


def _whose(rendering: Rendering, request: web.Request) -> str:
    session = rendering.visits.of(request).session
    return f"{'' if session is None else session.account}."
