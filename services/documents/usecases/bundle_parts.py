"""Where the bytes of bundles are: in objects one behind the other, so that no local disk ever holds a whole one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from services.chassis.ports import Objects, Stage, TooLarge

PART_BYTES: Final = 16 * 2**20
"""Of one object: no more of a bundle than this is ever on a local disk."""
MAX_PARTS: Final = 256
"""Of one bundle, which has 4 GiB at most."""
MEDIA_TYPES: Final = {"pdf": "application/pdf", "letters-pdf": "application/pdf"}
ZIP: Final = "application/zip"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large one object may be, and how many there may be of a bundle."""

    part_bytes: int = PART_BYTES
    parts: int = MAX_PARTS


class Parts:
    """The bytes of a bundle on their way into objects, of which one at a time stands on the local disk."""

    def __init__(self, objects: Objects, key: str, kind: str, bounds: Bounds) -> None:
        self.count = 0
        self.size = 0
        self.digest = hashlib.sha256()
        self._objects = objects
        self._key = key
        self._media_type = MEDIA_TYPES.get(kind, ZIP)
        self._bounds = bounds
        self._stages = AsyncExitStack()
        self._stage: Stage | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """While open, bytes can be written; what was not kept by then is nowhere."""
        async with self._stages:
            yield

    async def write(self, chunk: bytes) -> None:
        """Add bytes; raises TooLarge beyond the bounds of a bundle, ObjectsUnavailable."""
        self.digest.update(chunk)
        self.size += len(chunk)
        while chunk:
            if self._stage is None:
                if self.count == self._bounds.parts:
                    raise TooLarge(f"more than {self._bounds.parts} parts")
                self._stage = await self._stages.enter_async_context(self._objects.stage(self._bounds.part_bytes))
            room = self._bounds.part_bytes - self._stage.size
            await self._stage.write(chunk[:room])
            chunk = chunk[room:]
            if self._stage.size == self._bounds.part_bytes:
                await self.finish()

    async def finish(self) -> None:
        """Keep what is on the local disk."""
        if self._stage is not None:
            await self._stage.finish()
            await self._stage.commit(key_of(self._key, self.count), self._media_type)
            await self._stages.aclose()
            self._stage, self.count = None, self.count + 1


async def read(objects: Objects, key: str, parts: int) -> AsyncGenerator[bytes, None]:
    """The bytes of a bundle that is ready; raises KeyError where some of them are gone."""
    for part in range(parts):
        async for chunk in objects.read(key_of(key, part)):
            yield chunk


def key_of(key: str, part: int) -> str:
    """Where a part of the bytes of a bundle is, in the folder `key`."""
    return f"{key}/{part:04d}"
