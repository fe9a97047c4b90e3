"""Answers on their way out: entity tags, answers that need not be sent again (RFC 9110 section 13), streams."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Final

import structlog
from aiohttp import web

from services.chassis.http import headers
from services.chassis.http.middleware import CONTEXT
from services.chassis.ports import ObjectsUnavailable, PortError

log = structlog.get_logger()


def digest(body: bytes) -> str:
    """The entity tag of these bytes, in quotes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def tagged(request: web.Request, response: web.Response, etag: str) -> web.Response:
    """The response with its tag, or 304 if the client has it already (RFC 9110 section 13)."""
    response.headers["ETag"] = etag
    return _unchanged(response.headers) if response.status == 200 and _has(request, etag) else response


def _has(request: web.Request, etag: str) -> bool:
    """Whether the client says that the copy of this tag is at hand."""
    wanted = request.headers.get("If-None-Match")
    if wanted is None or request.method not in ("GET", "HEAD"):
        return False
    tags = headers.entity_tags("If-None-Match", wanted)
    return tags is not None and (not tags or etag.removeprefix("W/")[1:-1] in {tag for tag, _ in tags})


def _unchanged(out: Mapping[str, str]) -> web.Response:
    return web.Response(status=304, headers={name: value for name, value in out.items() if name in _KEPT_BY_304})


_KEPT_BY_304: Final = frozenset({"Cache-Control", "Content-Language", "ETag", "Vary"})


async def stream(
    request: web.Request,
    chunks: AsyncIterator[bytes],
    response: web.StreamResponse,
    etag: str | None,
    *,
    lasting: bool = False,
) -> web.StreamResponse:
    """Send chunks as they come; where they fail after the first, the connection is broken, which tells the client.

    A `lasting` one has no whole: it goes on until its client goes, which is no failure, and counts until it begins.
    """
    if etag is not None:
        response.headers["ETag"] = etag
        if response.status == 200 and _has(request, etag):
            return _unchanged(response.headers)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    if lasting:
        request[CONTEXT].answered = time.perf_counter()
    try:
        sent = 0
        async for chunk in chunks:
            await response.write(chunk)
            sent += len(chunk)
        if response.content_length not in (None, sent):
            raise ObjectsUnavailable(f"{sent} bytes, and not as many as the answer has promised")
        await response.write_eof()
    except ConnectionError:
        if not lasting:
            raise
    except (PortError, KeyError) as error:
        # The status is gone already: only a broken connection tells the client that bytes are missing.
        log.warning("http.stream-broken", error=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
    finally:
        await close(chunks)
    return response


async def close(chunks: AsyncIterator[bytes]) -> None:
    """Let go of chunks that nobody reads."""
    if isinstance(chunks, AsyncGenerator):
        await chunks.aclose()
