"""Listens for HTTP: what aiohttp is told, and how it stops."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

from aiohttp import web

from services.chassis.http.connections import Bounds, Server
from services.chassis.http.following import OPEN
from services.chassis.http.middleware import refuse
from services.chassis.refusals import MALFORMED_REQUEST

CLOSE_SECONDS: Final = 2.0
"""What connections get on top of the drain before they are cut."""


class Runner(web.AppRunner):
    """Runs an application; bodies are given to handlers as they came (never unpacked), requests under way may finish."""

    def __init__(self, app: web.Application, bounds: Bounds, *, drain_seconds: float) -> None:
        self._bounds = bounds
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
        if isinstance(self.server, Server):
            self.server.draining = True
            if (following := self.app.get(OPEN)) is not None:
                following.stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._drain_seconds):
                    while self.server.is_busy():  # noqa: ASYNC110 - aiohttp tells nobody when a request ends
                        await asyncio.sleep(0.02)
            self.server.stop_watching()
        await super().cleanup()

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        options: dict[str, Any] = server._kwargs  # noqa: SLF001 - aiohttp has no other way to give it a protocol
        ours = Server(server.request_handler, self._bounds, request_factory=server.request_factory, **options)
        ours.watch()
        return ours


async def expect(request: web.Request) -> web.StreamResponse | None:
    """Answer `Expect` (RFC 9110 section 10.1.1): go on for `100-continue`, 417 for anything else."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        return refuse(request, MALFORMED_REQUEST(), status=417)
    if request.can_read_body:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    return None
