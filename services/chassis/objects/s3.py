"""An S3 store: aiohttp moves the bytes on URLs that the minio SDK signs; the SDK itself lists, in threads."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import aiohttp
import urllib3
from minio import Minio
from minio.error import MinioException
from yarl import URL

from services.chassis.fsync import make_folder
from services.chassis.objects.keys import CHUNK, check_key, check_page
from services.chassis.objects.spool import Spool, in_thread, sweep, unavailable
from services.chassis.ports import ObjectExists, ObjectInfo, ObjectsUnavailable
from services.chassis.retries import Retries
from services.contracts.backoff import Backoff

T = TypeVar("T")

TIMEOUT: Final = 20.0
"""Seconds that the store has for an answer, or between two pieces of one."""

_THREADS: Final = 4
_ATTEMPTS: Final = 3
_PAUSES: Final = Backoff(timedelta(seconds=0.4), timedelta(seconds=2))
_SIGNED_FOR: Final = timedelta(minutes=15)


class S3Objects:
    """Objects in `bucket`; `spool` is a local folder for bytes on their way in."""

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        *,
        access_key: str,
        secret_key: str,
        secure: bool,
        region: str,
        spool: Path,
        timeout: float = TIMEOUT,
        read_only: bool = False,
    ) -> None:
        """`read_only`: nothing is staged, and the folder is left as it is."""
        self._bucket = bucket
        self._spool = spool
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")
        self._sdk = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            secure=secure,
            region=region,  # without it the SDK asks the server for it, each time
            http_client=urllib3.PoolManager(timeout=timeout, retries=False, maxsize=_THREADS),
        )
        self._timeout = aiohttp.ClientTimeout(total=None, connect=timeout, sock_read=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        if read_only:
            return
        try:
            make_folder(spool)
            sweep(spool)
        except OSError as error:
            raise unavailable(error) from error

    @asynccontextmanager
    async def stage(self, max_bytes: int) -> AsyncIterator[S3Stage]:
        """Begin an object of at most `max_bytes`, in a local file."""
        self._refuse_when_closed()
        stage = S3Stage(self, self._spool, max_bytes, self._pool)
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
        async with self._ask("HEAD", key) as answer:
            if answer.status == 404:
                return None
            _expect(answer, 200)
            modified = parsedate_to_datetime(answer.headers["Last-Modified"])
            return ObjectInfo(key, int(answer.headers["Content-Length"]), modified)

    async def delete(self, key: str) -> bool:
        """Take it away; S3 does not say whether it was there, so that is asked first."""
        if await self.info(key) is None:
            return False
        async with self._ask("DELETE", key) as answer:
            _expect(answer, 200, 204)
        return True

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> list[ObjectInfo]:
        """Objects in order of key."""
        check_page(prefix, after, limit)

        def work() -> list[ObjectInfo]:
            listed = self._sdk.list_objects(self._bucket, prefix or None, recursive=True, start_after=after or None)
            return [ObjectInfo(item.object_name, item.size, item.last_modified) for item in islice(listed, limit)]

        return await self._in_sdk(work)

    async def ping(self) -> None:
        """Return if the bucket is there; raises ObjectsUnavailable."""
        if not await self._in_sdk(lambda: self._sdk.bucket_exists(self._bucket)):
            raise ObjectsUnavailable("there is no such bucket")

    async def close(self) -> None:
        """Finish what was begun and let go."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
        await asyncio.to_thread(self._pool.shutdown)

    async def put(self, path: Path, key: str, media_type: str) -> None:
        """Send a file, once; raises ObjectExists, ObjectsUnavailable.

        An attempt may have been taken though its answer was lost, and aiohttp repeats one on a connection that it
        finds dead. So when the key turns out to be taken after an attempt, the bytes there tell whose they are.
        """
        digest = await in_thread(self._pool, lambda: _md5(path))
        headers = {"Content-Type": media_type, "Content-MD5": digest, "If-None-Match": "*"}
        # Stores that do not know the condition overwrite; keys are random, so nobody comes in between.
        if await self.info(key) is not None:
            raise ObjectExists(key)
        retries = Retries(_PAUSES)
        while True:
            try:
                if await self._put_once(path, key, headers) or await self._holds(path, key):
                    return
            except ObjectsUnavailable:
                if retries.failures == _ATTEMPTS - 1:
                    raise
                await retries.pause()
            else:
                raise ObjectExists(key)

    async def _put_once(self, path: Path, key: str, headers: dict[str, str]) -> bool:
        """Send a file; False if the key is taken."""
        file = await in_thread(self._pool, lambda: path.open("rb"))
        try:
            async with self._ask("PUT", key, headers=headers, data=file) as answer:
                if answer.status == 412:
                    return False
                _expect(answer, 200)
                return True
        finally:
            file.close()

    async def _holds(self, path: Path, key: str) -> bool:
        file = await in_thread(self._pool, lambda: path.open("rb"))
        try:
            async for chunk in self._chunks(key):
                if await in_thread(self._pool, lambda: file.read(len(chunk))) != chunk:  # noqa: B023
                    return False
            return not await in_thread(self._pool, lambda: file.read(1))
        except KeyError:
            return False
        finally:
            file.close()

    async def _chunks(self, key: str) -> AsyncIterator[bytes]:
        async with self._ask("GET", key) as answer:
            if answer.status == 404:
                raise KeyError(key)
            _expect(answer, 200)
            async for chunk in answer.content.iter_chunked(CHUNK):
                yield chunk

    @asynccontextmanager
    async def _ask(
        self, method: str, key: str, *, headers: dict[str, str] | None = None, data: object = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        self._refuse_when_closed()
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, auto_decompress=False)
        url = self._sdk.get_presigned_url(method, self._bucket, key, expires=_SIGNED_FOR)
        try:
            async with self._session.request(
                method, URL(url, encoded=True), headers=headers, data=data, allow_redirects=False
            ) as answer:
                yield answer
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ObjectsUnavailable(type(error).__name__) from error

    async def _in_sdk(self, work: Callable[[], T]) -> T:
        self._refuse_when_closed()
        try:
            return await in_thread(self._pool, work)
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise ObjectsUnavailable(type(error).__name__) from error

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise ObjectsUnavailable("closed")


class S3Stage(Spool):
    """A stage that is sent as one request when it is committed."""

    def __init__(self, objects: S3Objects, spool: Path, max_bytes: int, pool: ThreadPoolExecutor) -> None:
        super().__init__(spool, max_bytes, pool)
        self._objects = objects

    async def commit(self, key: str, media_type: str) -> None:
        """Make it an object; raises ObjectExists, ObjectsUnavailable."""
        check_key(key)
        await self.finish()
        await self._objects.put(self.path, key, media_type)


def _expect(answer: aiohttp.ClientResponse, *statuses: int) -> None:
    if answer.status not in statuses:
        raise ObjectsUnavailable(f"the object store answered {answer.status}")


def _md5(path: Path) -> str:
    """The digest by which the store can tell that it got the bytes as they were sent (RFC 1864)."""
    with path.open("rb") as file:
        return b64encode(hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()).decode()
