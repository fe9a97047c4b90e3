"""Where an adapter keeps its things: a place outlives the adapters opened on it, as a disk or a server does."""

from __future__ import annotations

import asyncio
import mailbox
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from services.chassis import urls
from services.chassis.ports import (
    Binding,
    Broker,
    BrokerUnavailable,
    Collection,
    Index,
    Mail,
    Message,
    Objects,
    Store,
    Topology,
)

ROOT = Path(__file__).parents[3]

PEOPLE = Collection(
    "people",
    (
        Index("email", ("email",), unique=True),
        Index("one_per_programme", ("account", "programme"), unique=True),
        Index("by_state", ("state", "rank")),
        Index("by_state_alone", ("state",)),
        Index("by_rank", ("rank",)),
        Index("by_name", ("name.family", "name.given")),
        Index("by_flag", ("flag",)),
    ),
)

TOPOLOGY = Topology(
    exchanges=("test.events", "test.internal"),
    queues={
        "test.first.in": (Binding("test.events", "a.#"), Binding("test.internal", "a.*")),
        "test.second.in": (Binding("test.events", "a.b"), Binding("test.events", "*.b")),
    },
)


@dataclass(frozen=True)
class StorePlace:
    url: str
    data: Path
    service: str = "contracts"

    async def open(self, stack: AsyncExitStack, *collections: Collection) -> Store:
        store = urls.open_store(self.url, service=self.service, data=self.data)
        stack.push_async_callback(store.close)
        await store.prepare(collections)
        return store


@dataclass(frozen=True)
class BrokerPlace:
    url: str

    async def declare(self, topology: Topology) -> None:
        """What operations do before the suite starts; in one process the topology itself is the declaration."""

    async def clean(self, topology: Topology) -> None:
        """Take away what `declare` made."""

    async def open(self, stack: AsyncExitStack, topology: Topology) -> Broker:
        broker = urls.open_broker(self.url, topology)
        stack.push_async_callback(broker.close)
        return broker


@dataclass(frozen=True)
class ObjectsPlace:
    url: str
    data: Path

    async def open(self, stack: AsyncExitStack) -> Objects:
        objects = urls.open_objects(self.url, self.data)
        stack.push_async_callback(objects.close)
        return objects


@dataclass(frozen=True)
class MailPlace:
    url: str
    data: Path

    async def open(self, stack: AsyncExitStack) -> Mail:
        mail = urls.open_mail(self.url, self.data)
        stack.push_async_callback(mail.close)
        return mail

    def received(self) -> list[EmailMessage]:
        """The mails that arrived, as their reader sees them."""
        raise NotImplementedError


class MaildirPlace(MailPlace):
    def received(self) -> list[EmailMessage]:
        box = mailbox.Maildir(self.data / "mail", create=False)
        return [message_from_bytes(box.get_bytes(key), policy=default) for key in box.keys()]  # noqa: SIM118


async def publish_all(broker: Broker, messages: Sequence[Message]) -> None:
    """Publish as the suite's publisher does: from the first unconfirmed message again, until all are confirmed."""
    done = 0
    for _ in range(100):
        try:
            done += await broker.publish(messages[done:])
        except BrokerUnavailable:
            await asyncio.sleep(0.1)
        if done == len(messages):
            return
    raise AssertionError(f"{done} of {len(messages)} messages were confirmed")


@asynccontextmanager
async def child(*arguments: str | Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `tests.contracts.ports.child` beside the test; it dies by SIGKILL at the end at the latest."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.contracts.ports.child",
        *map(str, arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        limit=2**20,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def acknowledged(process: asyncio.subprocess.Process, at_least: int) -> list[str]:
    """Read what the child acknowledges, kill it in the middle of it, and read what it had still managed to say."""
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(at_least)]
    process.kill()
    rest = await process.stdout.read()
    await process.wait()
    assert process.returncode == -9, "the child was to be killed, and has ended by itself"
    # A last line without its end was not said.
    return [line.decode().strip() for line in [*lines, *rest.splitlines(keepends=True)] if line.endswith(b"\n")]
