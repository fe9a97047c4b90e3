"""Asking a system of the university over HTTP: for a few seconds, for a few bytes, and of a few at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from services.chassis.ports.errors import PortError

SECONDS: Final = 5.0
"""How long one answer may take."""
MOST_BYTES: Final = 64 * 1024
"""Of an answer; those that are meant have some hundred, or some thousand."""
MOST_CONNECTIONS: Final = 32


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    body: bytes


class Streamed:
    """An answer that is read as it comes."""

    def __init__(self, response: aiohttp.ClientResponse, unavailable: type[PortError]) -> None:
        self.status = response.status
        self._content = response.content
        self._unavailable = unavailable

    async def readany(self) -> bytes:
        """Some bytes, none at the end; raises the port's error."""
        try:
            return await self._content.readany()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unavailable(type(error).__name__) from error


class Outbound:
    """Asks one system; follows no redirection, keeps no cookie, heeds no proxy of the environment.

    `unavailable` is the error of its port, `most_bytes` how long an answer may be.
    """

    def __init__(self, unavailable: type[PortError], *, seconds: float = SECONDS, most_bytes: int = MOST_BYTES) -> None:
        self._unavailable = unavailable
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, url: str, **options: Any) -> Reply:
        """The answer, whatever its status; raises the port's error if there is none in time, or a long one."""
        try:
            async with self._connected().request(method, url, allow_redirects=False, **options) as response:
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > self._most_bytes:
                        raise self._unavailable("too long an answer")
                return Reply(response.status, bytes(body))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise self._unavailable(type(error).__name__) from error

    @asynccontextmanager
    async def stream(self, url: str, *, seconds: float, **options: Any) -> AsyncIterator[Streamed]:
        """What is given at an address, whatever its status, as it comes, within so many seconds; raises the port's error."""
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=self._seconds, sock_read=self._seconds)
        try:
            response = await self._connected().request("GET", url, allow_redirects=False, timeout=timeout, **options)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise self._unavailable(type(error).__name__) from error
        async with response:
            yield Streamed(response, self._unavailable)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """The URL with more parameters; those that it has stay."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
