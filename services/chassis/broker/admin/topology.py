"""What stands on the message broker, in one table: exchanges, queues, policies, users and their rights.

Nobody but operations declares anything (docs/adr/0010): `parvis topology apply` brings a broker to this table, `check`
compares, and `deploy/rabbitmq/definitions.json` is the same table as a broker reads it when it starts. Names and arguments
mean the same to RabbitMQ 3.10 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from services.chassis.broker import signals
from services.chassis.broker.topics import queue_of
from services.contracts.events.catalogue import Audience, Event

NOTHING: Final = "^$"
"""The pattern of rights that match no name."""
UNROUTED: Final = "parvis.unrouted"
UNHEARD: Final = "parvis.unheard"
SUBSCRIBER: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""The names that a subscriber may have."""

NEVER: Final = 1_000_000_000
"""Deliveries after which a message is given up. RabbitMQ 4 gives up after 20 if nothing is said; with a limit, however
high, both versions put a returned message back near the head of its queue, which keeps the order."""
UNROUTED_MESSAGES: Final = 10_000
UNROUTED_BYTES: Final = 64 * 2**20
UNHEARD_BYTES: Final = 2**20
UNROUTED_MILLISECONDS: Final = 24 * 3600 * 1000
SUBSCRIBER_MESSAGES: Final = 100_000
SUBSCRIBER_BYTES: Final = 256 * 2**20
SUBSCRIBER_CONNECTIONS: Final = 5
SUBSCRIBER_CHANNELS: Final = 20


HASHING: Final = "rabbit_password_hashing_sha256"
SECTIONS: Final = {
    "exchange": "exchanges",
    "queue": "queues",
    "binding": "bindings",
    "policy": "policies",
}
"""Where a definitions file has each kind of thing."""


class Resource(NamedTuple):
    """One thing on a broker: its kind, and its name in parts."""

    kind: str
    name: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {' -> '.join(part or '(all)' for part in self.name)}"


Resources = dict[Resource, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable exchange; `type` is topic or fanout."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue; its arguments cannot be changed once it is there."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class QueueBinding:
    """A queue that gets the messages of an exchange whose routing key matches."""

    exchange: str
    queue: str
    key: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for all exchanges or queues whose name matches `pattern`."""

    name: str
    pattern: str
    apply_to: str
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """A user with rights by patterns of names: to configure (declare), to write and to read.

    `routing` limits what may be written to an exchange to routing keys of a pattern. `limits` are of connections.
    """

    name: str
    write: str = NOTHING
    read: str = NOTHING
    routing: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DesiredState:
    """All that stands in one virtual host of the broker; users belong to the broker, and bear the host's name in front."""

    vhost: str
    exchanges: Sequence[Exchange]
    queues: Sequence[Queue]
    bindings: frozenset[QueueBinding]
    policies: Sequence[Policy]
    users: Sequence[User]

    def with_subscriber(self, name: str, types: Iterable[type[Event]]) -> DesiredState:
        """The table with one subscriber more; raises ValueError for a bad name, for no type, and for one not public."""
        queue, user, bindings = _subscriber(self.vhost, name, list(types))
        return replace(self, queues=[*self.queues, queue], users=[*self.users, user], bindings=self.bindings | bindings)

    def things(self) -> Resources:
        """Everything by kind and name, with the members that the broker has to show."""
        things: Resources = {}
        for exchange in self.exchanges:
            things[Resource("exchange", (exchange.name,))] = {
                "type": exchange.type,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
        for queue in self.queues:
            things[Resource("queue", (queue.name,))] = {
                "durable": True,
                "auto_delete": False,
                "arguments": dict(queue.arguments),
            }
        for bound in sorted(self.bindings):
            things[Resource("binding", (bound.exchange, bound.queue, bound.key))] = {"arguments": {}}
        for policy in self.policies:
            things[Resource("policy", (policy.name,))] = {
                "pattern": policy.pattern,
                "apply-to": policy.apply_to,
                "definition": dict(policy.definition),
                "priority": 0,
            }
        for user in self.users:
            things[Resource("user", (user.name,))] = {"tags": []}
            things[Resource("rights", (user.name,))] = {"configure": NOTHING, "write": user.write, "read": user.read}
            for name, pattern in user.routing.items():
                things[Resource("routing rights", (user.name, name))] = {"write": pattern, "read": NOTHING}
            for name, most in user.limits.items():
                things[Resource("limit", (user.name, name))] = {"value": most}
        return things

    def definitions(self) -> dict[str, Any]:
        """The table as RabbitMQ's definitions file, without users: it is read at every start of the broker, and would give
        them each time the password that they once had.
        """
        vhost = self.vhost
        rows: dict[str, list[dict[str, Any]]] = {"vhosts": [{"name": vhost}]}
        for (kind, name), members in self.things().items():
            match kind:
                case "user" | "rights" | "routing rights" | "limit":
                    continue
                case "binding":
                    source, queue, key = name
                    named = {"source": source, "vhost": vhost, "destination": queue, "destination_type": "queue"}
                    named["routing_key"] = key
                case _:
                    named = {"name": name[0], "vhost": vhost}
            rows.setdefault(SECTIONS[kind], []).append(named | members)
        return rows


def is_nothing(pattern: str) -> bool:
    """Whether a pattern of rights matches no name, in the two ways in which that is written."""
    return pattern in ("", NOTHING)


def user_prefix(vhost: str) -> str:
    """What the names of users of a virtual host begin with, so that two suites can share a broker."""
    return "" if vhost == "/" else f"{vhost}."


def user_of(service: str, vhost: str) -> str:
    """The name of a service's user."""
    return f"{user_prefix(vhost)}parvis-{service}"


def subscriber_user(name: str, vhost: str) -> str:
    """The name of a subscriber's user; raises ValueError."""
    return f"{user_prefix(vhost)}{_subscriber_name(name)}"


def subscriber_queue(name: str) -> str:
    """The name of a subscriber's queue; raises ValueError."""
    return f"{_subscriber_name(name)}.in"


def suite_table(
    listens: Mapping[str, Iterable[type[Event]]], publishes: Mapping[str, Iterable[type[Event]]], vhost: str = "/"
) -> DesiredState:
    """The table of a suite without subscribers: for each service the events that it listens to and those of its own."""
    exchanges, policies = [], []
    for name in (*(audience.value for audience in Audience), signals.EXCHANGE):
        exchanges += [Exchange(name, "topic"), Exchange(f"{name}.unrouted", "fanout")]
        policies.append(Policy(name, exactly(name), "exchanges", {"alternate-exchange": f"{name}.unrouted"}))
    policies += [
        Policy("parvis.services", r"^parvis\.[a-z]+\.in$", "queues", {"delivery-limit": NEVER}),
        Policy("parvis.unrouted", exactly(UNROUTED), "queues", _bounds(UNROUTED_MESSAGES, UNROUTED_BYTES) | _short()),
        Policy(UNHEARD, exactly(UNHEARD), "queues", _bounds(1, UNHEARD_BYTES) | {"message-ttl": 0}),
        Policy("sub", r"^sub\.", "queues", _bounds(SUBSCRIBER_MESSAGES, SUBSCRIBER_BYTES) | {"delivery-limit": NEVER}),
    ]
    queues = [Queue(name, {"x-queue-type": "quorum"}) for name in (UNROUTED, UNHEARD)]
    bindings = {QueueBinding(f"{audience.value}.unrouted", UNROUTED, "") for audience in Audience}
    bindings |= _unheard(listens, publishes)
    keys = signals.keys(listens)
    for service, events in listens.items():
        queues.append(Queue(queue_of(service), {"x-queue-type": "quorum", "x-single-active-consumer": True}))
        bindings |= {QueueBinding(event.AUDIENCE.value, queue_of(service), event.TYPE) for event in events}
        bindings |= {QueueBinding(signals.EXCHANGE, queue_of(service), key) for key in keys[service]}
    users = [_service(vhost, service, publishes.get(service, ())) for service in listens]
    return DesiredState(vhost, exchanges, queues, frozenset(bindings), policies, users)


def exactly(*names: str) -> str:
    """The pattern of rights that matches these names and no other; no name matches nothing."""
    if not names:
        return NOTHING
    return f"^({'|'.join(re.escape(name) for name in names)})$"


def _unheard(
    listens: Mapping[str, Iterable[type[Event]]], publishes: Mapping[str, Iterable[type[Event]]]
) -> set[QueueBinding]:
    """What the suite has no use for itself is wanted by a queue that drops it, so that it is not taken for astray."""
    heard = {event.TYPE for events in listens.values() for event in events}
    return {QueueBinding(f"{signals.EXCHANGE}.unrouted", UNHEARD, "")} | {
        QueueBinding(event.AUDIENCE.value, UNHEARD, event.TYPE)
        for events in publishes.values()
        for event in events
        if event.TYPE not in heard
    }


def _service(vhost: str, service: str, publishes: Iterable[type[Event]]) -> User:
    exchanges = sorted({signals.EXCHANGE, *(event.AUDIENCE.value for event in publishes)})
    own = f"^{re.escape(service)}\\."
    return User(
        user_of(service, vhost),
        write=exactly(*exchanges),
        read=exactly(queue_of(service)),
        routing=dict.fromkeys(exchanges, own),
    )


def _subscriber_name(name: str) -> str:
    if not SUBSCRIBER.fullmatch(name):
        raise ValueError("a subscriber's name: a letter, then letters, digits and hyphens, 40 at most, all lower case")
    return f"sub.{name}"


def _subscriber(vhost: str, name: str, events: Sequence[type[Event]]) -> tuple[Queue, User, frozenset[QueueBinding]]:
    queue = subscriber_queue(name)
    if not events:
        raise ValueError("a subscriber needs a type of event")
    if secret := sorted(event.TYPE for event in events if event.AUDIENCE is not Audience.PUBLIC):
        raise ValueError(f"not public: {', '.join(secret)}")
    limits = {"max-connections": SUBSCRIBER_CONNECTIONS, "max-channels": SUBSCRIBER_CHANNELS}
    return (
        Queue(queue, {"x-queue-type": "quorum"}),
        User(subscriber_user(name, vhost), read=exactly(queue), limits=limits),
        frozenset(QueueBinding(Audience.PUBLIC.value, queue, event.TYPE) for event in events),
    )


def _bounds(messages: int, size: int) -> dict[str, Any]:
    """Of a queue that nobody empties the oldest messages go, so that it never holds a publisher back."""
    return {"max-length": messages, "max-length-bytes": size, "overflow": "drop-head"}


def _short() -> dict[str, int]:
    """Internal events hold personal data: what goes astray does not stay."""
    return {"message-ttl": UNROUTED_MILLISECONDS}
