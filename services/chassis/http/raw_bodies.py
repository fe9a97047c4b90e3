"""Bodies that are no JSON: their bytes as they come, whose failures are the client's."""

from __future__ import annotations

import asyncio
import math

from aiohttp import ClientError, web
from aiohttp.http_exceptions import HttpProcessingError

from services.chassis.refusals import MALFORMED_REQUEST, TOO_SLOW, UNSUPPORTED_ENCODING
from services.contracts.refusals import ErrorCode


class RawBody:
    """The bytes of a request as they arrive."""

    def __init__(self, request: web.Request) -> None:
        """Raises UNSUPPORTED_ENCODING for bytes that are packed on the way."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UNSUPPORTED_ENCODING()
        self._content = request.content
        self.announced = request.content_length
        """How many bytes it is said to have, None where nothing is said."""

    async def readany(self) -> bytes:
        """Some bytes, none at the end; raises MALFORMED_REQUEST if the client went away or sends nonsense."""
        try:
            return await self._content.readany()
        except (ClientError, HttpProcessingError, ConnectionError) as error:
            raise MALFORMED_REQUEST() from error

    async def whole(self, most: int, seconds: float, too_large: ErrorCode) -> bytes:
        """All of them; raises `too_large` before the first one is read or as soon as one too many has come, and TOO_SLOW."""
        if (self.announced or 0) > most:
            raise too_large(max_bytes=most)
        content = bytearray()
        try:
            async with asyncio.timeout(seconds):
                while chunk := await self.readany():
                    content += chunk
                    if len(content) > most:
                        raise too_large(max_bytes=most)
        except TimeoutError:
            raise TOO_SLOW(seconds=math.ceil(seconds)) from None
        return bytes(content)
