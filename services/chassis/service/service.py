"""A service as its `wiring.build` gives it to the host: what it keeps, answers, listens to and does by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, Self

from services.chassis.broker.topics import queue_of
from services.chassis.context import CommandContext
from services.chassis.events.backlog import Backlog
from services.chassis.events.heard import HEARD
from services.chassis.events.inbox import INBOX, KEEP_DONE, Apply, Inbox
from services.chassis.events.journal import JOURNALS, Journal
from services.chassis.events.leases import LEASES, Lease
from services.chassis.events.listener import Listener
from services.chassis.events.outbox import Outbox, Relay, waits
from services.chassis.events.parking import PARKED, Parking
from services.chassis.events.publisher import CURSORS, Publisher
from services.chassis.events.record import Record
from services.chassis.events.teller import REPLAYS, Present, Teller
from services.chassis.events.witness import LOOK_SECONDS as LOOK_SECONDS_OF_CLOCK
from services.chassis.events.witness import WITNESS, Witness
from services.chassis.ports import (
    Bounces,
    Broker,
    Clock,
    Collection,
    Document,
    Ent,
    Forms,
    Ids,
    Mail,
    Objects,
    PortError,
    PreEnrolments,
    Range,
    Records,
    Scanner,
    Store,
)
from services.chassis.routing import Route, check_bound
from services.chassis.security.revocations import REVOKED, Revocations
from services.chassis.security.revocations import sweep as sweep_revoked
from services.chassis.security.tokens import KeySets, Signer
from services.chassis.service import objects
from services.chassis.service.connectors import Connector
from services.chassis.service.identity import IDENTITY
from services.chassis.service.last_runs import KEEP_SECONDS, LAST_RUNS, LastRuns
from services.chassis.service.parameters import ParameterCopy
from services.chassis.service.timers import Timer, keep_running
from services.chassis.settings import Settings
from services.chassis.telemetry import answering, metrics
from services.chassis.telemetry.supervisor import Run, Supervisor
from services.chassis.texts.catalogues import Catalogues, catalogues
from services.contracts.api.endpoint import Api
from services.contracts.events.catalogue import Audience, Event
from services.contracts.instants import instant_text

KEEP_INTERNAL: Final = timedelta(days=7)
FIGURES_SECONDS: Final = 15.0
LOOK_SECONDS: Final = 0.02
"""How often who waits for the machinery looks at where it is."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The opened world of one service in one process."""

    settings: Settings
    clock: Clock
    ids: Ids
    store: Store
    broker: Broker
    objects: Objects
    mail: Mail
    scanner: Scanner
    ent: Ent
    records: Records
    forms: Forms
    keysets: KeySets
    outbox: Outbox
    tasks: Supervisor = field(default_factory=Supervisor)
    pre_enrolment: PreEnrolments | None = None
    connectors: Sequence[Connector] = ()
    bounces: Bounces | None = None
    answered: answering.Answered = field(default_factory=answering.Answered)


@dataclass(slots=True)
class Service:
    """One service, wired.

    `api` is what it declares to answer, of which `routes` bind each endpoint once, else ValueError is raised.
    `aggregates` are the collections whose documents carry an outbox, `collections` all others of its own. `texts` are
    those of its slugs, under its name. `signer` if it signs. `needs` names the ports beside store and broker that it
    works with. `lifespans` are entered before it answers and left after it has drained. `tasks` work from then on, by
    name, and are started again when they end. `integrity` finds what of its own does not hold in the data. `present`
    tells anew how things stand that a type of internal event is about. `readers` make of a collection's rows what the
    service works with. `vouched` are collections of whose rows others learn by a receipt that a person brings, by no
    event. `held` answers keys of objects that must be there. `from_now` are subscriptions whose past is of no interest
    to who first hears of them. `undone` are those collections whose rows say what is still to be done: each goes once
    that is there. `parameters`, its copy, says when commands of candidates wait for a maintenance window's end.
    `unfinished` counts what it will do and has said so. `looks` have tasks that wait for an hour look at once for what
    is due, where a clock was moved.
    """

    api: Api
    ports: Ports
    routes: Sequence[Route]
    texts: Catalogues = field(default_factory=catalogues)
    aggregates: Sequence[Collection] = ()
    collections: Sequence[Collection] = ()
    undone: Sequence[Collection] = ()
    subscriptions: Mapping[type[Event], Apply] = field(default_factory=dict)
    timers: Sequence[Timer] = ()
    signer: Signer | None = None
    needs: frozenset[str] = frozenset()
    lifespans: Sequence[Callable[[], AbstractAsyncContextManager[None]]] = ()
    tasks: Mapping[str, Run] = field(default_factory=dict)
    integrity: Callable[[Record], AsyncIterator[str]] | None = None
    present: Mapping[type[Event], Present] = field(default_factory=dict)
    from_now: Sequence[type[Event]] = ()
    readers: Mapping[str, Callable[[Document], object]] = field(default_factory=dict)
    unfinished: Callable[[], Awaitable[int]] | None = None
    vouched: Sequence[Collection] = ()
    held: objects.Held | None = None
    parameters: ParameterCopy | None = None
    looks: Sequence[Callable[[], None]] = ()

    def __post_init__(self) -> None:
        """Hold routes and keys against what the API declares."""
        check_bound(self.api, self.routes)
        if self.parameters is None and any(endpoint.pauses for endpoint in self.api):
            raise ValueError(f"{self.name}: takes commands of candidates, and knows of no maintenance window")
        if self.api.signs is not (self.signer is not None):
            raise ValueError(f"{self.name}: its API says otherwise about what it signs")

    @property
    def name(self) -> str:
        """Its name in the suite."""
        return self.api.service

    @property
    def kept(self) -> Sequence[Collection]:
        """All that its store holds: the machinery's collections and its own."""
        machinery = [IDENTITY, LEASES, CURSORS, INBOX, PARKED, HEARD, REPLAYS, REVOKED, WITNESS, LAST_RUNS]
        return [*machinery, *JOURNALS.values(), *self.aggregates, *self.collections]


class Running:
    """The machinery of one service in one process: relay, publishers, inbox, timers; an async context manager."""

    def __init__(self, service: Service, *, timers_by_time: bool = True) -> None:
        self.service, ports = service, service.ports
        self._by_time = timers_by_time
        self._leases: list[Lease] = []
        self.journals = {audience: Journal(ports.store, audience) for audience in Audience}
        self.parking = Parking(service.name, ports.store, ports.clock)
        self.relay = Relay(
            ports.store,
            ports.outbox,
            [collection.name for collection in service.aggregates],
            self.journals,
            self.parking,
            pause=ports.settings.relay_pause,
            looks_often=lambda: self.publishers[Audience.PUBLIC].is_first_of_many(),  # noqa: PLW0108 - made below
        )
        self.publishers = {
            audience: Publisher(
                service.name,
                ports.store,
                ports.broker,
                journal,
                self._lease(f"publisher-{journal.collection}"),
                parking=self.parking,
                alone=ports.settings.is_alone,
            )
            for audience, journal in self.journals.items()
        }
        self.inbox = Inbox(service.name, ports.store, ports.clock, service.subscriptions, self._lease("inbox"))
        self.teller = Teller(
            service.name,
            ports.store,
            ports.broker,
            ports.clock,
            ports.ids,
            aggregates=[collection.name for collection in service.aggregates],
            journals=self.journals,
            publishers=self.publishers,
            present=service.present,
            parking=self.parking,
        )
        self.listener = Listener(
            service.name,
            ports.store,
            ports.broker,
            ports.clock,
            ports.ids,
            listens=service.subscriptions,
            from_now=service.from_now,
            on_ask=self.teller.ask,
        )
        self.witness = Witness(ports.store, ports.clock)
        self.last_runs = LastRuns(ports.store)
        self.revocations = Revocations(ports.store, ports.clock)
        self._stack = AsyncExitStack()

    def _lease(self, name: str) -> Lease:
        ports = self.service.ports
        lease = Lease(ports.store, ports.clock, name, timedelta(seconds=ports.settings.lease_seconds))
        self._leases.append(lease)
        return lease

    @property
    def timers(self) -> Sequence[Timer]:
        """All timers of the service, its own and those of the machinery."""
        return (
            *self.service.timers,
            Timer("sweep", 60, self._sweep),
            Timer("figures", FIGURES_SECONDS, self._tell_figures),
            Timer("witness", LOOK_SECONDS_OF_CLOCK, self._look_at_clock),
            Timer("last-runs", KEEP_SECONDS, self._keep_last_runs),
        )

    async def _tell_figures(self, command: CommandContext) -> int:
        """Show in the metrics what only the store knows."""
        ports, name = self.service.ports, self.service.name
        waiting = [await ports.store.count(each.name, {"outbox_at": Range(gt="")}) for each in self.service.aggregates]
        metrics.OUTBOXES.labels(name).set(sum(waiting))
        for lease in self._leases:
            metrics.LEASE_HELD.labels(name, lease.name).set(lease.is_held())
        await self.parking.count()
        return 0

    async def __aenter__(self) -> Self:
        """Prepare the store, then set everything to work."""
        service, ports = self.service, self.service.ports
        await ports.store.prepare(service.kept)
        async with AsyncExitStack() as stack:
            if service.signer is not None:
                await service.signer.load()
            for lifespan in service.lifespans:
                await stack.enter_async_context(lifespan())
            stack.push_async_callback(self._release)
            await stack.enter_async_context(ports.tasks.running(dict(self._tasks())))
            self._stack = stack.pop_all()
        return self

    async def is_published(self) -> bool:
        """Whether every event that was caused here, or is about to be, has been relayed and is confirmed by the broker."""
        if self.service.unfinished is not None and await self.service.unfinished():
            return False
        for collection in self.service.aggregates:
            if await waits(self.service.ports.store, self.parking, collection.name, Range(gt="")):
                return False
        for audience, publisher in self.publishers.items():
            if await publisher.position() < await self.journals[audience].last():
                return False
        return True

    async def is_applied(self) -> bool:
        """Whether every event that was received here has been applied, but for those that wait for something else."""
        return not await self.service.ports.store.count(INBOX.name, {"state": "pending"})

    async def wait_published(self) -> None:
        """Wait until every event that was caused here before now is confirmed by the broker, whatever comes on top."""
        before = Range(gt="", le=instant_text(self.service.ports.clock.now()))
        for collection in self.service.aggregates:
            while await waits(self.service.ports.store, self.parking, collection.name, before):  # noqa: ASYNC110 - rest is seen by looking
                await asyncio.sleep(LOOK_SECONDS)
        for audience, publisher in self.publishers.items():
            last = await self.journals[audience].last()
            while await publisher.position() < last:  # noqa: ASYNC110 - rest is seen by looking
                await asyncio.sleep(LOOK_SECONDS)

    async def wait_applied(self) -> None:
        """Wait until every event that was received here before now has been applied, or waits for something else."""
        store, now = self.service.ports.store, instant_text(self.service.ports.clock.now())
        while await store.count(INBOX.name, {"state": "pending", "received": Range(le=now)}):  # noqa: ASYNC110 - rest is seen by looking
            await asyncio.sleep(LOOK_SECONDS)

    async def __aexit__(self, *_: object) -> None:
        """Let go in the opposite order; what is not yet relayed or applied is so after the next start."""
        await self._stack.aclose()

    async def _release(self) -> None:
        """Let others go on at once; where the store is away they do so when the leases are over."""
        with suppress(PortError):
            for publisher in self.publishers.values():
                await publisher.release()
            await self.inbox.release()
            await self.last_runs.keep()

    async def _sweep(self, command: CommandContext) -> int:
        """Take away what the inbox remembers of events applied long ago, revocations that are over, internal old events."""
        gone = await self.inbox.sweep(KEEP_DONE)
        gone += await sweep_revoked(self.service.ports.store, await self.witness.until())
        return gone + await self.publishers[Audience.INTERNAL].sweep(self.service.ports.clock, KEEP_INTERNAL)

    async def _look_at_clock(self, _: CommandContext) -> int:
        """Look at the clock, so that it is known up to when it can be believed (ADR 32)."""
        metrics.CLOCK_DOUBTED.labels(self.service.name).set((await self.witness.look()).total_seconds())
        return 0

    async def _keep_last_runs(self, _: CommandContext) -> int:
        """Keep when timers have run in this process, for who lists them."""
        await self.last_runs.keep()
        return 0

    def _tasks(self) -> Iterable[tuple[str, Run]]:
        """All that works for this service in the background, by its name in the process."""
        service, ports = self.service, self.service.ports
        yield f"{service.name}.relay", self.relay.run
        aggregates = [collection.name for collection in service.aggregates]
        yield f"{service.name}.backlog", Backlog(service.name, ports.store, ports.clock, aggregates).keep_measuring
        consume = partial(self.listener.consume, partial(ports.broker.consume, queue_of(service.name)))
        yield f"{service.name}.inbox", self.inbox.run
        yield f"{service.name}.listen", partial(self.inbox.listen, consume)
        yield f"{service.name}.look", self.listener.keep_looking
        yield f"{service.name}.say", self.teller.keep_saying
        yield f"{service.name}.tell-again", self.teller.keep_telling
        for audience, publisher in self.publishers.items():
            yield f"{service.name}.publish-{self.journals[audience].collection}", publisher.run
        keep = partial(keep_running, clock=ports.clock, ids=ports.ids, witness=self.witness, last_runs=self.last_runs)
        for timer in self.timers:
            yield f"{service.name}.timer-{timer.name}", partial(keep, service.name, timer, by_time=self._by_time)
        if service.held is not None:
            look = partial(objects.keep_looking, ports.store, ports.objects, service.held, ports.ids)
            yield f"{service.name}.objects", look
        for name, run in service.tasks.items():
            yield f"{service.name}.{name}", run
