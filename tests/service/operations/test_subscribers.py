"""Campus systems: added by a command, run by the example of the documents, and never in anybody's way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aio_pika
import pytest

from services.chassis.broker.admin.topology import SUBSCRIBER_MESSAGES, subscriber_queue
from services.chassis.broker.topics import queue_of
from services.chassis.ports import Message
from services.contracts.events.applications import ApplicationCancelled, ApplicationSubmitted
from services.contracts.events.envelope import Envelope
from tests.processes import ROOT
from tests.servers import examples
from tests.servers.rabbitmq import RabbitMQ, RabbitMQ4
from tests.service.operations.broker import VirtualHost

SUBMITTED = ApplicationSubmitted.TYPE
CANCELLED = ApplicationCancelled.TYPE


@pytest.fixture
async def virtual_host(rabbitmq: RabbitMQ, tmp_path: Path) -> AsyncIterator[VirtualHost]:
    virtual_host = VirtualHost.on(rabbitmq, tmp_path)
    applied = await virtual_host.apply()
    assert applied.code == 0, applied.out + applied.err
    yield virtual_host
    await virtual_host.clean()


def event(number: int, type: str = SUBMITTED) -> Message:
    envelope = Envelope(
        id=f"applications.applications.a{number}.1",
        source="/parvis/applications/applications",
        type=type,
        subject=f"a{number}",
        time="2026-03-01T12:00:00.000Z",
        partitionkey=f"a{number}",
        sequence="0000000001",
        correlationid="c1",
        data={"application": f"a{number}"},
    )
    return Message("parvis.events", type, envelope.encode(), envelope.id)


async def publish(virtual_host: VirtualHost, messages: list[Message]) -> None:
    broker = virtual_host.broker_of("applications")
    try:
        left = messages
        while left:
            left = left[await broker.publish(left) :]
    finally:
        await broker.close()


async def depth(virtual_host: VirtualHost, queue: str) -> int:
    """How many messages stand in a queue, asked of the queue itself."""
    async with await aio_pika.connect(f"{virtual_host.server.url.rstrip('/')}/{virtual_host.vhost}") as connection:
        declared = await (await connection.channel()).get_queue(queue)
        return declared.declaration_result.message_count or 0


async def longest(virtual_host: VirtualHost, queue: str) -> object:
    """The bound that RabbitMQ holds a queue to by now: a policy takes effect after it was answered."""
    told = await virtual_host.admin("GET", f"/api/queues/{{v}}/{queue}")
    assert isinstance(told, dict)
    return told.get("effective_policy_definition", {}).get("max-length")


async def test_the_example_of_the_documents_reads_what_its_subscriber_gets(virtual_host: VirtualHost) -> None:
    url = await virtual_host.subscriber("crm", SUBMITTED)
    await publish(virtual_host, [event(1), event(2, CANCELLED), event(3)])
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "docs/subscribers/subscriber.py"),
        url,
        subscriber_queue("crm"),
        stdout=subprocess.PIPE,
    )
    assert program.stdout is not None
    try:
        async with asyncio.timeout(120):
            lines = [(await program.stdout.readline()).decode() for _ in range(2)]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(program.pid, signal.SIGTERM)
        await program.wait()
    assert [line.split(" ", 3)[:3] for line in lines] == [
        [f"applications.applications.a{number}.1", SUBMITTED, f"a{number}"] for number in (1, 3)
    ]
    assert json.loads(lines[0].split(" ", 3)[3]) == {"application": "a1"}


class Example:
    """A running example, and the ids of the events that it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.ids: list[str] = []

    async def read_to(self, id: str) -> None:
        """Read its lines up to the event of this id."""
        assert self._process.stdout is not None
        while id not in self.ids:
            line = (await self._process.stdout.readline()).decode()
            assert line, "the example has ended"
            self.ids.append(line.split(" ", 1)[0])


@contextlib.asynccontextmanager
async def example(language: str, url: str, queue: str) -> AsyncIterator[Example]:
    command = await asyncio.to_thread(examples.make, f"example-{language}")
    process = await asyncio.create_subprocess_exec(
        *command, url, queue, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield Example(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        await process.wait()


@pytest.mark.servers("rabbitmq4", *examples.NAMES)
async def test_every_example_goes_on_after_the_broker_was_away(tmp_path: Path) -> None:
    """Each by its language, and each event once at least, in order, with nobody looking after the programs."""
    async with RabbitMQ4() as server, contextlib.AsyncExitStack() as running:
        virtual_host = VirtualHost.on(server, tmp_path)
        assert (await virtual_host.apply()).code == 0
        programs = [
            await running.enter_async_context(
                example(language, await virtual_host.subscriber(language, SUBMITTED), subscriber_queue(language))
            )
            for language in examples.LANGUAGES
        ]
        await publish(virtual_host, [event(number) for number in range(20)])
        await asyncio.gather(*(each.read_to(event(19).message_id) for each in programs))
        await server.restart()
        await publish(virtual_host, [event(number) for number in range(20, 40)])
        await asyncio.gather(*(each.read_to(event(39).message_id) for each in programs))
        for each in programs:
            assert list(dict.fromkeys(each.ids)) == [event(number).message_id for number in range(40)]


async def test_what_a_subscriber_gets_can_be_changed_and_its_password_stays(virtual_host: VirtualHost) -> None:
    url = await virtual_host.subscriber("crm", SUBMITTED)
    changed = await virtual_host.parvis("subscriber", "add", "crm", "--types", CANCELLED)
    assert changed.code == 0
    assert "amqp://" not in changed.out
    listed = await virtual_host.parvis("subscriber", "list")
    assert listed.out == f"crm: 0 events wait, 0 readers; {CANCELLED}\n"
    assert (await virtual_host.check()).out == ""
    async with await aio_pika.connect(url):
        pass
    renewed = await virtual_host.parvis("subscriber", "add", "crm", "--types", CANCELLED, "--new-password")
    assert "amqp://" in renewed.out
    with pytest.raises(aio_pika.exceptions.AMQPConnectionError):
        await aio_pika.connect(url)


async def test_a_subscriber_that_is_removed_leaves_nothing(virtual_host: VirtualHost) -> None:
    await virtual_host.subscriber("crm", SUBMITTED)
    assert (await virtual_host.parvis("subscriber", "remove", "crm")).code == 0
    assert (await virtual_host.check()).out == ""
    assert (await virtual_host.parvis("subscriber", "list")).out == ""
    assert (await virtual_host.parvis("subscriber", "remove", "crm")).code == 1


@pytest.mark.parametrize(
    ("name", "types", "why"),
    [
        ("crm", "accounts.address.changed.v1", "not public"),
        ("crm", "accounts.link.issued.v1," + SUBMITTED, "not public"),
        ("crm", "applications.application.#", "no such type"),
        ("crm", "", "no such type"),
        ("CRM", SUBMITTED, "a subscriber's name"),
        ("a" * 41, SUBMITTED, "a subscriber's name"),
        ("c.in|parvis", SUBMITTED, "a subscriber's name"),
    ],
)
async def test_a_subscriber_gets_public_events_alone_and_a_name_that_matches_itself_alone(
    rabbitmq4: RabbitMQ, tmp_path: Path, name: str, types: str, why: str
) -> None:
    answer = await VirtualHost(rabbitmq4, "/", tmp_path).parvis("subscriber", "add", name, "--types", types)
    assert answer.code == 2
    assert why in answer.err


async def test_a_name_of_forty_characters_is_not_too_long(virtual_host: VirtualHost) -> None:
    assert (await virtual_host.subscriber("a" * 40, SUBMITTED)).startswith("amqp://")


async def test_a_full_queue_without_a_reader_slows_nobody(virtual_host: VirtualHost) -> None:
    """The queue keeps the newest and drops the oldest; the suite's own queue gets every event."""
    await virtual_host.subscriber("dead", SUBMITTED)
    limit = 100
    policy = await virtual_host.admin("GET", "/api/policies/{v}/sub")
    assert isinstance(policy, dict)
    assert policy["definition"]["max-length"] == SUBSCRIBER_MESSAGES
    small = policy["definition"] | {"max-length": limit}
    await virtual_host.admin("PUT", "/api/policies/{v}/sub", {**policy, "definition": small})
    async with asyncio.timeout(120):
        while await longest(virtual_host, subscriber_queue("dead")) != limit:
            await asyncio.sleep(0.1)
    got: list[str] = []
    all_are_there = asyncio.Event()

    async def take(message: Message) -> None:
        got.append(message.message_id)
        if len(set(got)) >= 20 * limit:
            all_are_there.set()

    reader = virtual_host.broker_of("documents")
    async with reader.consume(queue_of("documents"), take):
        await publish(virtual_host, [event(number) for number in range(20 * limit)])
        async with asyncio.timeout(120):
            await all_are_there.wait()
    await reader.close()
    # What is not confirmed in time is published again.
    assert list(dict.fromkeys(got)) == [event(number).message_id for number in range(20 * limit)]
    async with asyncio.timeout(120):
        while await depth(virtual_host, subscriber_queue("dead")) != limit:
            await asyncio.sleep(0.1)
