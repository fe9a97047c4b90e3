"""The embedded object store: a file per object, in 256 folders by the key's digest, written once."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from services.chassis.fsync import make_folder, sync_folder
from services.chassis.objects.keys import CHUNK, check_key, check_page
from services.chassis.objects.spool import Spool, in_thread, sweep, unavailable
from services.chassis.ports import ObjectExists, ObjectInfo, ObjectsUnavailable

T = TypeVar("T")

_THREADS: Final = 4


class FileObjects:
    """Objects under `folder`, on a file system with hard links; raises ObjectsUnavailable if it cannot be made.

    `read_only`: the folder is left as it is, and empty if it is not there.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._kept = folder / "kept"
        self._incoming = folder / "incoming"
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="objects")
        self._closed = False
        if read_only:
            return
        try:
            make_folder(self._kept)
            make_folder(self._incoming)
            sweep(self._incoming)
        except OSError as error:
            raise unavailable(error) from error

    @asynccontextmanager
    async def stage(self, max_bytes: int) -> AsyncIterator[FileStage]:
        """Begin an object of at most `max_bytes`."""
        self._refuse_when_closed()
        stage = FileStage(self._incoming, self._kept, max_bytes, self._pool)
        try:
            yield stage
        finally:
            await stage.drop()

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes in chunks; raises KeyError before the first."""
        check_key(key)
        return self._chunks(key)

    async def info(self, key: str) -> ObjectInfo | None:
        """What is known of an object."""
        check_key(key)
        return await self._run(lambda: _info(self._kept, key))

    async def delete(self, key: str) -> bool:
        """Take it away, durably."""
        check_key(key)
        path = _place(self._kept, key)

        def work() -> bool:
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            sync_folder(path.parent)
            return True

        return await self._run(work)

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> list[ObjectInfo]:
        """Objects in order of key; each page walks all names."""
        check_page(prefix, after, limit)

        def work() -> list[ObjectInfo]:
            keys = (key for key in _keys(self._kept) if key > after and key.startswith(prefix))
            found = (_info(self._kept, key) for key in heapq.nsmallest(limit, keys))
            return [info for info in found if info is not None]

        return await self._run(work)

    async def ping(self) -> None:
        """Return if a file can be written; raises ObjectsUnavailable."""

        def work() -> None:
            with tempfile.TemporaryFile(dir=self._incoming) as file:
                file.write(b"ping")

        await self._run(work)

    async def close(self) -> None:
        """Finish what was begun and end the threads."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)

    async def _chunks(self, key: str) -> AsyncIterator[bytes]:
        path, offset = _place(self._kept, key), 0
        while chunk := await self._run(lambda: _read_at(path, offset)):  # noqa: B023 - done within the turn
            yield chunk
            offset += len(chunk)

    async def _run(self, work: Callable[[], T]) -> T:
        self._refuse_when_closed()
        return await in_thread(self._pool, work)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise ObjectsUnavailable("closed")


class FileStage(Spool):
    """A stage that becomes an object by a second name, which the file system gives to the first to ask only."""

    def __init__(self, incoming: Path, kept: Path, max_bytes: int, pool: ThreadPoolExecutor) -> None:
        super().__init__(incoming, max_bytes, pool)
        self._kept = kept

    async def commit(self, key: str, media_type: str) -> None:
        """Make it an object; raises ObjectExists, ObjectsUnavailable."""
        check_key(key)
        await self.finish()
        place = _place(self._kept, key)

        def work() -> None:
            self.sync()
            make_folder(place.parent)
            try:
                os.link(self.path, place)
            except FileExistsError:
                raise ObjectExists(key) from None
            sync_folder(place.parent)

        await in_thread(self._pool, work)


def _place(kept: Path, key: str) -> Path:
    # Keys have no plus sign: one folder deep, no key can stand in another's way.
    return kept / hashlib.sha256(key.encode()).hexdigest()[:2] / key.replace("/", "+")


def _keys(kept: Path) -> Iterator[str]:
    """All keys; what somebody else has put into the folder is none."""
    if not kept.is_dir():
        return
    for shard in kept.iterdir():
        if shard.is_dir():
            for entry in os.scandir(shard):
                key = entry.name.replace("+", "/")
                if _place(kept, key) == Path(entry.path) and entry.is_file():
                    yield key


def _info(kept: Path, key: str) -> ObjectInfo | None:
    try:
        status = _place(kept, key).stat()
    except FileNotFoundError:
        return None
    return ObjectInfo(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _read_at(path: Path, offset: int) -> bytes:
    """A chunk by a descriptor of its own: a reader that goes away half-way leaves nothing open."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        if offset:
            raise
        raise KeyError(path.name.replace("+", "/")) from None
    try:
        return os.pread(descriptor, CHUNK, offset)
    finally:
        os.close(descriptor)
