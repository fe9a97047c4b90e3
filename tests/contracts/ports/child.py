"""Programs that the suites kill: each does durable work without end and says a line for what was acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
import sys
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

from services.chassis.ports import Message, ObjectExists, ObjectsUnavailable, OutgoingMail, StoreUnavailable
from tests.contracts.ports.places import PEOPLE, TOPOLOGY, BrokerPlace, MailPlace, ObjectsPlace, StorePlace, publish_all

WORKERS = 8


def say(*words: object) -> None:
    # One write per line: a pipe keeps it whole.
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def write_documents(url: str, data: str, service: str) -> None:
    """Insert documents and count each up to version 3; `text` is long, so that a half of one would show."""
    async with AsyncExitStack() as stack:
        store = await StorePlace(url, Path(data), service).open(stack, PEOPLE)

        async def work(worker: int) -> None:
            for number in count():
                name = f"{os.getpid()}-{worker}-{number}"
                document = {"_id": name, "version": 1, "email": name, "text": name * 500}
                await store.insert("people", document)
                say(name, 1)
                for version in (2, 3):
                    assert await store.replace("people", {**document, "version": version}, version=version - 1)
                    say(name, version)

        await asyncio.gather(*(work(worker) for worker in range(WORKERS)))


async def append_rows(url: str, data: str, service: str) -> None:
    """Append numbered rows, a hundred at a time, as a journal does."""
    async with AsyncExitStack() as stack:
        store = await StorePlace(url, Path(data), service).open(stack, PEOPLE)
        newest = await store.find("people", {}, sort=(("_id", -1),), limit=1)
        last = newest[0]["_id"] if newest else 0
        while True:
            rows = [{"_id": last + at, "version": 1, "text": "x" * 2000} for at in range(1, 101)]
            last += await store.append("people", rows)
            say(last)


async def fill_disk(data: str) -> None:
    """Insert until no file may grow, say so, be given room, insert on."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with AsyncExitStack() as stack:
        store = await StorePlace("sqlite:", Path(data)).open(stack, PEOPLE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
        number, room = 0, False
        while number < 100:
            number += 1
            try:
                await store.insert("people", {"_id": number, "version": 1, "text": "x" * 50_000})
            except StoreUnavailable:
                if room:
                    raise
                say("full", number)
                resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
                room = True
            else:
                say("kept", number)


async def deliver(url: str, inbox: str) -> None:
    """Publish and consume; the consumer's inbox is a file, synchronised before the handler returns."""
    async with AsyncExitStack() as stack:
        broker = await BrokerPlace(url).open(stack, TOPOLOGY)
        descriptor = os.open(inbox, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

        async def handle(message: Message) -> None:
            os.write(descriptor, f"{message.message_id}\n".encode())
            os.fsync(descriptor)

        await stack.enter_async_context(broker.consume("test.first.in", handle))
        for number in count():
            name = f"{os.getpid()}-{number}"
            await publish_all(broker, [Message("test.events", "a.c", b"{}", name)])
            say(name)


async def store_objects(url: str, data: str) -> None:
    """Commit objects whose keys are the digests of their bytes."""
    async with AsyncExitStack() as stack:
        objects = await ObjectsPlace(url, Path(data)).open(stack)

        async def work(worker: int) -> None:
            for number in count():
                content = f"{os.getpid()}-{worker}-{number}".encode() * 50_000
                key = f"crash/{hashlib.sha256(content).hexdigest()}"
                async with objects.stage(len(content)) as stage:
                    for start in range(0, len(content), 100_000):
                        await stage.write(content[start : start + 100_000])
                    await stage.finish()
                    try:
                        await stage.commit(key, "application/pdf")
                    except ObjectExists:
                        raise AssertionError(key) from None
                say(key)

        await asyncio.gather(*(work(worker) for worker in range(WORKERS)))


async def fill_objects(data: str) -> None:
    """Store an object, one larger than a file may grow, and that again when it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with AsyncExitStack() as stack:
        objects = await ObjectsPlace("file:", Path(data)).open(stack)
        for name, size, room in (("small", 100_000, 500_000), ("large", 600_000, 500_000), ("large", 600_000, hard)):
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
            try:
                async with objects.stage(size) as stage:
                    await stage.write(b"x" * size)
                    await stage.finish()
                    await stage.commit(name, "application/pdf")
            except ObjectsUnavailable as error:
                say("full", error)
            else:
                say("kept", name)


async def hold_stage(url: str, data: str) -> None:
    """Write half of an object, say where, and wait."""
    async with AsyncExitStack() as stack:
        objects = await ObjectsPlace(url, Path(data)).open(stack)
        stage = await stack.enter_async_context(objects.stage(1_000_000))
        await stage.write(b"x" * 600_000)
        say(stage.path)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def send_mails(url: str, data: str) -> None:
    """Send mails without end."""
    async with AsyncExitStack() as stack:
        mail = await MailPlace(url, Path(data)).open(stack)
        for number in count():
            name = f"<{os.getpid()}-{number}@parvis.test>"
            content = f"Message-ID: {name}\r\nSubject: {number}\r\n\r\n{'x' * 5000}\r\nend\r\n"
            await mail.send(OutgoingMail(name, "parvis@parvis.test", "camille@parvis.test", content.encode()))
            say(name)


async def make_work(url: str, data: str, label: str) -> None:
    """Make what was asked for, and die at a crash point on the way."""
    from tests.contracts.ports.sums import (  # noqa: PLC0415 - half of what there is to load, and no other program uses it
        SumsRepository,
        background,
        command,
        maker,
    )

    os.environ["PARVIS_CRASH_AT"] = label
    async with AsyncExitStack() as stack:
        store = await StorePlace(url, Path(data)).open(stack, SumsRepository.collection)
        work = await stack.enter_async_context(background(store, Path(data)))
        await work.make_next(maker(work), command())


PROGRAMS = {
    program.__name__: program
    for program in (
        write_documents,
        append_rows,
        fill_disk,
        deliver,
        store_objects,
        fill_objects,
        hold_stage,
        send_mails,
        make_work,
    )
}

if __name__ == "__main__":
    asyncio.run(PROGRAMS[sys.argv[1]](*sys.argv[2:]))
