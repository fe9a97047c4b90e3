"""Bytes on their way into an object store: a bounded local file, written by threads, that dies with its process."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from services.chassis.objects.keys import CHUNK
from services.chassis.ports import ObjectsUnavailable, TooLarge

T = TypeVar("T")

_STALE_SECONDS: Final = 60
"""A younger file is never swept: its process may not have locked it yet."""


async def in_thread(pool: Executor, work: Callable[[], T]) -> T:
    """Do file work in the pool; OSError becomes ObjectsUnavailable, named without its path."""
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, work)
    except OSError as error:
        raise unavailable(error) from error


def unavailable(error: OSError) -> ObjectsUnavailable:
    """The port's word for a failure of the disk."""
    return ObjectsUnavailable(errno.errorcode.get(error.errno or 0, type(error).__name__))


def sweep(folder: Path) -> None:
    """Remove what stages of dead processes left behind; raises OSError."""
    for entry in os.scandir(folder):
        if time.time() - entry.stat().st_mtime < _STALE_SECONDS:
            continue
        descriptor = os.open(entry.path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Path(entry.path).unlink(missing_ok=True)
        except BlockingIOError:
            continue  # its process lives
        finally:
            os.close(descriptor)


class Spool:
    """A file in `folder`, made at the first write and locked while it is open, of at most `max_bytes`.

    A cancelled caller does not stop its thread, so that file work is done under a lock and not at all after `drop`.
    """

    def __init__(self, folder: Path, max_bytes: int, pool: Executor) -> None:
        self._path = folder / secrets.token_hex(16)
        self._max_bytes = max_bytes
        self._pool = pool
        self._size = 0
        self._buffer = bytearray()
        self._descriptor: int | None = None
        self._finished = False
        self._dropped = False
        self._lock = Lock()

    @property
    def path(self) -> Path:
        """The file; complete only after `finish`."""
        return self._path

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    async def write(self, chunk: bytes) -> None:
        """Add bytes; raises TooLarge, ObjectsUnavailable."""
        if self._finished:
            raise ValueError("the stage is finished")
        if self._size + len(chunk) > self._max_bytes:
            raise TooLarge(f"more than {self._max_bytes} bytes")
        self._size += len(chunk)
        if not self._buffer and len(chunk) >= CHUNK:
            await in_thread(self._pool, lambda: self._append(chunk))  # large ones pass uncopied
            return
        self._buffer += chunk
        if len(self._buffer) >= CHUNK:
            await self._flush()

    async def finish(self) -> None:
        """Bring all bytes into the file; safe to repeat."""
        if not self._finished:
            await self._flush()
            self._finished = True

    async def drop(self) -> None:
        """Remove the file, also when the caller is cancelled meanwhile."""
        await asyncio.shield(in_thread(self._pool, self._drop))

    def sync(self) -> None:
        """Make the bytes durable; for the pool's threads; raises OSError."""
        with self._lock:
            os.fsync(self._open())

    async def _flush(self) -> None:
        full, self._buffer = self._buffer, bytearray()
        await in_thread(self._pool, lambda: self._append(full))

    def _append(self, chunk: bytes | bytearray) -> None:
        with self._lock:
            descriptor, rest = self._open(), memoryview(chunk)
            while rest:
                rest = rest[os.write(descriptor, rest) :]

    def _open(self) -> int:
        if self._dropped:
            raise OSError(errno.EBADF, "the stage is gone")
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self._descriptor

    def _drop(self) -> None:
        with self._lock:
            self._dropped = True
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
                self._path.unlink(missing_ok=True)
