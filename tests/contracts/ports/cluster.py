"""Places on real servers, each a fresh corner of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import aio_pika

from services.chassis.ports import Topology
from tests.contracts.ports.places import BrokerPlace, MailPlace
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.smtp import SmtpServer


@dataclass(frozen=True)
class AmqpPlace(BrokerPlace):
    """A virtual host of its own on a real server."""

    server: RabbitMQ

    @classmethod
    def on(cls, server: RabbitMQ) -> AmqpPlace:
        return cls(server.new_vhost(), server)

    async def declare(self, topology: Topology) -> None:
        # RabbitMQ 4 drops a message of a quorum queue after 20 deliveries, if it is not told otherwise.
        arguments: dict[str, Any] = {"x-queue-type": "quorum"}
        if self.server.version == "4.":
            arguments["x-delivery-limit"] = -1
        async with await aio_pika.connect(self.url) as connection, connection.channel() as channel:
            unrouted = await channel.declare_exchange("test.unrouted", "fanout", durable=True)
            # Without a queue behind it, the alternate exchange would send everything back to its publisher.
            kept = await channel.declare_queue("test.unrouted", durable=True, arguments={"x-max-length": 100})
            await kept.bind(unrouted)
            for name in topology.exchanges:
                await channel.declare_exchange(
                    name, "topic", durable=True, arguments={"alternate-exchange": "test.unrouted"}
                )
            for name, bindings in topology.queues.items():
                queue = await channel.declare_queue(name, durable=True, arguments=arguments)
                for binding in bindings:
                    await queue.bind(binding.exchange, binding.pattern)

    async def clean(self, topology: Topology) -> None:
        await asyncio.to_thread(self.server.admin, "DELETE", f"/api/vhosts/{self.url.rsplit('/', 1)[1]}")


@dataclass(frozen=True)
class SmtpPlace(MailPlace):
    """A server whose mails can be looked at."""

    server: SmtpServer

    @classmethod
    def before(cls, server: SmtpServer, data: Path) -> SmtpPlace:
        return cls(server.url, data, server)

    def received(self) -> list[EmailMessage]:
        contents = [envelope.original_content for envelope in self.server.messages]
        return [message_from_bytes(content, policy=default) for content in contents if content is not None]
