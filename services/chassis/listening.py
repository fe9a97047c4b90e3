"""Listens for HTTP: what aiohttp is told, and problem documents also for requests that cannot even be read."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog
from aiohttp import web

from services.chassis import headers
from services.chassis.front import refuse
from services.chassis.refusals import INTERNAL_ERROR, MALFORMED_REQUEST

log = structlog.get_logger()

CLOSE_SECONDS: Final = 2.0
"""What connections get on top of the drain before they are cut."""


class Runner(web.AppRunner):
    """Runs an application; bodies are given to handlers as they came (never unpacked), requests under way may finish."""

    def __init__(self, app: web.Application, *, drain_seconds: float) -> None:
        self._drain_seconds = drain_seconds
        super().__init__(
            app,
            access_log=None,
            shutdown_timeout=CLOSE_SECONDS,
            handle_signals=False,
            keepalive_timeout=75,
            auto_decompress=False,
        )

    async def cleanup(self) -> None:
        """Stop listening, let requests under way finish, then close; aiohttp alone would no longer read their bodies."""
        for site in list(self.sites):
            await site.stop()
        if isinstance(self.server, _Server):
            self.server.draining = True
            with suppress(TimeoutError):
                async with asyncio.timeout(self._drain_seconds):
                    while self.server.is_busy():  # noqa: ASYNC110 - aiohttp tells nobody when a request ends
                        await asyncio.sleep(0.02)
        await super().cleanup()

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        options: dict[str, Any] = server._kwargs  # noqa: SLF001 - aiohttp has no other way to give it a protocol
        return _Server(server.request_handler, request_factory=server.request_factory, **options)


class _Server(web.Server):
    """Makes connections of ours."""

    def __init__(self, handler: Any, **options: Any) -> None:
        super().__init__(handler, **options)
        self.draining = False
        self._options = {name: value for name, value in options.items() if name != "request_factory"}

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._options)

    def is_busy(self) -> bool:
        """Whether a request is under way on any connection."""
        return any(isinstance(each, _Connection) and each.is_busy() for each in self.connections)


class _Connection(web.RequestHandler):
    """A connection that answers unreadable requests as all others."""

    __slots__ = ()

    def is_busy(self) -> bool:
        """Whether a request is under way."""
        return self._current_request is not None

    async def finish_response(self, request: web.BaseRequest, resp: web.StreamResponse, *rest: Any) -> Any:
        """Send the answer; while draining it is the last of its connection."""
        if isinstance(self._manager, _Server) and self._manager.draining:
            resp.force_close()
        return await super().finish_response(request, resp, *rest)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that could not be read, or whose answer could not be made; closes the connection."""
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        log.info("http.unreadable", status=status, error=type(exc).__name__)
        if status >= 500:
            response = refuse(request, INTERNAL_ERROR())
        else:
            response = refuse(request, MALFORMED_REQUEST(), status=status)
        response.headers[headers.REQUEST_ID] = headers.correlation(None)
        for name, value in headers.security_headers(https=False).items():
            response.headers[name] = value
        response.force_close()
        return response


async def expect(request: web.Request) -> web.StreamResponse | None:
    """Answer `Expect` (RFC 9110 section 10.1.1): go on for `100-continue`, 417 for anything else."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        return refuse(request, MALFORMED_REQUEST(), status=417)
    if request.can_read_body:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    return None
