"""B5: how fast a backlog of events is told to RabbitMQ, and heard from it, against aio-pika doing only that.

Told: thousands of applications were opened while no relay was running. Heard: thousands of candidates' cards wait in the
queue of applications, which keeps each durably in its inbox, acknowledges it, and keeps the card.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count

import aio_pika

from services.applications.domain import opening
from services.applications.domain.copies import ProfileCopy
from services.applications.domain.model import Moment
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.chassis.broker.topics import queue_of
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.inbox import INBOX
from services.chassis.events.outbox import Outbox
from services.chassis.ports import Message
from services.chassis.service.service import Running, Service
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.contracts.events.accounts import CardChanged, StepsPart
from services.contracts.events.catalogue import Audience
from services.contracts.events.envelope import CONTENT_TYPE, Envelope
from services.contracts.events.offers import ProgrammePublished
from tests.load.bench import Bench
from tests.load.figures import Figure, share
from tests.load.population import CAMPAIGN, PROGRAMME, STEPS, programme_part, tell
from tests.load.work import at_work
from tests.servers.rabbitmq import RabbitMQ4
from tests.service.operations.broker import VirtualHost

TITLE = "Relay drain and inbox apply on RabbitMQ, against bare pipelined confirms and bare consume + ack"

EVENTS = 2000
WINDOW = 500
PREFETCH = 32
AT_ONCE = 500

Rates = tuple[list[float], list[float]]


@dataclass
class Teller:
    """Applications with a backlog, and what tells it."""

    service: Service
    numbers: count[int]

    async def open_applications(self, number: int) -> None:
        """So many drafts, whose events wait in their outboxes."""
        ports = self.service.ports
        now = ports.clock.now()
        offer = await ProgrammeCopies(ports.store).of(PROGRAMME)
        assert offer is not None
        repository = ApplicationRepository(ports.store, Outbox())
        moment, command = Moment(now, now.date(), now.date()), CommandContext(now, correlation="load", actor=OPERATOR)

        async def open_one(each: int) -> None:
            account = f"opener{each:020}"
            card = ProfileCopy(account, CAMPAIGN, "AB12CD34", (), STEPS)
            state, domain_events = opening.open_application(card, offer, f"{account}|0", moment, command.acting)
            await repository.add(
                f"draft{each:020}",
                Decision(state, domain_events),
                command,
            )

        for start in range(0, number, AT_ONCE):
            numbers = [next(self.numbers) for _ in range(min(AT_ONCE, number - start))]
            await asyncio.gather(*map(open_one, numbers))


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B5; two minutes."""
    events = bench.many(EVENTS)
    async with AsyncExitStack() as stack:
        rabbitmq = await stack.enter_async_context(RabbitMQ4())
        folder = bench.folder
        virtual_host = VirtualHost.on(rabbitmq, folder)
        applied = await virtual_host.apply()
        assert applied.code == 0, applied.err
        settings = Settings(data=folder, broker=virtual_host.url_of("applications"))
        suite = await stack.enter_async_context(opened(settings, ("applications",)))
        service = suite["applications"]
        await tell(
            service,
            ProgrammePublished(code=PROGRAMME, programme=programme_part(service.ports.clock.now())),
            service.ports.clock.now(),
        )
        teller = Teller(service, count())
        published, drained = await _told(bench, teller, virtual_host, events)
        heard = await _heard(bench, service, virtual_host, events)
    return [
        share("journal to broker", *published, " events/s", 50),
        share("outboxes to journal to broker", *drained, " events/s", 50),
        share("queue to inbox to applied", *heard, " events/s", 40),
    ]


async def _told(bench: Bench, teller: Teller, virtual_host: VirtualHost, events: int) -> tuple[Rates, Rates]:
    """Events per second from the journal and from the outboxes, each beside those of bare publishing."""

    async def drain() -> float:
        """Relay and publisher side by side, as a running service has them."""
        await teller.open_applications(events)
        running = Running(teller.service)
        publisher = running.publishers[Audience.PUBLIC]
        begun, position = time.perf_counter(), await publisher.position()
        async with at_work(running.relay.run(), publisher.run()):
            while await publisher.position() < position + events:
                await asyncio.sleep(0.02)
            rate = events / (time.perf_counter() - begun)
        await publisher.release()
        return rate

    async def bare() -> float:
        entries = await Running(teller.service).journals[Audience.PUBLIC].read(0, min(events, 1000))
        messages = [Message(Audience.PUBLIC.value, entry.type, entry.body, entry.event_id) for entry in entries]
        row = [messages[number % len(messages)] for number in range(events)]
        rate = await _publish(virtual_host.url_of("applications"), row)
        await _empty(virtual_host)
        return rate

    async def publish() -> float:
        """What is journaled already."""
        await teller.open_applications(events)
        running = Running(teller.service)
        publisher = running.publishers[Audience.PUBLIC]
        while await running.relay.step():
            pass
        last, begun = await running.journals[Audience.PUBLIC].last(), time.perf_counter()
        while await publisher.position() < last:
            await publisher.step()
        return events / (time.perf_counter() - begun)

    return await bench.in_turns(publish, bare), await bench.in_turns(drain, bare)


async def _heard(bench: Bench, service: Service, virtual_host: VirtualHost, events: int) -> Rates:
    """Events per second that applications applies, and that a bare consumer acknowledges."""
    numbers = count()

    async def fill() -> None:
        await _publish(virtual_host.url_of("accounts"), [_card(next(numbers)) for _ in range(events)])

    async def apply() -> float:
        await fill()
        running = Running(service)
        done = await service.ports.store.count(INBOX.name, {"state": "done"})
        begun = time.perf_counter()
        async with (
            at_work(running.inbox.run()),
            service.ports.broker.consume(queue_of("applications"), running.inbox.receive, prefetch=PREFETCH),
        ):
            while await service.ports.store.count(INBOX.name, {"state": "done"}) < done + events:
                await asyncio.sleep(0.02)
            rate = events / (time.perf_counter() - begun)
        await running.inbox.release()
        return rate

    async def bare() -> float:
        await fill()
        return await _acknowledge(virtual_host.url_of("applications"), queue_of("applications"), events)

    return await bench.in_turns(apply, bare)


def _card(number: int) -> Message:
    account = f"heard{number:020}"
    event = CardChanged(
        account=account,
        campaign=CAMPAIGN,
        file_number="AB12CD34",
        version=1,
        missing=[],
        steps=StepsPart.model_validate(STEPS),
    )
    envelope = Envelope(
        id=f"accounts.accounts.{account}.1",
        source="/parvis/accounts/accounts",
        type=event.TYPE,
        subject=account,
        time="2027-01-01T00:00:00.000Z",
        partitionkey=account,
        sequence="0000000001",
        correlationid="load",
        data=event.model_dump(mode="json"),
    )
    return Message(event.AUDIENCE.value, event.TYPE, envelope.encode(), envelope.id)


async def _publish(url: str, messages: Sequence[Message]) -> float:
    """aio-pika alone: a window of publishes under way, each confirmed; messages per second."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        exchange = await channel.get_exchange(messages[0].exchange, ensure=False)

        async def send(message: Message) -> None:
            await exchange.publish(
                aio_pika.Message(
                    message.body,
                    content_type=CONTENT_TYPE,
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                    message_id=message.message_id,
                ),
                message.routing_key,
            )

        begun = time.perf_counter()
        for start in range(0, len(messages), WINDOW):
            await asyncio.gather(*map(send, messages[start : start + WINDOW]))
        return len(messages) / (time.perf_counter() - begun)


async def _acknowledge(url: str, name: str, number: int) -> float:
    """aio-pika alone: every message acknowledged as it comes; messages per second."""
    left, over = number, asyncio.Event()

    async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        nonlocal left
        await message.ack()
        left -= 1
        if not left:
            over.set()

    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue(name, ensure=False)
        begun = time.perf_counter()
        await queue.consume(take)
        await over.wait()
        return number / (time.perf_counter() - begun)


async def _empty(virtual_host: VirtualHost) -> None:
    """Empty the queues of those who would have heard."""
    for name in ("documents", "mailer"):
        await virtual_host.admin("DELETE", f"/api/queues/{{v}}/{queue_of(name)}/contents")
