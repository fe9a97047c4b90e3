"""Objects: the bytes of files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from services.chassis.ports.errors import PortError


class ObjectsUnavailable(PortError):
    """The object store cannot be reached, is full, or refuses."""


class ObjectExists(PortError):
    """The key is taken; objects are never overwritten. Nothing was written."""


class TooLarge(PortError):
    """More bytes were written than the bound of the stage."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object at rest; `size` in bytes; `modified` in UTC."""

    key: str
    size: int
    modified: datetime


class Stage(Protocol):
    """Bytes on their way in: a local temporary file that can be read by path before it is committed."""

    @property
    def path(self) -> Path:
        """The temporary file; complete only after `finish`."""
        ...

    @property
    def size(self) -> int:
        """Bytes written so far."""
        ...

    @property
    def sha256(self) -> str:
        """The digest of the bytes in hexadecimal; of all of them only after `finish`."""
        ...

    async def write(self, chunk: bytes) -> None:
        """Add bytes; raises TooLarge at `max_bytes` + 1."""
        ...

    async def finish(self) -> None:
        """No more bytes: flush, so that `path` holds them all."""
        ...

    async def commit(self, key: str, media_type: str) -> None:
        """Make it an object, durable when the call returns; raises ObjectExists, ObjectsUnavailable."""
        ...


class Objects(Protocol):
    """Bytes by key, written once. Keys: 1..200 characters `[a-z0-9/_.-]`, no empty or dotted segment, else ValueError.

    No key may be the folder of another (`a` beside `a/b`): there are S3 stores that cannot hold both.
    """

    def stage(self, max_bytes: int) -> AbstractAsyncContextManager[Stage]:
        """Begin an object; on leaving without `commit` nothing stays behind."""
        ...

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes in chunks of at most 256 KiB; raises KeyError before the first if there is none such."""
        ...

    async def info(self, key: str) -> ObjectInfo | None:
        """What is known of an object."""
        ...

    async def delete(self, key: str) -> bool:
        """Take it away; False if there was none such."""
        ...

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> list[ObjectInfo]:
        """Objects behind the key `after`: pages that follow one another list each object once.

        Objects of one folder are in order of key; S3 stores differ in where they put what lies deeper.
        """
        ...

    async def ping(self) -> None:
        """Return if the store works; raises ObjectsUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
