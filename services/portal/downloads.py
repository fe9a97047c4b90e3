"""The one way in which a page answers with bytes: a file of the API, passed on, or one made of many; none is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

import aiohttp
from aiohttp import web
from pydantic import BaseModel

from services.chassis.http import replies
from services.chassis.ports import ObjectsUnavailable
from services.contracts.api.documents import attachment
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.problem import Problem
from services.portal.api import Api
from services.portal.rendering import Rendering, language_of

PASSED_ON: Final = ("Content-Type", "Content-Length", "Content-Disposition")


async def passed_on(
    request: web.Request,
    found: aiohttp.ClientResponse,
    chunks: AsyncIterator[bytes] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    lasting: bool = False,
) -> web.StreamResponse:
    """What the API answers, as it comes or as `chunks` give it; where that breaks off, so does the line to the browser."""
    response = web.StreamResponse(headers={name: found.headers[name] for name in PASSED_ON if name in found.headers})
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return await replies.stream(request, chunks or _chunks(found), response, None, lasting=lasting)


async def handed_on(
    rendering: Rendering,
    api: Api,
    request: web.Request,
    endpoint: Endpoint[None, None],
    parameters: Mapping[str, str],
    *,
    query: BaseModel | None = None,
) -> web.StreamResponse:
    """The file that an endpoint of the API answers with, passed on and never kept; else the page that says why not."""
    asking = api.transfer(request, language_of(request), endpoint, parameters=parameters, query=query)
    async with asking as found:
        if isinstance(found, Problem):
            return rendering.problem(request, found)
        return await passed_on(request, found)


async def made(
    request: web.Request, filename: str, media_type: str, chunks: AsyncIterator[bytes]
) -> web.StreamResponse:
    """A file that is put together while it is sent; where `chunks` raise ObjectsUnavailable, the line is broken off."""
    response = web.StreamResponse(headers={"Content-Type": media_type, "Content-Disposition": attachment(filename)})
    response.headers["Cache-Control"] = "no-store"
    return await replies.stream(request, chunks, response, None)


async def _chunks(found: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for chunk in found.content.iter_any():
            yield chunk
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ObjectsUnavailable(type(error).__name__) from error
