"""B6: uploads of 2 MB, on `file:` and on S3, against bare PUTs of the same bytes to the same object store.

An upload is received, digested, looked into by the inspector, made durable, entered in a row and answered with a signed
receipt. Two rows for each object store. In process: the use case, fed from memory, beside the adapter that it stores
with, fed the same way. Over HTTP: the whole suite, beside what a client can do without it. For `file:` that is a bare
aiohttp handler that writes the same durable file (temporary file, fsync, rename, fsync of the folder); for S3 it is the
store itself, sent the bytes on a presigned URL. The document is one scanned page, sound as programs write it: one that
must be repaired before it can be read takes longer to look into.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from urllib.parse import urlsplit
from uuid import uuid4

from services.chassis.context import OPERATOR, Actor, CommandContext
from services.chassis.service.service import Ports
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.documents.domain.uploads import DeclaredUpload
from services.documents.usecases.app import App
from services.documents.usecases.uploads import upload
from services.documents.wiring import use_cases
from tests.load.bench import Bench, Measured, serving
from tests.load.figures import Figure, bound, share
from tests.load.memory import megabytes
from tests.load.pieces import CHUNK, Body, scan
from tests.load.population import Person, settle_in
from tests.load.rest import until_idle
from tests.load.wire import rate, request
from tests.load.work import at_once
from tests.processes import SuiteProcess
from tests.servers.s3 import S3

TITLE = "Upload of 2 MB with digest, parse and row, against a bare PUT to the same object store"

SIZE = 2_000_000
UPLOADS = 60
CONNECTIONS = 8
AT_ONCE = 64
LOOK_SECONDS = 0.02


async def in_process(bench: Bench, settings: Settings, number: int) -> tuple[list[float], list[float]]:
    """The use case, beside the adapter that it stores with."""
    async with opened(settings, ("documents",)) as suite:
        ports = suite["documents"].ports
        app = use_cases(ports)
        await app.signer.load()
        async with app.inspectors.open():
            return await bench.in_turns(*_both(app, ports, number))


def _both(app: App, ports: Ports, number: int) -> tuple[Measured, Measured]:
    content, numbers = scan(SIZE), count()

    async def one_upload(_: int) -> None:
        each = next(numbers)
        actor = Actor(f"uploader{each:020}")
        command = CommandContext(ports.clock.now(), correlation="load", key=f"upload-{each}", actor=OPERATOR)
        await upload(app, actor, DeclaredUpload("application/pdf", "cv.pdf", len(content)), Body(content), command)

    async def one_put(_: int) -> None:
        async with ports.objects.stage(SIZE * 2) as stage:
            for at in range(0, len(content), CHUNK):
                await stage.write(content[at : at + CHUNK])
            await stage.commit(f"bare/{next(numbers)}", "application/pdf")

    return (
        lambda: at_once(CONNECTIONS, one_upload, range(number)),
        lambda: at_once(CONNECTIONS, one_put, range(number)),
    )


def over_http(suite: SuiteProcess, crowd: Sequence[Person], number: int) -> Measured:
    """Uploads that clients send to the suite."""
    content, turns = scan(SIZE), count()

    async def own() -> float:
        turn = next(turns)
        requests = [sent(crowd[each % len(crowd)], content, f"turn{turn}-{each}") for each in range(number)]
        found = await rate(suite.port, requests, seconds=60, connections=CONNECTIONS, status=201, again=False)
        await until_idle(suite.pid)
        return found

    return own


def sent(person: Person, content: bytes, name: str) -> bytes:
    """The request that uploads a document."""
    headers = {"Content-Type": "application/pdf", "X-Filename": f"{name}.pdf", "Idempotency-Key": name}
    return request("PUT", "/api/documents/uploads", {**person.headers, **headers}, content)


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B6; two minutes."""
    figures = await _on_files(bench)
    if not bench.servers:
        return figures
    async with S3() as s3:
        return [*figures, *await _on_s3(bench, s3)]


async def _on_files(bench: Bench) -> Sequence[Figure]:
    number, together = bench.many(UPLOADS), bench.many(AT_ONCE)
    settings = Settings(data=bench.folder / "var")
    bare_folder = bench.folder / "bare"
    bare_folder.mkdir()
    crowd = await settle_in(settings, together)
    inner = await in_process(bench, settings, number)
    suite = SuiteProcess(settings.data, fresh=True, offers_sample="false")
    await suite.start()
    async with serving("tests.load.bare_store", str(bare_folder)) as child:
        content = scan(SIZE)
        puts = [request("PUT", f"/{each}", None, content) for each in range(number)]
        outer = await bench.in_turns(
            over_http(suite, crowd, number),
            lambda: rate(child.port, puts, seconds=60, connections=CONNECTIONS, status=201, again=False),
        )
    added = [await memory_added(suite, crowd, together, turn) for turn in range(bench.rounds)]
    await suite.stop()
    return [
        share("`file:`, use case, beside the adapter's own put", *inner, " /s", 40),
        share("`file:`, over HTTP, beside a bare handler of durable files", *outer, " /s", 40),
        bound("memory that 64 uploads at once add", added, None, " MB", 100),
    ]


async def _on_s3(bench: Bench, s3: S3) -> Sequence[Figure]:
    number = bench.many(UPLOADS)
    url = s3.new_bucket()
    settings = Settings(data=bench.folder / "var-s3", objects=url)
    crowd = await settle_in(settings, bench.many(AT_ONCE))
    inner = await in_process(bench, settings, number)
    suite = SuiteProcess(settings.data, fresh=True, offers_sample="false", objects=url)
    await suite.start()

    content = scan(SIZE)

    async def bare() -> float:
        puts = [presigned(s3, url, uuid4().hex, content) for _ in range(number)]
        port = urlsplit(url).port
        assert port is not None
        return await rate(port, puts, seconds=60, connections=CONNECTIONS, again=False)

    outer = await bench.in_turns(over_http(suite, crowd, number), bare)
    await suite.stop()
    return [
        share("S3, use case, beside the adapter's own put", *inner, " /s", 40),
        share("S3, over HTTP, beside the store itself", *outer, " /s", 40),
    ]


def presigned(s3: S3, url: str, key: str, content: bytes) -> bytes:
    """The request that puts an object without the suite."""
    bucket = urlsplit(url).path.strip("/")
    at = urlsplit(s3.client().get_presigned_url("PUT", bucket, key, expires=timedelta(minutes=15)))
    return request("PUT", f"{at.path}?{at.query}", {"Host": at.netloc}, content)


async def memory_added(suite: SuiteProcess, crowd: Sequence[Person], together: int, turn: int) -> float:
    """By how many MB the suite and its inspector grow at most while 64 uploads are under way together."""
    await until_idle(suite.pid)
    before = await asyncio.to_thread(megabytes, suite.pid)
    content = scan(SIZE)
    requests = [sent(crowd[number], content, f"together{turn}-{number}") for number in range(together)]
    under_way = asyncio.create_task(
        rate(suite.port, requests, seconds=60, connections=together, status=201, again=False)
    )
    most = before
    while not under_way.done():
        most = max(most, await asyncio.to_thread(megabytes, suite.pid))
        await asyncio.sleep(LOOK_SECONDS)
    await under_way
    return most - before
