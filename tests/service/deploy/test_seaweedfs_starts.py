"""SeaweedFS with the words of docker-compose.yml: the service of documents may use its one bucket and nothing else."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import yaml
from minio import Minio
from minio.error import S3Error

from services.chassis import urls
from services.chassis.ports import Objects, ObjectsUnavailable
from tests.processes import ROOT, free_ports

WEED = Path(sys.executable).with_name("weed")
PORTS = ("s3", "master", "volume", "filer")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services: dict[str, Any] = document["services"]
    return services


@pytest.fixture
async def seaweedfs(compose: dict[str, Any], secrets: Path, tmp_path: Path) -> AsyncIterator[str]:
    """Where its S3 answers, once the two containers' commands have run; on ports and folders of the test's."""
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    grpc = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    (tmp_path / "data").mkdir()
    here = {
        "-dir=/srv/seaweedfs": f"-dir={tmp_path / 'data'}",
        "-ip=seaweedfs": "-ip=127.0.0.1",
        "-ip.bind=0.0.0.0": "-ip.bind=127.0.0.1",
        "-s3.config=/run/secrets/objects-identities.json": f"-s3.config={secrets / 'objects-identities.json'}",
    }
    words = compose["seaweedfs"]["command"]
    assert set(here) <= set(words)
    words = [here.get(word, word) for word in words] + [f"-{name}.port={port}" for name, port in ports.items()]
    words += [f"-{name}.port.grpc={port}" for name, port in grpc.items()]
    server = await asyncio.create_subprocess_exec(
        WEED, *words, cwd=tmp_path / "data", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(300), aiohttp.ClientSession() as client:
            healthy = compose["seaweedfs"]["healthcheck"]["test"][-1].replace("8333", str(ports["s3"]))
            while not await answers(client, healthy):
                assert server.returncode is None
        (script,) = compose["seaweedfs-init"]["command"]
        assert "-master=seaweedfs:9333" in script
        script = script.replace("$$", "$").replace("weed shell", f"{WEED} shell")
        script = script.replace("seaweedfs:9333", f"127.0.0.1:{ports['master']}.{grpc['master']}")
        # The second time is that of every later start.
        for _ in range(2):
            shell = compose["seaweedfs-init"]["entrypoint"]
            await asyncio.to_thread(subprocess.run, [*shell, script], cwd=tmp_path, check=True, timeout=300)
        yield f"127.0.0.1:{ports['s3']}"
    finally:
        server.kill()
        await server.wait()


async def answers(client: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with client.get(address) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        await asyncio.sleep(0.1)
        return False


async def kept(objects: Objects, key: str, content: bytes) -> None:
    async with objects.stage(len(content)) as stage:
        await stage.write(content)
        await stage.commit(key, "application/pdf")


async def the_operator_reads_and_writes_nothing(seaweedfs: str, secrets: Path, tmp_path: Path) -> None:
    """A backup's key is good for what a backup does."""
    url = (secrets / "objects-operator").read_text().replace("seaweedfs:8333", seaweedfs)
    objects = urls.open_objects(url, tmp_path, read_only=True)
    try:
        assert b"".join([chunk async for chunk in objects.read("a-random-key")]) == b"a diploma"
        assert [info.key for info in await objects.list()] == ["a-random-key"]
        with pytest.raises(ObjectsUnavailable):
            await objects.delete("a-random-key")
    finally:
        await objects.close()
    user = urlsplit(url)
    client = Minio(seaweedfs, access_key=user.username, secret_key=user.password, secure=False, region="us-east-1")
    with pytest.raises(S3Error, match="AccessDenied"):
        await asyncio.to_thread(client.put_object, "parvis-documents", "key", io.BytesIO(b"x"), 1)


@pytest.mark.servers("s3")
async def test_documents_may_use_its_bucket_and_nothing_else(seaweedfs: str, secrets: Path, tmp_path: Path) -> None:
    url = (secrets / "objects").read_text().replace("seaweedfs:8333", seaweedfs)
    objects = urls.open_objects(url, tmp_path)
    try:
        await objects.ping()
        await kept(objects, "a-random-key", b"a diploma")
        assert b"".join([chunk async for chunk in objects.read("a-random-key")]) == b"a diploma"
        assert [info.key for info in await objects.list()] == ["a-random-key"]
        await the_operator_reads_and_writes_nothing(seaweedfs, secrets, tmp_path)
        assert await objects.delete("a-random-key")
    finally:
        await objects.close()
    user = urlsplit(url)
    owner = Minio(seaweedfs, access_key=user.username, secret_key=user.password, secure=False, region="us-east-1")
    stranger = Minio(seaweedfs, access_key=user.username, secret_key="guessed", secure=False, region="us-east-1")
    nobody = Minio(seaweedfs, secure=False, region="us-east-1")
    for client, bucket in ((owner, "another-bucket"), (stranger, "parvis-documents"), (nobody, "parvis-documents")):
        with pytest.raises(S3Error, match=r"AccessDenied|SignatureDoesNotMatch"):
            await asyncio.to_thread(client.put_object, bucket, "key", io.BytesIO(b"x"), 1)
