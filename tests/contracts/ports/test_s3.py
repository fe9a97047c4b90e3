"""What holds for S3 alone: the wire between, and whose bytes are found when an answer was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.chassis import urls
from services.chassis.objects.s3 import S3Objects
from services.chassis.ports import ObjectExists, ObjectsUnavailable
from tests.contracts.ports.test_objects import content, keys, put
from tests.servers.proxy import Proxy
from tests.servers.s3 import S3


def behind(url: str, port: int, spool: Path, *, secret: str | None = None, timeout: float = 5) -> S3Objects:
    """The bucket of that URL by way of a loopback port, with little timeout."""
    parts = urlsplit(url)
    assert parts.username
    assert parts.password
    return S3Objects(
        f"127.0.0.1:{port}",
        parts.path.strip("/"),
        access_key=parts.username,
        secret_key=secret or parts.password,
        secure=False,
        region="us-east-1",
        spool=spool,
        timeout=timeout,
    )


@pytest.fixture
def bucket(s3: S3) -> str:
    return s3.new_bucket()


@pytest.fixture
async def proxy(s3: S3) -> AsyncIterator[Proxy]:
    async with Proxy.before(s3.url) as proxy:
        yield proxy


@pytest.fixture
async def objects(bucket: str, proxy: Proxy, tmp_path: Path) -> AsyncIterator[S3Objects]:
    objects = behind(bucket, proxy.port, tmp_path)
    yield objects
    await objects.close()


@pytest.mark.parametrize("fault", [Proxy.blackhole, Proxy.cut, Proxy.lose_answers])
async def test_a_wire_that_fails_is_unavailable_and_then_works_again(
    bucket: str, proxy: Proxy, tmp_path: Path, fault: Callable[[Proxy], None]
) -> None:
    objects, impatient = (behind(bucket, proxy.port, tmp_path, timeout=seconds) for seconds in (60, 1))
    await put(objects, "before", b"x" * 300_000)
    fault(proxy)
    calls = (put(impatient, "during", b"y"), content(impatient, "before"), impatient.ping(), impatient.list())
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends] == [ObjectsUnavailable] * len(calls), ends
    proxy.restore()
    proxy.drop()
    await put(objects, "after", b"z")
    assert await content(objects, "before") == b"x" * 300_000
    assert {"before", "after"} <= set(await keys(objects))
    await impatient.close()
    await objects.close()


async def test_a_connection_that_was_reset_while_it_lay_idle_is_made_anew(objects: S3Objects, proxy: Proxy) -> None:
    for number in range(5):
        await put(objects, f"kept/{number}", b"x")
        proxy.drop()
    assert await keys(objects) == [f"kept/{number}" for number in range(5)]


async def test_an_object_cut_off_half_way_is_not_taken_for_whole(objects: S3Objects, proxy: Proxy) -> None:
    await put(objects, "large", b"x" * 8_000_000)
    reading = objects.read("large")
    assert await anext(reading)
    proxy.drop()
    with pytest.raises(ObjectsUnavailable):
        await exhaust(reading)


async def exhaust(chunks: AsyncIterator[bytes]) -> None:
    async for _ in chunks:
        pass


@asynccontextmanager
async def deaf_to_puts(target: tuple[str, int], times: int) -> AsyncIterator[int]:
    """A proxy that lets the server finish the first `times` uploads and drops their answers; its port."""
    left = times

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        upstream_reader, upstream_writer = await asyncio.open_connection(*target)
        uploading = False

        async def forward() -> None:
            nonlocal uploading
            while chunk := await reader.read(65536):
                uploading = uploading or chunk.startswith(b"PUT ")
                upstream_writer.write(chunk)
                await upstream_writer.drain()

        forwarding = asyncio.create_task(forward())
        with closing(writer), closing(upstream_writer):
            while answer := await upstream_reader.read(65536):
                if uploading and left and not answer.startswith(b"HTTP/1.1 100"):
                    left -= 1
                    break
                writer.write(answer)
                await writer.drain()
            forwarding.cancel()
            await asyncio.gather(forwarding, return_exceptions=True)

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_an_upload_whose_answer_was_lost_is_recognised_by_its_bytes(s3: S3, bucket: str, tmp_path: Path) -> None:
    at = urlsplit(s3.url)
    assert at.hostname
    assert at.port
    async with deaf_to_puts((at.hostname, at.port), 1) as port:
        objects = behind(bucket, port, tmp_path)
        await put(objects, "mine", b"x" * 700_000)
        assert await content(objects, "mine") == b"x" * 700_000
        with pytest.raises(ObjectExists):
            await put(objects, "mine", b"x" * 700_000)
        await objects.close()


async def test_an_upload_that_is_never_answered_is_unavailable(s3: S3, bucket: str, tmp_path: Path) -> None:
    at = urlsplit(s3.url)
    assert at.hostname
    assert at.port
    async with deaf_to_puts((at.hostname, at.port), 100) as port:
        objects = behind(bucket, port, tmp_path)
        with pytest.raises(ObjectsUnavailable):
            await put(objects, "mine", b"x")
        await objects.close()


async def test_a_wrong_secret_and_a_missing_bucket_are_unavailable(
    s3: S3, bucket: str, proxy: Proxy, tmp_path: Path
) -> None:
    wrong = behind(bucket, proxy.port, tmp_path, secret="not-the-s3cret")
    for call in (put(wrong, "a", b"x"), content(wrong, "a"), wrong.ping()):
        with pytest.raises(ObjectsUnavailable) as refusal:
            await call
        assert "s3cret" not in str(refusal.value)
    await wrong.close()
    missing = urls.open_objects(f"{s3.url}/no-such-bucket", tmp_path)
    with pytest.raises(ObjectsUnavailable):
        await missing.ping()
    with pytest.raises(ObjectsUnavailable):
        await missing.list()
    await missing.close()


@pytest.mark.parametrize(
    "url",
    [
        "s3+http://127.0.0.1:9000/bucket",
        "s3+http://key@127.0.0.1:9000/bucket",
        "s3+http://key:s3cret@127.0.0.1:9000",
        "s3+http://key:s3cret@127.0.0.1:9000/",
        "s3+http://key:s3cret@127.0.0.1:9000/bucket/folder",
        "s3+http://key:s3cret@127.0.0.1:9000/bucket?acl=s3cret",
        "s3+https://key:s3cret@/bucket",
    ],
)
def test_a_url_without_key_secret_host_or_bucket_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="takes //KEY:SECRET@HOST:PORT/BUCKET") as refusal:
        urls.open_objects(url, tmp_path)
    assert "s3cret" not in str(refusal.value)
