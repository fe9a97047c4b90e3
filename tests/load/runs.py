"""Acts of staff for many files over HTTP: foreseen, begun, and followed to their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

BULK: Final = "/api/applications/review/bulk"
LOOK_SECONDS: Final = 0.2
WITHIN: Final = 600


@dataclass(frozen=True)
class Ran:
    """How many seconds the dry run took, how many it took from the order to the end, and what came of it."""

    foreseen: float
    done: float
    changed: int


@dataclass(frozen=True)
class Manager:
    """Somebody of staff in a suite."""

    client: aiohttp.ClientSession
    token: str

    async def run(self, action: str, ids: Sequence[str], **args: Any) -> Ran:
        """Do it to all of these files."""
        asked: dict[str, Any] = {"ids": list(ids), "action": action, "args": args}
        begun = time.perf_counter()
        preview = await self._ask("POST", BULK, asked | {"dry_run": True})
        foreseen = time.perf_counter() - begun
        begun = time.perf_counter()
        run = await self._ask("POST", f"{BULK}/runs", asked | {"digest": preview["digest"]})
        async with asyncio.timeout(WITHIN):
            while run["state"] not in ("ready", "failed"):
                await asyncio.sleep(LOOK_SECONDS)
                run = await self._ask("GET", f"{BULK}/runs/{run['id']}")
        assert run["state"] == "ready", run
        return Ran(foreseen, time.perf_counter() - begun, run["changed"])

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "fr"}
        async with self.client.request(method, path, json=body, headers=headers) as answer:
            if answer.status >= 400:
                raise RuntimeError(await answer.text())
            return await answer.json()
