"""RabbitMQ's management HTTP API: compares a broker with a table, and brings it to the table."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import quote, unquote, urlsplit

import aiohttp
from yarl import URL

from services.chassis.broker.admin.topology import (
    HASHING,
    DesiredState,
    Resource,
    Resources,
    is_nothing,
    subscriber_queue,
    user_prefix,
)
from services.chassis.ports import BrokerUnavailable
from services.chassis.retries import Retries
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Audience

SECONDS: Final = 30.0
ATTEMPTS: Final = 5
"""How often a request is made that the broker answers with 5xx."""
OWN: Final = ("parvis.", "sub.")
"""The names of exchanges and queues that are the suite's begin so."""


class Management:
    """One virtual host of one broker, by `http(s)://USER:PASSWORD@HOST:PORT/VHOST` of an administrator.

    An async context manager; all raise BrokerUnavailable when the broker is away or refuses, ValueError for another URL.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not parts.username:
            raise ValueError("takes http(s)://USER:PASSWORD@HOST:PORT/VHOST")
        self.user = unquote(parts.username)
        self.vhost = unquote(parts.path.removeprefix("/")) or "/"
        self.host = parts.hostname
        self._base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/api"
        secret = f"{self.user}:{unquote(parts.password or '')}".encode()
        self._headers = {"Authorization": f"Basic {base64.b64encode(secret).decode()}"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(SECONDS))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, method: str, *path: str, body: object = None) -> Any:
        """What a request brings, None for what is not there; each part of the path is quoted here.

        While the broker answers 5xx the request is made again, `ATTEMPTS` times in all, over some two seconds: RabbitMQ
        answers 500 to a list out of which somebody takes a thing at that moment. None does more if made twice.
        """
        if self._session is None:
            raise BrokerUnavailable("not open")
        url = URL("/".join([self._base, *(quote(part, safe="") for part in path)]), encoded=True)
        said = f"{method} {'/'.join(path)}"
        retries = Retries()
        while True:
            try:
                async with self._session.request(method, url, json=body) as answer:
                    text = await answer.text()
            except (aiohttp.ClientError, TimeoutError) as error:
                raise BrokerUnavailable(f"{said}: {type(error).__name__}") from error
            if answer.status < 500 or retries.failures == ATTEMPTS - 1:
                break
            await retries.pause()
        if answer.status == 404:
            return None
        if answer.status >= 400:
            raise BrokerUnavailable(f"{said}: {answer.status} {text[:300]}")
        return json.loads(text) if text else None

    # --- what is there ------------------------------------------------------------------------------------------

    async def things(self) -> Resources:
        """What is there of the suite, and who else has rights in the virtual host, each with the members that count."""
        vhost = self.vhost
        things: Resources = {}
        members: tuple[str, ...]
        if await self.ask("GET", "vhosts", vhost) is None:
            return things
        for row in await self.ask("GET", "exchanges", vhost):
            if row["name"].startswith(OWN):
                members = ("type", "durable", "auto_delete", "internal", "arguments")
                things[Resource("exchange", (row["name"],))] = {name: row[name] for name in members}
        for row in await self.ask("GET", "queues", vhost):
            if row["name"].startswith(OWN):
                members = ("durable", "auto_delete", "arguments")
                things[Resource("queue", (row["name"],))] = {name: row[name] for name in members}
        for row in await self.ask("GET", "bindings", vhost):
            if row["source"] and (row["source"].startswith(OWN) or row["destination"].startswith(OWN)):
                to = row["destination"] if row["destination_type"] == "queue" else f"exchange {row['destination']}"
                name = (row["source"], to, row["routing_key"])
                things[Resource("binding", name)] = {"arguments": row["arguments"]}
        for row in await self.ask("GET", "policies", vhost):
            members = ("pattern", "apply-to", "definition", "priority")
            things[Resource("policy", (row["name"],))] = {name: row[name] for name in members}
        return things | await self._users()

    async def _users(self) -> Resources:
        """Whoever has rights here but the administrator, and all users whose name is of the suite's.

        A user of the monitoring's may have the right to nothing, by which it may look at the virtual host.
        """
        things: Resources = {}
        prefix = user_prefix(self.vhost)
        own = (f"{prefix}parvis-", f"{prefix}sub.")
        for row in await self.ask("GET", "users"):
            if row["name"].startswith(own) and row["name"] != self.user:
                tags = row["tags"].split(",") if isinstance(row["tags"], str) else row["tags"]
                things[Resource("user", (row["name"],))] = {"tags": [tag for tag in tags if tag]}
                for limits in await self.ask("GET", "user-limits", row["name"]) or ():
                    for name, most in limits["value"].items():
                        things[Resource("limit", (row["name"], name))] = {"value": most}
        for row in await self.ask("GET", "permissions"):
            if row["vhost"] == self.vhost and row["user"] != self.user:
                rights = {name: row[name] for name in ("configure", "write", "read")}
                if row["user"].startswith(own) or not all(map(is_nothing, rights.values())):
                    things[Resource("rights", (row["user"],))] = rights
        for row in await self.ask("GET", "topic-permissions"):
            if row["vhost"] == self.vhost and row["user"] != self.user:
                thing = Resource("routing rights", (row["user"], row["exchange"]))
                things[thing] = {name: row[name] for name in ("write", "read")}
        return things

    async def has_password(self, user: str, password: str) -> bool:
        """Whether this is the user's password."""
        row = await self.ask("GET", "users", user)
        if row is None or row["hashing_algorithm"] != HASHING:
            return False
        salted = base64.b64decode(row["password_hash"])
        digest = hashlib.sha256(salted[:4] + password.encode()).digest()
        return len(salted) == 36 and hmac.compare_digest(salted[4:], digest)

    # --- changing it --------------------------------------------------------------------------------------------

    async def put(self, thing: Resource, members: Mapping[str, Any]) -> None:
        """Make a thing, or change what can be changed of it; a new user cannot log in before `set_password`."""
        kind, name = thing
        match kind:
            case "exchange" | "queue":
                await self.ask("PUT", f"{kind}s", self.vhost, *name, body=members)
            case "binding":
                source, queue, key = name
                await self.ask("POST", "bindings", self.vhost, "e", source, "q", queue, body={"routing_key": key})
            case "policy":
                await self.ask("PUT", "policies", self.vhost, *name, body=members)
            case "user":
                there = await self.ask("GET", "users", *name) or {"password_hash": "", "hashing_algorithm": HASHING}
                kept = {member: there[member] for member in ("password_hash", "hashing_algorithm")}
                await self.ask("PUT", "users", *name, body=kept | {"tags": ",".join(members["tags"])})
            case "rights":
                await self.ask("PUT", "permissions", self.vhost, *name, body=members)
            case "routing rights":
                user, exchange = name
                await self.ask(
                    "PUT", "topic-permissions", self.vhost, user, body=dict(members) | {"exchange": exchange}
                )
            case "limit":
                await self.ask("PUT", "user-limits", *name, body=members)
            case _:
                raise ValueError(kind)

    async def unbind(self, binding: Resource) -> None:
        """Take all bindings away that have these two ends and this key."""
        source, queue, key = binding.name
        for row in await self.ask("GET", "bindings", self.vhost, "e", source, "q", queue) or ():
            if row["routing_key"] == key:
                await self.ask("DELETE", "bindings", self.vhost, "e", source, "q", queue, row["properties_key"])

    async def set_password(self, user: str, password: str) -> None:
        """Give a user a password."""
        there = await self.ask("GET", "users", user)
        tags = there["tags"] if isinstance(there["tags"], str) else ",".join(there["tags"])
        await self.ask("PUT", "users", user, body={"password": password, "tags": tags})

    async def remove(self, kind: Literal["queues", "users"], name: str) -> bool:
        """Take a queue with its messages, or a user, away; False if there was none such."""
        place = [name] if kind == "users" else [self.vhost, name]
        if await self.ask("GET", kind, *place) is None:
            return False
        await self.ask("DELETE", kind, *place)
        return True


@dataclass(frozen=True, slots=True)
class Difference:
    """A thing that is not as the table has it: `wanted` is None for one that is too many, `found` for one too few."""

    thing: Resource
    wanted: Mapping[str, Any] | None
    found: Mapping[str, Any] | None

    def __str__(self) -> str:
        if self.found is None:
            return f"{self.thing}: missing"
        if self.wanted is None:
            return f"{self.thing}: not in the table"
        wrong = [
            f"{name} is {json.dumps(self.found.get(name))} instead of {json.dumps(value)}"
            for name, value in self.wanted.items()
            if self.found.get(name) != value
        ]
        return f"{self.thing}: {', '.join(wrong)}"

    @property
    def is_of_a_stranger(self) -> bool:
        """Whether somebody who is not the suite's was given a right: a person shall look at it, and nothing lacks."""
        return self.wanted is None and self.thing.kind in ("rights", "routing rights")

    @property
    def can_be_mended(self) -> bool:
        """Whether `mend` can set it right without losing messages or taking from others what they were given."""
        if self.thing.kind in ("exchange", "queue"):
            return self.found is None
        if self.wanted is None:
            return self.thing.kind == "binding" and not self.thing.name[1].startswith("exchange ")
        return True


def differences(table: DesiredState, found: Resources) -> list[Difference]:
    """All differences between a table and what was found, in the order in which they can be mended."""
    wanted = with_subscribers(table, found).things()
    order = ["policy", "exchange", "queue", "binding", "user", "rights", "routing rights", "limit"]
    things = sorted({*wanted, *found}, key=lambda thing: (order.index(thing.kind), thing.name))
    return [
        Difference(thing, wanted.get(thing), found.get(thing))
        for thing in things
        if wanted.get(thing) != found.get(thing)
    ]


def with_subscribers(table: DesiredState, found: Resources) -> DesiredState:
    """The table with the subscribers that the broker has, each with the public events that it gets."""
    for name in sorted(subscribers(found)):
        queue = subscriber_queue(name)
        bound = {thing.name[2] for thing in found if thing.kind == "binding" and thing.name[1] == queue}
        types = [event for type, event in CATALOGUE.items() if type in bound and event.AUDIENCE is Audience.PUBLIC]
        if types:
            table = table.with_subscriber(name, types)
    return table


def subscribers(found: Resources) -> set[str]:
    """The names of subscribers that have a queue."""
    names = set()
    for kind, name in found:
        if kind == "queue" and name[0].startswith("sub.") and name[0].endswith(".in"):
            candidate = name[0][4:-3]
            try:
                subscriber_queue(candidate)
            except ValueError:
                continue  # reported as a queue that is not in the table
            names.add(candidate)
    return names


async def reconcile(management: Management, difference: Difference) -> None:
    """Set one difference right that `can_be_mended`."""
    if difference.wanted is None:
        await management.unbind(difference.thing)
    else:
        await management.put(difference.thing, difference.wanted)
