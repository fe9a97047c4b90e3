"""Who listens to an application in these tests, as browsers do (Server-Sent Events)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.service.applications.candidate import BASE, Candidate

WHOLE_LINE = aiohttp.ClientTimeout(600)


class Listener:
    """An open connection, read event by event."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def block(self) -> dict[str, str]:
        """The next block that says something, member by member; empty at the end."""
        said: dict[str, str] = {}
        async for line in self.response.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                said[name] = value
            elif said := {name: value for name, value in said.items() if name}:
                return said
        assert not said, "it broke off"
        return {}

    async def begins(self) -> None:
        """The first block: when to come back after the end."""
        assert 3000 <= int((await self.block())["retry"]) <= 9000

    async def moved(self) -> int:
        """A block that only moves the position."""
        block = await self.block()
        assert block.keys() == {"id"}, block
        return int(block["id"])

    async def change(self) -> dict[str, Any]:
        """A block that tells of a change."""
        block = await self.block()
        data: dict[str, Any] = json.loads(block["data"])
        assert (block["event"], block["id"]) == ("change", str(data["version"])), block
        return data

    async def ends(self) -> None:
        """Nothing more is said; raises aiohttp.ClientPayloadError where the line was cut."""
        assert await self.block() == {}


@asynccontextmanager
async def listening(
    candidate: Candidate, id: str, last: object = None, client: aiohttp.ClientSession | None = None, **claims: Any
) -> AsyncIterator[Listener]:
    """Somebody who listens from now on, or from the version `last`; the access token has these `claims` beside its own."""
    suite = candidate.suite
    headers = suite.bearer(candidate.account, **claims) | ({} if last is None else {"Last-Event-ID": str(last)})
    address = f"{suite.url}{BASE}/applications/{id}/events"
    async with (client or suite.client).get(address, headers=headers, timeout=WHOLE_LINE) as response:
        assert response.status == 200, await response.text()
        assert response.headers["Content-Type"] == "text/event-stream"
        assert (response.headers["Cache-Control"], response.headers["X-Accel-Buffering"]) == ("no-store", "no")
        listener = Listener(response)
        await listener.begins()
        yield listener
