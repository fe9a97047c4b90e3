"""Clients who mean harm, from a network of their own; whatever they send is refused, and none of it is our fault."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from tests.candidate import BUSY, PASSWORD
from tests.faults.crowd import TIMEOUT

LINE: Final = "127.66.6.6"
"""Where they come from."""
STALLED: Final = 60
"""Connections that say half of what they want; a person's share of what is free is far less."""
TRIES: Final = 12
"""Wrong passwords at one account; ten are let in."""
BREAKS: Final = 5
"""Broken lines in a row after which something is wrong."""
HEADS: Final = (
    b"POST /api/accounts/accounts HTTP/1.1\r\nHost: x\r\nX-Half: ",
    b"POST /api/accounts/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
    b"",
)


class Hostile:
    """A stranger who presses; `strangers` are the addresses whose registration was taken, each of which shall get a mail."""

    def __init__(self, base: str, flood: int) -> None:
        """`flood`: how many registrations come at once."""
        self.base = base
        self.flood = flood
        self.strangers: list[str] = []
        self.answers: Counter[int] = Counter()

    @asynccontextmanager
    async def stalls(self) -> AsyncIterator[None]:
        """Connections that never come to their point, for as long as the block lasts."""
        at = urlsplit(self.base)
        lines = await asyncio.gather(
            *(asyncio.open_connection(at.hostname, at.port, local_addr=(LINE, 0), limit=2**16) for _ in range(STALLED))
        )
        for number, (_, writer) in enumerate(lines):
            writer.write(HEADS[number % len(HEADS)])
        try:
            yield
        finally:
            for _, writer in lines:
                writer.transport.abort()

    async def presses(self, login: str) -> None:
        """Do all the rest, with `login` as the account whose password is guessed."""
        connector = aiohttp.TCPConnector(local_addr=(LINE, 0))
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(TIMEOUT)) as client:
            ways: Sequence[Callable[[aiohttp.ClientSession, str], Awaitable[None]]] = (
                self._floods,
                self._guesses,
                self._nests,
                self._sends_nothings,
            )
            await asyncio.gather(*(way(client, login) for way in ways))

    async def _floods(self, client: aiohttp.ClientSession, login: str) -> None:
        async def one(address: str) -> None:
            person = {"family_name": "Flood", "given_name": "Ann", "email": address, "email_confirmation": address}
            if await self._sends(client, "POST", "/api/accounts/accounts", {202, 429}, json=person) == 202:
                self.strangers.append(address)

        await asyncio.gather(*(one(f"flood.{secrets.token_hex(8)}@example.net") for _ in range(self.flood)))

    async def _guesses(self, client: aiohttp.ClientSession, login: str) -> None:
        for number in range(TRIES):
            guess = {"login": login, "password": f"{PASSWORD} {number}"}
            await self._sends(client, "POST", "/api/accounts/sessions", {401, 429}, json=guess)

    async def _nests(self, client: aiohttp.ClientSession, login: str) -> None:
        json = {"Content-Type": "application/json"}
        for body in (b"[" * 60_000, b'{"a":' * 12_000, b'{"email": "' + "e\u0301".encode() * 20_000 + b'"}'):
            for path in ("sessions", "accounts", "password-resets"):
                place = f"/api/accounts/{path}"
                await self._sends(client, "POST", place, {400, 413, 422, 429}, data=body, headers=json)

    async def _sends_nothings(self, client: aiohttp.ClientSession, login: str) -> None:
        refused = {400, 404, 422, 429}
        for path in (
            "/api/offers/programmes?q=%00",
            "/api/offers/programmes/%00",
            "/api/%00",
            "/api/accounts/links/%00",
        ):
            await self._sends(client, "GET", path, refused | {200})
        await self._sends(client, "POST", "/api/accounts/password-resets", refused, json={"email": "a\0@b.test"})
        at = urlsplit(self.base)
        reader, writer = await asyncio.open_connection(at.hostname, at.port, local_addr=(LINE, 0))
        writer.write(
            b"GET /api/offers/programmes HTTP/1.1\r\nHost: x\r\nParvis-Seen: a\0b\r\nConnection: close\r\n\r\n"
        )
        head = b""
        with suppress(ConnectionResetError):
            head = await reader.read(12)
        writer.close()
        assert head in {b"", b"HTTP/1.1 400", b"HTTP/1.0 400"}, head

    async def _sends(
        self, client: aiohttp.ClientSession, method: str, path: str, expected: set[int], **request: Any
    ) -> int:
        """One request, again while the suite is busy or if the line breaks; its status, which is among these."""
        headers = {"Idempotency-Key": secrets.token_hex(16), **request.pop("headers", {})}
        broken = 0
        while True:
            try:
                async with client.request(method, self.base + path, headers=headers, **request) as answer:
                    text = await answer.text()
            except aiohttp.ClientConnectionError:  # as one that lay idle is closed in the moment in which it is used
                broken += 1
                if broken == BREAKS:
                    raise
                await asyncio.sleep(1)
                continue
            broken = 0
            self.answers[answer.status] += 1
            if answer.status not in BUSY:
                assert answer.status in expected, (method, path, answer.status, text[:500])
                return answer.status
            await asyncio.sleep(1)
