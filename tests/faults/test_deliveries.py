"""What the broker delivers twice, late, in disorder, to the dead, and what is no event at all."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence

import aio_pika

from services.chassis.broker.topics import queue_of
from services.chassis.events.inbox import INBOX
from services.chassis.events.record import every
from services.chassis.ports import In
from services.chassis.service.service import Running
from services.contracts.events.accounts import CardChanged
from services.contracts.events.envelope import Envelope
from tests.faults.conftest import FaultBench
from tests.faults.crowd import TIMEOUT, Crowd
from tests.faults.marks import cluster
from tests.rest import journaled

pytestmark = cluster("rabbitmq3")

QUEUE = queue_of("applications")
IN_FLIGHT = 32
POISON = (b"", b"not JSON", b"\xff\xfe\x00", b'{"specversion": "1.0"}', b"[]")


async def test_a_consumer_falls_behind_catches_up_and_is_killed_with_32_messages_in_flight(bench: FaultBench) -> None:
    """Metrics show how many events wait, for as long as they do; what was taken and not kept comes again, in order."""
    async with Crowd(bench.cluster, at_once=0, writers=8) as crowd:
        await crowd.write(8)
        bench.applications_store.delay(0.1)
        async with asyncio.timeout(TIMEOUT):
            while await bench.cluster.metric("parvis_inbox_pending") < 8:
                await asyncio.sleep(0.1)
        bench.applications_store.blackhole()
        async with asyncio.timeout(TIMEOUT):
            while (found := await in_flight(bench)) < IN_FLIGHT:
                await asyncio.sleep(0.5)
        assert found == IN_FLIGHT
        await asyncio.gather(*(process.kill() for process in bench.cluster.processes["applications"]))
        bench.applications_store.restore()
        await bench.cluster.start()
    await bench.find_everything(crowd)
    async with asyncio.timeout(TIMEOUT):
        while await bench.cluster.metric("parvis_inbox_pending"):
            await asyncio.sleep(0.1)


async def test_events_come_three_times_in_disorder_and_with_poison_among_them(bench: FaultBench) -> None:
    """The newest card is kept whatever came last; only poison is parked, and a person can deal with it."""
    inbox = bench.suite["applications"].ports.store
    async with Crowd(bench.cluster, at_once=0, writers=4) as crowd:
        await crowd.write(4)
        await asyncio.gather(*(process.stop() for process in bench.cluster.processes["applications"]))
        await crowd.write(60)
    async with asyncio.timeout(TIMEOUT):
        while not await Running(bench.suite["accounts"]).is_published():
            await asyncio.sleep(0.2)
    published = await journaled(bench.suite)
    cards = {id: row for id, row in published.items() if row["type"] == CardChanged.TYPE}
    missed = [row for id, row in cards.items() if await inbox.get(INBOX.name, id) is None]
    assert len(missed) >= 60
    bench.disordered.update(row["key"] for row in missed)
    await deliver_instead(bench, [*(row["body"].encode() for row in missed)] * 3 + [*POISON, broken(cards)])
    await bench.cluster.start()

    await crowd.find_what_was_told()
    async with asyncio.timeout(2 * TIMEOUT):
        while await inbox.count(INBOX.name, {"state": "parked"}) < len(POISON) or not all(
            [await is_applied(bench, row["event_id"]) for row in missed]
        ):
            await asyncio.sleep(0.5)
        while await bench.cluster.metric("parvis_inbox_parked") < len(POISON):
            await asyncio.sleep(0.5)
    newest: dict[str, int] = {}
    for row in cards.values():
        event = CardChanged.model_validate(Envelope.decode(row["body"].encode()).data)
        newest[event.account] = max(newest.get(event.account, 0), event.version)
    assert {row["_id"]: row["version"] async for row in every(inbox, "cards")} == newest

    ids: list[str] = []
    async with asyncio.timeout(TIMEOUT):
        while len(ids) != len(POISON) + 1:  # what is told anew by the clock waits for a moment as well
            ids = [json.loads(line)["id"] for line in (await the_inbox(bench, "list", "--json")).splitlines()]
    poison, *_ = [id for id in ids if id.startswith("poison-")]
    assert json.loads(await the_inbox(bench, "show", poison))["state"] == "parked"
    assert await the_inbox(bench, "retry", poison) == f"{poison}: done\n"
    async with asyncio.timeout(TIMEOUT):
        while ids:  # what is being tried at this very moment cannot be given up
            said = await the_inbox(bench, "skip", *ids)
            ids = [id for id in ids if f"{id}: done" not in said]
    async with asyncio.timeout(TIMEOUT):
        while await bench.cluster.metric("parvis_inbox_parked"):
            await asyncio.sleep(0.5)
    await bench.find_everything(crowd)


async def in_flight(bench: FaultBench) -> int:
    """Messages that applications have been given and have not acknowledged."""
    queue = await bench.cluster.virtual_host.admin("GET", f"/api/queues/{{v}}/{QUEUE}")
    assert isinstance(queue, dict)
    return int(queue.get("messages_unacknowledged", 0))


def broken(cards: dict[str, dict[str, str]]) -> bytes:
    """An event like one of these, of a person of its own, whose data are not what its type says."""
    like = Envelope.decode(next(iter(cards.values()))["body"].encode())
    changes = {"id": "accounts.accounts.nobody.1", "subject": "nobody", "partitionkey": "nobody", "data": {"card": 1}}
    return like.model_copy(update=changes).encode()


async def deliver_instead(bench: FaultBench, bodies: Sequence[bytes]) -> None:
    """Put these into the queue of applications in place of what waits there, in any order."""
    await bench.cluster.virtual_host.admin("DELETE", f"/api/queues/{{v}}/{QUEUE}/contents")
    async with await aio_pika.connect(f"{bench.rabbitmq.url}/{bench.cluster.virtual_host.vhost}") as connection:
        channel = await connection.channel(publisher_confirms=True)
        for body in random.Random(17).sample(bodies, len(bodies)):
            message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, QUEUE)


async def is_applied(bench: FaultBench, id: str) -> bool:
    return await bench.suite["applications"].ports.store.count(INBOX.name, {"_id": id, "state": In(("done",))}) == 1


async def the_inbox(bench: FaultBench, *arguments: str) -> str:
    """What `parvis inbox` says of applications."""
    said = await bench.cluster.parvis("inbox", *arguments, "--service", "applications")
    assert "Traceback" not in said.stderr, said.stderr
    return said.stdout
