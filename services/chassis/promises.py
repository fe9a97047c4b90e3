"""Recomputes from the data what the chassis promises: journals gapless and in order, every event applied once by all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from services.chassis.inbox import INBOX
from services.chassis.journal import CURSORS, JOURNALS
from services.chassis.ports import Document, In, Range, Store
from services.chassis.service import Service
from services.contracts.events.catalogue import Audience
from services.contracts.events.envelope import Envelope

PAGE = 500


async def every(store: Store, collection: str) -> AsyncIterator[Document]:
    """All documents of a collection in order of id, a page at a time."""
    after: list[Any] | None = None
    while page := await store.find(collection, {}, sort=(("_id", 1),), limit=PAGE, after=after):
        for document in page:
            yield document
        after = [page[-1]["_id"]]


async def broken_outboxes(service: Service) -> AsyncIterator[str]:
    """Events that were saved and have not reached the journal; none once the suite is at rest."""
    for collection in service.aggregates:
        left = await service.ports.store.count(collection.name, {"outbox_at": Range(gt="")})
        if left:
            yield f"{service.name}: {left} aggregates of {collection.name} have events that were not relayed"


async def broken_journal(service: Service, audience: Audience) -> AsyncIterator[str]:
    """Gaps, doubles and disorder in one journal, and rows that were never confirmed by the broker."""
    name, store = JOURNALS[audience].name, service.ports.store
    before, seen, sequences = None, set(), dict[str, str]()
    async for row in every(store, name):
        envelope = Envelope.decode(row["body"].encode())
        if (before is None and audience is Audience.PUBLIC and row["_id"] != 1) or (
            before and row["_id"] != before + 1
        ):
            yield f"{service.name}: {name} has a gap before {row['_id']}"
        if envelope.id in seen or envelope.id != row["event_id"]:
            yield f"{service.name}: {name} has event {envelope.id} twice or under another id"
        if sequences.get(envelope.order_key, "") >= envelope.sequence:
            yield f"{service.name}: {name} has {envelope.id} out of order"
        before = row["_id"]
        seen.add(envelope.id)
        sequences[envelope.order_key] = envelope.sequence
    cursor = await store.get(CURSORS.name, f"publisher-{name}")
    if before is not None and (cursor is None or cursor["position"] < before):
        yield f"{service.name}: {name} is published up to {cursor['position'] if cursor else 0} of {before}"


async def broken_inbox(service: Service, journals: Mapping[str, Service]) -> AsyncIterator[str]:
    """Events of the suite that this service listens to and has not applied, and rows that wait for a person."""
    store = service.ports.store
    if parked := await store.count(INBOX.name, {"state": "parked"}):
        yield f"{service.name}: {parked} events are parked"
    if waiting := await store.count(INBOX.name, {"state": In(("pending", "retrying", "blocked"))}):
        yield f"{service.name}: {waiting} events wait to be applied"
    for publisher in journals.values():
        types = {event.TYPE for event in service.subscriptions if event.TYPE.startswith(f"{publisher.name}.")}
        for audience in Audience:
            if not any(event.AUDIENCE is audience and event.TYPE in types for event in service.subscriptions):
                continue
            async for row in every(publisher.ports.store, JOURNALS[audience].name):
                if row["type"] in types and await store.get(INBOX.name, row["event_id"]) is None:
                    yield f"{service.name}: event {row['event_id']} of {publisher.name} was never received"


async def broken_promises(suite: Mapping[str, Service]) -> AsyncIterator[str]:
    """Everything above, for all services of a suite at rest."""
    for service in suite.values():
        async for broken in broken_outboxes(service):
            yield broken
        for audience in Audience:
            async for broken in broken_journal(service, audience):
                yield broken
        async for broken in broken_inbox(service, suite):
            yield broken
