"""Recomputes from the data what the suite promises: journals whole and in order, every event received and applied by all.

What only one service can promise stands in its room `promises.py`. Each broken promise is one line that names the case and
no figure that moves, so that the same line in two rounds is a promise that stays broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, cast

from services.chassis.inbox import INBOX
from services.chassis.journal import CURSORS, JOURNALS
from services.chassis.ports import Document, In, Range, Sort, Store, Where
from services.chassis.service import KEEP_DONE, Service
from services.contracts.events.catalogue import CATALOGUE, Audience, Event
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text

E = TypeVar("E", bound=Event)

Told: TypeAlias = AsyncIterator[tuple[Envelope, E]]
"""Events of a journal: the envelope, and the data as the contract's model."""

PAGE = 500
BY_ID: Sort = (("_id", 1),)


async def every(
    store: Store,
    collection: str,
    where: Where | None = None,
    sort: Sort = BY_ID,
    *,
    fields: Sequence[str] | None = None,
) -> AsyncIterator[Document]:
    """All documents that meet `where`; `sort` is over top-level fields, by default the id, and among `fields` if given."""
    async for page in pages(store, collection, where, sort, fields=fields):
        for document in page:
            yield document


async def pages(
    store: Store,
    collection: str,
    where: Where | None = None,
    sort: Sort = BY_ID,
    *,
    fields: Sequence[str] | None = None,
) -> AsyncIterator[Sequence[Document]]:
    """The same in pieces of at most 500."""
    after: list[Any] | None = None
    order = [name for name, _ in sort]
    if "_id" not in order:
        order.append("_id")
    while page := await store.find(collection, where or {}, sort=sort, limit=PAGE, after=after, fields=fields):
        yield page
        after = [page[-1].get(name) for name in order]


class Record:
    """What the services of the suite have told one another, read from their journals."""

    def __init__(self, suite: Mapping[str, Service]) -> None:
        self._suite = suite

    async def events(self, *types: type[E]) -> Told[E]:
        """The events of these types, in order as far as they are of one journal."""
        wanted = {(event.TYPE.partition(".")[0], event.AUDIENCE) for event in types}
        names = frozenset(event.TYPE for event in types)
        for service, audience in sorted(wanted, key=lambda place: (place[0], place[1].value)):
            async for row in every(self._suite[service].ports.store, JOURNALS[audience].name):
                if row["type"] in names:
                    envelope = Envelope.decode(row["body"].encode())
                    yield envelope, cast("E", CATALOGUE[envelope.type].model_validate(envelope.data))


# --- what every service promises --------------------------------------------------------------------------------


async def broken_outboxes(service: Service) -> AsyncIterator[str]:
    """Events that were saved and have not reached the journal."""
    for collection in service.aggregates:
        async for row in every(
            service.ports.store, collection.name, {"outbox_at": Range(gt="")}, (("outbox_at", 1), ("_id", 1))
        ):
            yield f"{service.name}: {row['outbox'][0]['id']} of {collection.name} was not relayed"


async def broken_journals(service: Service) -> AsyncIterator[str]:
    """Gaps, doubles and disorder in the journals, rows that the broker has not confirmed, events that are in no journal.

    Takes memory for each aggregate and each event id, some hundred bytes.
    """
    store, told, swept = service.ports.store, Counter[str](), False
    for audience in Audience:
        name = JOURNALS[audience].name
        before, seen, sequences = 0, set(), dict[str, str]()
        async for row in every(store, name):
            envelope = Envelope.decode(row["body"].encode())
            if not before and audience is Audience.INTERNAL:
                before, swept = row["_id"] - 1, row["_id"] > 1
            if row["_id"] != before + 1:
                yield f"{service.name}: {name} has a gap before {row['_id']}"
            if envelope.id in seen or envelope.id != row["event_id"]:
                yield f"{service.name}: {name} has {envelope.id} twice or under another id"
            if envelope.type != row["type"] or CATALOGUE[envelope.type].AUDIENCE is not audience:
                yield f"{service.name}: {name} has {envelope.id}, which does not belong there"
            if sequences.get(envelope.order_key, "") >= envelope.sequence:
                yield f"{service.name}: {name} has {envelope.id} out of order"
            before = row["_id"]
            seen.add(envelope.id)
            sequences[envelope.order_key] = envelope.sequence
            told[envelope.id.rpartition(".")[0]] += 1
        cursor = await store.get(CURSORS.name, f"publisher-{name}")
        position = cursor["position"] if cursor else 0
        if position < before:
            yield f"{service.name}: {name} is not published behind {position}"
        if position > before:
            yield f"{service.name}: {name} is published beyond its end, up to {position}"
    if not swept:
        async for broken in _lost_events(service, told):
            yield broken


async def _lost_events(service: Service, told: Mapping[str, int]) -> AsyncIterator[str]:
    """Aggregates that have counted other events than the journals hold."""
    for collection in service.aggregates:
        async for row in every(service.ports.store, collection.name):
            aggregate = f"{service.name}.{collection.name}.{row['_id']}"
            if told.get(aggregate, 0) + len(row["outbox"]) != row["meta"]["sequence"]:
                yield f"{service.name}: the journals hold other events of {aggregate} than it has caused"


async def broken_inbox(service: Service, suite: Mapping[str, Service]) -> AsyncIterator[str]:
    """Events that this service listens to and has not received or applied, and those that wait for a person."""
    store = service.ports.store
    waiting = {"state": In(("pending", "retrying", "blocked", "parked"))}
    async for row in every(store, INBOX.name, waiting, (("state", 1), ("received", 1), ("_id", 1))):
        yield f"{service.name}: {row['_id']} is {row['state']} in the inbox"
    # What was applied long ago is swept from the inbox, so that only younger events can be missed there.
    since = instant_text(service.ports.clock.now() - KEEP_DONE)
    for publisher in suite.values():
        listened = [event for event in service.subscriptions if event.TYPE.startswith(f"{publisher.name}.")]
        for audience in {event.AUDIENCE for event in listened}:
            types = {event.TYPE for event in listened if event.AUDIENCE is audience}
            young = {"at": Range(gt=since)}
            journal = pages(publisher.ports.store, JOURNALS[audience].name, young, (("at", 1), ("_id", 1)))
            async for page in journal:
                told = [row["event_id"] for row in page if row["type"] in types]
                received = {row["_id"] for row in await store.find(INBOX.name, {"_id": In(tuple(told))}, limit=PAGE)}
                for id in told:
                    if id not in received:
                        yield f"{service.name}: {id} was never received"


async def broken_promises(service: Service, suite: Mapping[str, Service]) -> AsyncIterator[str]:
    """Every promise of one service that does not hold; `suite` are all services, this one among them."""
    async for broken in broken_outboxes(service):
        yield broken
    async for broken in broken_journals(service):
        yield broken
    async for broken in broken_inbox(service, suite):
        yield broken
    if service.promises is not None:
        async for broken in service.promises(Record(suite)):
            yield f"{service.name}: {broken}"
