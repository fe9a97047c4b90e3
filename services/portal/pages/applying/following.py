"""A page of an application hears that it is another than it was: what the API tells, passed on to the browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web

from services.chassis.http.following import CHECK_SECONDS, HEADERS, OPEN, RETRY_SECONDS, SILENT_CHECKS
from services.chassis.http.headers import LAST_EVENT
from services.chassis.http.middleware import CONTEXT
from services.chassis.http.places import Places, network
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.problem import Problem
from services.portal.downloads import passed_on
from services.portal.pages.applying.own import ApplicationPages
from services.portal.paths import FOLLOWED
from services.portal.rendering import language_of
from services.portal.visits import LoginNeeded

PATIENCE: Final = 2 * SILENT_CHECKS * CHECK_SECONDS
"""How long the API may be silent, in seconds: a comment is due in half of it."""
OVER: Final = b"event: over\ndata: {}\n\n"
"""To who is logged out."""


def routes(pages: ApplicationPages, most: int) -> list[web.RouteDef]:
    """The route; `most` browsers listen at once."""
    following = _Following(pages, Places("following-pages", most, retry_seconds=RETRY_SECONDS))
    return [web.get(FOLLOWED, pages.rendering.guarded(following.hear))]


@dataclass(frozen=True, slots=True)
class _Following:
    pages: ApplicationPages
    places: Places

    async def hear(self, request: web.Request) -> web.StreamResponse:
        """What changes from the version on that the page shows; who is logged out is told not to come again.

        By an event: scripts are not told the status of an answer that ends their connection.
        """
        last = request.headers.get(LAST_EVENT) or request.query.get("depuis", "")
        asking = self.pages.api.transfer(
            request,
            language_of(request),
            endpoints.FOLLOW,
            parameters={"id": request.match_info["id"]},
            headers={LAST_EVENT: last} if last.isdecimal() and last.isascii() else None,
            places=self.places,
            among=network(request[CONTEXT].client),
        )
        try:
            async with asking as found:
                if isinstance(found, Problem):
                    return self.pages.rendering.problem(request, found)
                if (place := request[CONTEXT].place) is not None:
                    place.leave()
                stopped = asyncio.Event()
                with request.config_dict[OPEN].until_stopped(stopped.set):
                    chunks = passed(request, found.content, stopped)
                    return await passed_on(request, found, chunks, headers=HEADERS, lasting=True)
        except LoginNeeded:
            return web.Response(body=OVER, headers={"Cache-Control": "no-store", **HEADERS})


async def passed(
    request: web.Request, content: aiohttp.StreamReader, stopped: asyncio.Event, *, patience: float = PATIENCE
) -> AsyncIterator[bytes]:
    """What the API says, as it comes, until one of both sides is gone, this process stops, or it is silent for too long."""
    now = asyncio.get_running_loop().time
    heard = now()
    while request.transport is not None and not stopped.is_set() and now() < heard + patience:
        try:
            async with asyncio.timeout(min(CHECK_SECONDS, patience)):
                chunk = await content.readany()
        # Some of its kinds are TimeoutErrors too, which each further reading would raise at once.
        except aiohttp.ClientError:
            return
        except TimeoutError:
            continue
        if not chunk:
            return
        heard = now()
        yield chunk
