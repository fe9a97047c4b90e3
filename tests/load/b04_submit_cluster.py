"""B4: submissions on RabbitMQ and the MongoDB protocol, against a bare replace and a bare confirmed publish.

The use case of the submission with relay and publisher at work, as many at once on both sides. The first row counts until
all submissions are answered, which is when each is durable with its event; the second until the broker has confirmed all
their events as well. The bare limit of both is one `replace_one` by motor of a document as a submission leaves it, with
`w=majority` and journal, and then one publish by aio-pika that is confirmed: what the simplest program would do, which
loses the event when it dies in between. The server of the MongoDB protocol is the tests' own, which does not sync.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import count

import aio_pika
from motor.motor_asyncio import AsyncIOMotorClient

from services.applications.repository.applications import APPLICATIONS
from services.chassis.events.journal import PUBLIC
from services.chassis.ports import Document
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.contracts.events.catalogue import Audience
from services.contracts.events.envelope import CONTENT_TYPE
from tests.load.bench import Bench, Measured
from tests.load.figures import Figure, share
from tests.load.submitting import AT_ONCE, SUBMISSIONS, submitting
from tests.load.work import at_once
from tests.servers.mongodb import MongoDB
from tests.servers.rabbitmq import RabbitMQ4
from tests.service.operations.broker import VirtualHost

TITLE = "Submit on RabbitMQ and MongoDB protocol, against one bare replace + one bare confirmed publish"


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B4; two minutes."""
    async with AsyncExitStack() as stack:
        rabbitmq = await stack.enter_async_context(RabbitMQ4())
        mongodb = await stack.enter_async_context(MongoDB())
        virtual_host = VirtualHost.on(rabbitmq, bench.folder)
        applied = await virtual_host.apply()
        assert applied.code == 0, applied.err
        settings = Settings(data=bench.folder, store=mongodb.new_database(), broker=virtual_host.url_of("applications"))
        async with submitting(bench, settings, 2 * bench.rounds + 3) as (answered, confirmed):
            await answered()  # the bare side repeats what this leaves
            document, event, type = await _left_behind(settings)
            connection = await stack.enter_async_context(await aio_pika.connect(settings.broker))
            bare = await _bare(bench, mongodb.new_database(), connection, document, event, type)
            first = await bench.in_turns(answered, bare)
            second = await bench.in_turns(confirmed, bare)
    return [
        share("submitted, event on its way", *first, " /s", 35),
        share("submitted, event confirmed", *second, " /s", 35),
    ]


async def _left_behind(settings: Settings) -> tuple[Document, bytes, str]:
    """A document as a submission leaves it, and the event with its type."""
    async with opened(settings, ("applications",)) as suite:
        store = suite["applications"].ports.store
        (row,) = await store.find(PUBLIC.name, {}, limit=1)
        document = await store.get(APPLICATIONS.name, row["event_id"].split(".")[2])
    assert document is not None
    return document, row["body"].encode(), row["type"]


async def _bare(
    bench: Bench, url: str, connection: aio_pika.abc.AbstractConnection, document: Document, event: bytes, type: str
) -> Measured:
    """Replace and publish, by the drivers alone."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(url, w="majority", journal=True)
    collection = client.get_default_database()["applications"]
    number = bench.many(SUBMISSIONS)
    await collection.insert_many([document | {"_id": f"bare{each}"} for each in range(number)])
    channel = await connection.channel(publisher_confirms=True)
    exchange = await channel.get_exchange(Audience.PUBLIC.value, ensure=False)
    versions = count(document["version"] + 1)

    async def measured() -> float:
        version = next(versions)

        async def one(each: int) -> None:
            changed = document | {"_id": f"bare{each}", "version": version}
            replaced = await collection.replace_one({"_id": f"bare{each}", "version": version - 1}, changed)
            assert replaced.matched_count == 1
            message = aio_pika.Message(
                event, content_type=CONTENT_TYPE, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, message_id=str(each)
            )
            await exchange.publish(message, type)

        return await at_once(AT_ONCE, one, range(number))

    return measured
