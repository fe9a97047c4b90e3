"""Each server is the real thing: what Parvis asks of it works, and a kill -9 loses nothing that it has confirmed."""

import asyncio
import io
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import aiohttp
import pymongo
import pytest
from aioclamd import ClamdAsyncClient
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo.errors import DuplicateKeyError, PyMongoError

from tests.servers.clamd import EICAR, SIGNATURE, Clamd
from tests.servers.mongodb import MongoDB
from tests.servers.nginx import Nginx, paths
from tests.servers.rabbitmq import RabbitMQ, RabbitMQ3, RabbitMQ4
from tests.servers.s3 import S3


async def publish(url: str, queue: str, body: bytes) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue)


async def consume(url: str, queue: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        found = await channel.get_queue(queue)
        message = await found.get(timeout=20)
        assert message is not None
        await message.ack()
        return message.body


async def test_rabbitmq_confirms_what_it_hands_on(rabbitmq: RabbitMQ) -> None:
    url = rabbitmq.new_vhost()
    await publish(url, "letters", b"a letter")
    assert await consume(url, "letters") == b"a letter"


def _overview(server: RabbitMQ) -> dict[str, Any]:
    """What the management API says of the server: its figures come some time after it answers at all."""
    while True:
        try:
            overview = server.admin("GET", "/api/overview")
        except OSError:
            time.sleep(0.2)
            continue
        assert isinstance(overview, dict)
        return overview


def test_rabbitmq_versions(rabbitmq3: RabbitMQ3, rabbitmq4: RabbitMQ4) -> None:
    for server, version in ((rabbitmq3, "3.10"), (rabbitmq4, "4.")):
        overview = _overview(server)
        assert overview["rabbitmq_version"].startswith(version)


@pytest.mark.servers("rabbitmq3")
async def test_rabbitmq3_keeps_what_it_has_confirmed() -> None:
    async with RabbitMQ3() as server:
        await confirmed_messages_survive(server)


@pytest.mark.servers("rabbitmq4")
async def test_rabbitmq4_keeps_what_it_has_confirmed() -> None:
    async with RabbitMQ4() as server:
        await confirmed_messages_survive(server)


async def confirmed_messages_survive(server: RabbitMQ) -> None:
    url = server.new_vhost()
    await publish(url, "letters", b"a first letter")
    await server.settle()
    await publish(url, "letters", b"before the fall")
    await server.kill()
    with pytest.raises(OSError, match="Connect"):
        await aio_pika.connect(url)
    await server.start()
    assert await consume(url, "letters") == b"a first letter"
    assert await consume(url, "letters") == b"before the fall"
    assert urlsplit(url).path.strip("/") in server.ctl("list_vhosts")


@asynccontextmanager
async def collection(url: str) -> AsyncIterator[AsyncIOMotorCollection[dict[str, object]]]:
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
        url, w="majority", journal=True, timeoutMS=20_000
    )
    try:
        yield client.get_default_database()["applications"]
    finally:
        client.close()


async def test_mongodb_unique_index_and_compare_and_set(mongodb: MongoDB) -> None:
    async with collection(mongodb.new_database()) as applications:
        await applications.create_index("number", unique=True, name="one_number")
        await applications.insert_one({"_id": "a", "number": 1, "version": 0})
        with pytest.raises(DuplicateKeyError, match="one_number"):
            await applications.insert_one({"_id": "b", "number": 1})

        async def replace(writer: int) -> int:
            document = {"_id": "a", "number": 1, "version": 1, "writer": writer}
            return (await applications.replace_one({"_id": "a", "version": 0}, document)).modified_count

        assert sum(await asyncio.gather(*map(replace, range(10)))) == 1


@pytest.mark.servers("mongodb")
async def test_mongodb_keeps_what_it_has_confirmed() -> None:
    async with MongoDB() as server, collection(server.new_database()) as applications:
        await applications.insert_one({"_id": "before the fall"})
        await server.kill()
        await server.start()
        assert await applications.find_one() == {"_id": "before the fall"}
        server.freeze()
        with pytest.raises(PyMongoError) as silence, pymongo.timeout(0.5):
            await applications.find_one()
        assert silence.value.timeout
        server.thaw()
        assert await applications.count_documents({}) == 1
        await server.restart()
        assert await applications.count_documents({}) == 1


def put(server: S3, bucket: str, key: str, body: bytes) -> None:
    server.client().put_object(bucket, key, io.BytesIO(body), len(body))


def get(server: S3, bucket: str, key: str) -> bytes:
    answer = server.client().get_object(bucket, key)
    try:
        return answer.read()
    finally:
        answer.close()
        answer.release_conn()


def test_s3_gives_back_what_it_was_given(s3: S3) -> None:
    bucket = urlsplit(s3.new_bucket()).path.strip("/")
    body = bytes(range(256)) * 8192
    put(s3, bucket, "piece", body)
    assert get(s3, bucket, "piece") == body


@pytest.mark.servers("s3")
async def test_s3_keeps_what_it_has_confirmed() -> None:
    async with S3() as server:
        bucket = urlsplit(server.new_bucket()).path.strip("/")
        put(server, bucket, "piece", b"before the fall")
        await server.kill()
        await server.start()
        assert get(server, bucket, "piece") == b"before the fall"


async def test_clamd_finds_its_own_signature(clamd: Clamd) -> None:
    at = urlsplit(clamd.url)
    assert at.hostname is not None
    assert at.port is not None
    client = ClamdAsyncClient(at.hostname, at.port)
    assert await client.instream(io.BytesIO(b"a transcript of records")) == {"stream": ("OK", None)}
    found = await client.instream(io.BytesIO(EICAR))
    assert found is not None
    assert found["stream"] == ("FOUND", f"{SIGNATURE}.UNOFFICIAL")


async def test_nginx_serves_and_takes_a_new_configuration(nginx: type[Nginx]) -> None:
    answer = "first"

    def render(port: int, folder: Path) -> str:
        inside = f'server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{answer}"; }} }}'
        return f"events {{}}\nhttp {{ {paths(folder)} {inside} }}"

    async with nginx(render) as gateway, aiohttp.ClientSession() as session:

        async def read() -> str:
            async with session.get(gateway.url) as response:
                return await response.text()

        assert await read() == "first"
        answer = "second"
        gateway.reload()
        async with asyncio.timeout(120):
            while await read() != "second":
                await asyncio.sleep(0.02)
        answer = '"; nonsense'
        with pytest.raises(subprocess.CalledProcessError):
            gateway.check()


def test_chromium_is_a_browser(chromium: Path) -> None:
    said = subprocess.run([chromium, "--version"], capture_output=True, text=True, check=True).stdout
    assert "Chrom" in said
