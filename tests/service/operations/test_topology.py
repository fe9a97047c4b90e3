"""`parvis topology` on RabbitMQ 3.10 and 4: a second time changes nothing, every difference is told, nothing is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aio_pika.exceptions import AMQPError

from services import SERVICES
from services.chassis.broker.admin.topology import subscriber_queue
from services.chassis.broker.topics import queue_of
from services.chassis.ports import BrokerUnavailable, Message
from services.cli.topology import definitions, desired_state
from services.contracts.events.all import CATALOGUE
from tests.servers.rabbitmq import RabbitMQ
from tests.service.operations.broker import VirtualHost

PUBLIC = "applications.application.submitted.v1"
OTHER = "applications.application.cancelled.v1"


@pytest.fixture
async def virtual_host(rabbitmq: RabbitMQ, tmp_path: Path) -> AsyncIterator[VirtualHost]:
    virtual_host = VirtualHost.on(rabbitmq, tmp_path)
    yield virtual_host
    await virtual_host.clean()


@pytest.fixture
async def ready(virtual_host: VirtualHost) -> VirtualHost:
    applied = await virtual_host.apply()
    assert applied.code == 0, applied.out + applied.err
    return virtual_host


# --- apply and check --------------------------------------------------------------------------------------------


async def test_apply_makes_everything_and_a_second_time_nothing(virtual_host: VirtualHost) -> None:
    before = await virtual_host.check()
    assert before.code == 1
    assert "queue parvis.mailer.in: missing" in before.out
    made = await virtual_host.apply()
    assert made.code == 0, made.out + made.err
    for service in SERVICES:
        assert (virtual_host.secrets / f"broker-{service}").stat().st_mode & 0o777 == 0o600
    assert await virtual_host.apply() == await virtual_host.check()
    again = await virtual_host.check()
    assert (again.code, again.out, again.err) == (0, "", "")


async def test_the_services_queues_are_emptied_and_nothing_else(ready: VirtualHost) -> None:
    """Acceptance 111: before a restore."""
    await ready.subscriber("campus", PUBLIC)
    broker = ready.broker_of("applications")
    assert await broker.publish([Message("parvis.events", PUBLIC, b"{}", "e1")]) == 1
    await broker.close()
    mailer, campus = queue_of("mailer"), subscriber_queue("campus")
    async with await aio_pika.connect(f"{ready.server.url}/{ready.vhost}") as connection:
        channel = await connection.channel()
        assert (await ready.parvis("topology", "empty")).code == 0
        left = [(await channel.declare_queue(name, passive=True)).declaration_result for name in (mailer, campus)]
    assert [result.message_count for result in left] == [0, 1]
    assert (await ready.check()).code == 0


DAMAGES: list[tuple[str, str, Any, str]] = [
    ("DELETE", "/api/queues/{v}/parvis.offers.in", None, "queue parvis.offers.in: missing"),
    ("DELETE", "/api/exchanges/{v}/parvis.internal", None, "exchange parvis.internal: missing"),
    (
        "POST",
        "/api/bindings/{v}/e/parvis.events/q/parvis.documents.in",
        {"routing_key": "#"},
        "binding parvis.events -> parvis.documents.in -> #: not in the table",
    ),
    ("DELETE", "/api/policies/{v}/sub", None, "policy sub: missing"),
    (
        "PUT",
        "/api/policies/{v}/parvis.services",
        {"pattern": "^parvis", "apply-to": "queues", "definition": {"max-length": 1}},
        'policy parvis.services: pattern is "^parvis" instead of',
    ),
    ("DELETE", "/api/users/{v}.parvis-mailer", None, "user {v}.parvis-mailer: missing"),
    (
        "PUT",
        "/api/users/{v}.parvis-accounts",
        {"password": "guessed", "tags": "administrator"},
        'user {v}.parvis-accounts: tags is ["administrator"] instead of []',
    ),
    (
        "PUT",
        "/api/users/{v}.parvis-offers",
        {"password": "guessed", "tags": ""},
        "user {v}.parvis-offers: its password is not that of",
    ),
    (
        "PUT",
        "/api/permissions/{v}/{v}.parvis-offers",
        {"configure": ".*", "write": ".*", "read": ".*"},
        'rights {v}.parvis-offers: configure is ".*" instead of "^$"',
    ),
    (
        "PUT",
        "/api/topic-permissions/{v}/{v}.parvis-documents",
        {"exchange": "parvis.events", "write": ".*", "read": ".*"},
        "routing rights {v}.parvis-documents -> parvis.events: write is",
    ),
]


async def test_whatever_was_damaged_is_told_and_set_right(ready: VirtualHost) -> None:
    for method, path, body, _ in DAMAGES:
        await ready.admin(method, path, body)
    found = await ready.check()
    assert found.code == 1
    for _, _, _, line in DAMAGES:
        assert line.format(v=ready.vhost) in found.out
    assert (await ready.apply()).code == 0
    assert (await ready.check()).out == ""


EXTRAS: list[tuple[list[tuple[str, str, Any]], str]] = [
    ([("PUT", "/api/queues/{v}/parvis.old.in", {"durable": True})], "queue parvis.old.in: not in the table"),
    ([("PUT", "/api/exchanges/{v}/parvis.old", {"type": "topic"})], "exchange parvis.old: not in the table"),
    (
        [("PUT", "/api/policies/{v}/short", {"pattern": "", "definition": {"max-length": 1}, "priority": 9})],
        "policy short: not in the table",
    ),
    (
        [("POST", "/api/bindings/{v}/e/parvis.internal/e/amq.topic", {"routing_key": "#"})],
        "binding parvis.internal -> exchange amq.topic -> #: not in the table",
    ),
    (
        [
            ("PUT", "/api/users/{v}.somebody", {"password": "x", "tags": ""}),
            ("PUT", "/api/permissions/{v}/{v}.somebody", {"configure": "", "write": "", "read": ".*"}),
        ],
        "rights {v}.somebody: not in the table",
    ),
    (
        [
            ("DELETE", "/api/queues/{v}/parvis.offers.in", None),
            ("PUT", "/api/queues/{v}/parvis.offers.in", {"durable": True, "arguments": {"x-max-length": 5}}),
        ],
        "queue parvis.offers.in: arguments is",
    ),
]


async def test_what_apply_could_only_destroy_is_left_to_a_person(ready: VirtualHost) -> None:
    for hands, _ in EXTRAS:
        for method, path, body in hands:
            await ready.admin(method, path, body)
    applied, found = await ready.apply(), await ready.check()
    assert (applied.code, found.code) == (1, 1)
    for _, said in EXTRAS:
        line = said.format(v=ready.vhost)
        assert line in found.out
        assert any(told.startswith(line) and told.endswith("left to you") for told in applied.out.splitlines())


async def test_a_broker_that_starts_with_the_definitions_file_lacks_users_alone(virtual_host: VirtualHost) -> None:
    """What `deploy/rabbitmq/definitions.json` says for `/`, said for this test's virtual host."""
    assert json.loads(definitions()) == desired_state("/").definitions()
    await virtual_host.admin("POST", "/api/definitions", desired_state(virtual_host.vhost).definitions())
    found = await virtual_host.check()
    assert found.code == 1
    assert {line.split()[0] for line in found.out.splitlines()} == {"user", "rights", "routing"}
    assert "is not compared" in found.err
    applied = await virtual_host.apply()
    assert applied.code == 0
    async with await aio_pika.connect(virtual_host.url_of("mailer")):
        pass


async def test_a_password_that_was_changed_stays_so_when_the_broker_reads_its_definitions_again(
    ready: VirtualHost,
) -> None:
    """As RabbitMQ does at every start."""
    (ready.secrets / "broker-accounts").unlink()
    assert (await ready.apply()).code == 0
    await ready.admin("POST", "/api/definitions", desired_state(ready.vhost).definitions())
    assert ((await ready.check()).code, await ready.admin("GET", "/api/users/{v}.parvis-accounts") is None) == (
        0,
        False,
    )
    async with await aio_pika.connect(ready.url_of("accounts")):
        pass


async def test_others_on_the_broker_keep_nobody_from_setting_the_suite_up(ready: VirtualHost) -> None:
    """A user of the monitoring may look at the virtual host; rights that matter are told, and fail nothing."""
    nothing = {"configure": "^$", "write": "", "read": "^$"}
    await ready.admin("PUT", "/api/users/{v}.monitoring", {"password": "x", "tags": "monitoring"})
    await ready.admin("PUT", "/api/permissions/{v}/{v}.monitoring", nothing)
    assert [(answer.code, answer.out) for answer in (await ready.apply(), await ready.check())] == [(0, "")] * 2
    await ready.admin("PUT", "/api/permissions/{v}/{v}.monitoring", nothing | {"read": ".*"})
    applied, found = await ready.apply(), await ready.check()
    line = f"rights {ready.vhost}.monitoring: not in the table"
    assert (applied.code, applied.out) == (0, f"{line}; left to you\n")
    assert (found.code, found.out) == (1, f"{line}\n")


async def test_a_secret_that_apply_writes_itself_may_be_named_before_it_is_there(virtual_host: VirtualHost) -> None:
    missing = {"PARVIS_BROKER_FILE": str(virtual_host.secrets / "broker-accounts"), "PARVIS_STORE_FILE": "nowhere"}
    applied = await virtual_host.parvis(
        "topology", "apply", "--secrets", str(virtual_host.secrets), "--amqp", virtual_host.amqp, **missing
    )
    assert applied.code == 0, applied.err
    assert virtual_host.url_of("accounts").startswith("amqp://")


async def test_a_broker_that_refuses_is_a_failure_with_a_reason(virtual_host: VirtualHost, tmp_path: Path) -> None:
    away = VirtualHost(virtual_host.server, "nowhere/at all", tmp_path)
    assert (await away.parvis("topology", "check")).code == 1
    answer = await away.parvis("subscriber", "list")
    assert (answer.code, answer.out) == (0, "")


# --- rights -----------------------------------------------------------------------------------------------------


async def refused(url: str, attempt: str, **of: Any) -> None:
    """The broker refuses an attempt, be it that it closes the channel or that it never confirms."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        with pytest.raises((AMQPError, asyncio.CancelledError)) as error:
            async with asyncio.timeout(120):
                await ATTEMPTS[attempt](channel, **of)
        if "ACCESS_REFUSED" not in str(error.value):
            async with asyncio.timeout(120):  # who waits may be told before the channel is
                while not channel.is_closed:
                    await asyncio.sleep(0.01)


async def declare_queue(channel: Any, name: str) -> None:
    await channel.declare_queue(name, durable=True)


async def declare_exchange(channel: Any, name: str) -> None:
    await channel.declare_exchange(name, "topic", durable=True)


async def bind(channel: Any, queue: str, exchange: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).bind(exchange, "#")


async def delete_queue(channel: Any, name: str) -> None:
    await channel.queue_delete(name)


async def purge(channel: Any, name: str) -> None:
    await (await channel.get_queue(name, ensure=False)).purge()


async def publish(channel: Any, exchange: str, key: str) -> None:
    target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    await target.publish(aio_pika.Message(b"{}"), key)


async def read(channel: Any, name: str) -> None:
    await (await channel.get_queue(name, ensure=False)).get(fail=False)


ATTEMPTS: dict[str, Any] = {
    "declare queue": declare_queue,
    "declare exchange": declare_exchange,
    "bind": bind,
    "delete queue": delete_queue,
    "purge": purge,
    "publish": publish,
    "read": read,
}


async def test_a_service_is_refused_what_is_not_its_own(ready: VirtualHost) -> None:
    url, own = ready.url_of("mailer"), queue_of("mailer")
    await refused(url, "declare queue", name="parvis.another.in")
    await refused(url, "declare exchange", name="parvis.another")
    await refused(url, "bind", queue=own, exchange="parvis.internal")
    await refused(url, "delete queue", name=own)
    await refused(url, "publish", exchange="parvis.internal", key="accounts.session.revoked.v1")
    await refused(url, "publish", exchange="parvis.events", key="accounts.account.erased.v1")
    await refused(url, "publish", exchange="", key=queue_of("accounts"))
    await refused(url, "read", name=queue_of("documents"))
    await refused(url, "read", name="parvis.unrouted")


async def test_a_subscriber_is_refused_what_is_not_its_own(ready: VirtualHost) -> None:
    url = await ready.subscriber("crm", PUBLIC)
    await ready.subscriber("library", PUBLIC)
    own = subscriber_queue("crm")
    await refused(url, "declare queue", name="sub.crm.more")
    await refused(url, "declare exchange", name="sub.crm")
    await refused(url, "bind", queue=own, exchange="parvis.internal")
    await refused(url, "bind", queue=own, exchange="parvis.events")
    await refused(url, "delete queue", name=own)
    await refused(url, "publish", exchange="parvis.events", key=PUBLIC)
    await refused(url, "publish", exchange="", key=own)
    await refused(url, "read", name=subscriber_queue("library"))
    await refused(url, "read", name=queue_of("mailer"))
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        await read(channel, own)


async def test_every_service_publishes_and_reads_what_is_its_own(ready: VirtualHost) -> None:
    for service in SERVICES:
        broker = ready.broker_of(service)
        own = [event for type, event in CATALOGUE.items() if type.startswith(f"{service}.")]
        messages = [Message(event.AUDIENCE.value, event.TYPE, b"{}", f"{service}-{n}") for n, event in enumerate(own)]
        assert await broker.publish(messages) == len(own)

        async def take(message: Message) -> None:
            """Enough to be allowed to."""

        async with broker.consume(queue_of(service), take):
            await broker.ping()
        with pytest.raises(BrokerUnavailable):
            async with broker.consume(queue_of("accounts" if service != "accounts" else "mailer"), take):
                pass
        await broker.close()
    async with await aio_pika.connect(f"{ready.server.url.rstrip('/')}/{ready.vhost}") as connection:
        unrouted = await (await connection.channel()).get_queue("parvis.unrouted")
        assert unrouted.declaration_result.message_count == 0, "ordinary events that nobody here hears are not astray"


async def test_unrouted_events_are_kept_for_a_while_and_not_lost_in_silence(ready: VirtualHost) -> None:
    broker = ready.broker_of("mailer")
    assert await broker.publish([Message("parvis.events", "mailer.mail.never-heard-of.v1", b"{}", "lost-1")]) == 1
    await broker.close()
    async with asyncio.timeout(120):  # the broker counts by and by
        while (found := await ready.check()).code == 0:
            await asyncio.sleep(1)
    assert "queue parvis.unrouted: 1 messages that no queue wanted" in found.out
    async with await aio_pika.connect(f"{ready.server.url.rstrip('/')}/{ready.vhost}") as connection:
        channel = await connection.channel()
        kept = await (await channel.get_queue("parvis.unrouted", ensure=False)).get(timeout=10)
        assert kept is not None
        assert kept.message_id == "lost-1"
        await kept.ack()
