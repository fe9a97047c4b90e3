"""Bytes on their way into an object store: a bounded local file, written by threads, that dies with its process."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from services.chassis.ports import ObjectsUnavailable, TooLarge

T = TypeVar("T")

_TOGETHER: Final = 512 * 1024
"""Bytes that one thread digests and writes at a time."""
_LARGE: Final = 16 * 1024
_NAME: Final = re.compile("[0-9a-f]{32}")


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
    """Remove what stages of dead processes left behind, however young; raises OSError."""
    with _locked(folder, fcntl.LOCK_EX):
        for entry in os.scandir(folder):
            if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                _remove_if_dead(Path(entry.path))


def _remove_if_dead(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return  # its process lives
    finally:
        os.close(descriptor)


@contextmanager
def _locked(folder: Path, kind: int) -> Iterator[None]:
    """Hold a folder: stages, together, until the file that they make there is locked; a sweep, alone."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, kind)
        yield
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
        self._digest = hashlib.sha256()
        self._waiting: list[bytes | bytearray] = []
        self._waiting_bytes = 0
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

    @property
    def sha256(self) -> str:
        """The digest of the bytes in hexadecimal; of all of them only after `finish`."""
        return self._digest.hexdigest()

    async def write(self, chunk: bytes) -> None:
        """Add bytes; raises TooLarge, ObjectsUnavailable."""
        if self._finished:
            raise ValueError("the stage is finished")
        if self._size + len(chunk) > self._max_bytes:
            raise TooLarge(f"more than {self._max_bytes} bytes")
        self._size += len(chunk)
        self._wait_for_more(chunk)
        if self._waiting_bytes >= _TOGETHER:
            await self._flush()

    def _wait_for_more(self, chunk: bytes) -> None:
        """Large chunks wait uncopied; small ones are gathered, because every object costs more than its bytes."""
        self._waiting_bytes += len(chunk)
        if len(chunk) >= _LARGE:
            self._waiting.append(chunk)
        elif self._waiting and isinstance(last := self._waiting[-1], bytearray):
            last += chunk
        else:
            self._waiting.append(bytearray(chunk))

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
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        await in_thread(self._pool, lambda: self._append(waiting))

    def _append(self, chunks: Sequence[bytes | bytearray]) -> None:
        with self._lock:
            descriptor = self._open()
            for chunk in chunks:
                self._digest.update(chunk)
                rest = memoryview(chunk)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]

    def _open(self) -> int:
        if self._dropped:
            raise OSError(errno.EBADF, "the stage is gone")
        if self._descriptor is None:
            with _locked(self._path.parent, fcntl.LOCK_SH):
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
