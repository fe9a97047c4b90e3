"""Recomputes from the data what the suite promises: journals whole and in order, every event received and applied by all.

What only one service can promise stands in its room `integrity.py`. Each violation is one line that names the case and
no figure that moves, so that the same line in two rounds is a promise that stays broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping

from services.chassis.events.inbox import INBOX, KEEP_DONE
from services.chassis.events.journal import JOURNALS
from services.chassis.events.publisher import CURSORS
from services.chassis.events.record import PAGE, Record, every, pages
from services.chassis.ports import Document, In, PortError, Range, Sort
from services.chassis.service.service import Service
from services.chassis.store.rows import FAULTS, UnreadableRow, reading
from services.contracts.events.catalogue import CATALOGUE, Audience
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text

BY_EVENT: Sort = (("event_id", 1),)


# --- what every service promises --------------------------------------------------------------------------------


async def broken_outboxes(service: Service) -> AsyncIterator[str]:
    """Events that were saved and have not reached the journal."""
    for collection in service.aggregates:
        async for row in every(
            service.ports.store, collection.name, {"outbox_at": Range(gt="")}, (("outbox_at", 1), ("_id", 1))
        ):
            yield f"{service.name}: {row['outbox'][0]['id']} of {collection.name} was not relayed"


async def broken_journals(service: Service) -> AsyncIterator[str]:  # noqa: C901 - one line for each thing that can be wrong
    """Gaps, doubles and disorder in the journals, rows that the broker has not confirmed, events that are in no journal.

    Takes memory for each aggregate and each event id, some hundred bytes.
    """
    store, told, swept = service.ports.store, Counter[str](), False
    for audience in Audience:
        name = JOURNALS[audience].name
        before, seen, sequences, numbers = 0, set(), dict[str, str](), dict[str, int]()
        async for row in every(store, name):
            if (envelope := _envelope(row)) is None:
                yield f"{service.name}: {name} has {row['_id']}, which cannot be read"
                before = row["_id"]
                continue
            if not before and audience is Audience.INTERNAL:
                before, swept = row["_id"] - 1, row["_id"] > 1
            if row["_id"] != before + 1:
                yield f"{service.name}: {name} has a gap before {row['_id']}"
            if envelope.id in seen or envelope.id != row["event_id"]:
                yield f"{service.name}: {name} has {envelope.id} twice or under another id"
            if envelope.type != row["type"] or CATALOGUE[envelope.type].AUDIENCE is not audience:
                yield f"{service.name}: {name} has {envelope.id}, which does not belong there"
            for fault in _disorder(envelope, sequences, numbers):
                yield f"{service.name}: {name} has {envelope.id}{fault}"
            before = row["_id"]
            seen.add(envelope.id)
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


def _envelope(row: Document) -> Envelope | None:
    try:
        return Envelope.decode(row["body"].encode())
    except (ValueError, LookupError, AttributeError):
        return None


def _disorder(envelope: Envelope, sequences: dict[str, str], numbers: dict[str, int]) -> Iterator[str]:
    """What is wrong with the numbers of an event, by those of its key before it; which become those of this one."""
    key = envelope.order_key
    if sequences.get(key, "") >= envelope.sequence:
        yield " out of order"
    sequences[key] = envelope.sequence
    if envelope.publicsequence is not None:
        number = int(envelope.publicsequence)
        if numbers.get(key, number - 1) + 1 != number:
            yield ", whose public number is not the next"
        numbers[key] = number


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
            missed, newest = dict[str, tuple[tuple[str, str], int]](), dict[tuple[str, str], int]()
            async for page in journal:
                told = [row for row in page if row["type"] in types]
                ids = tuple(row["event_id"] for row in told)
                received = {row["_id"] for row in await store.find(INBOX.name, {"_id": In(ids)}, limit=PAGE)}
                for row in told:
                    about = row["type"], row["key"]
                    if row["event_id"] not in received:
                        missed[row["event_id"]] = about, row["_id"]
                    else:
                        newest[about] = max(newest.get(about, 0), row["_id"])
            for id, (about, position) in missed.items():
                # What is internal is told again as things stand now: a newer one says all that this one did.
                if audience is Audience.PUBLIC or newest.get(about, 0) < position:
                    yield f"{service.name}: {id} was never received (parvis replay {publisher.name})"


async def broken_hearsay(service: Service, suite: Mapping[str, Service]) -> AsyncIterator[str]:
    """Events that this service has received and that the journal of who told them does not hold, and is not past either.

    So shows a store that has lost its newest rows, with its write-ahead log or by a backup of its own: all that it still
    has fits together, and others know more. What a person has given up nobody need have told.
    """
    async for page in pages(service.ports.store, INBOX.name):
        heard: dict[tuple[str, Audience], list[str]] = {}
        for row in page:
            teller = str(row["_id"]).partition(".")[0]
            if (
                row.get("state") != "skipped"
                and teller in suite
                and (event := CATALOGUE.get(row.get("type", ""))) is not None
            ):
                heard.setdefault((teller, event.AUDIENCE), []).append(row["_id"])
        for (teller, audience), ids in heard.items():
            journal = suite[teller].ports.store
            where = {"event_id": In(tuple(ids))}
            told = {
                row["event_id"] for row in await journal.find(JOURNALS[audience].name, where, sort=BY_EVENT, limit=PAGE)
            }
            for id in ids:
                if id not in told and not await _was_swept(suite[teller], audience, id):
                    yield f"{teller}: {service.name} has heard {id}, which no journal tells"


async def _was_swept(teller: Service, audience: Audience, id: str) -> bool:
    """Whether an event may have been told and swept since: its aggregate has counted it, or is gone with all of them."""
    if audience is Audience.PUBLIC:
        return False
    first = await teller.ports.store.find(JOURNALS[audience].name, {}, limit=1)
    if not first or first[0]["_id"] == 1:
        return False
    _, collection, rest = id.split(".", 2)
    aggregate, _, sequence = rest.rpartition(".")
    row = await teller.ports.store.get(collection, aggregate)
    return row is None or bool(row["meta"]["sequence"] >= int(sequence))


async def broken_rows(service: Service) -> AsyncIterator[str]:
    """Rows of which the service itself can make nothing."""
    for collection, read in service.readers.items():
        async for row in every(service.ports.store, collection):
            try:
                with reading(collection, row):
                    read(row)
            except UnreadableRow as error:
                yield f"{service.name}: {collection} {row['_id']} cannot be read: {error.reason}"


async def violations(service: Service, suite: Mapping[str, Service]) -> AsyncIterator[str]:
    """Every promise of one service that does not hold; `suite` are all services that are there, this one among them.

    What cannot be read hides what is behind it, and nothing of the rest.
    """
    looks = {
        "outboxes": broken_outboxes(service),
        "rows": broken_rows(service),
        "journals": broken_journals(service),
        "inbox": broken_inbox(service, suite),
        "inbox against the journals": broken_hearsay(service, suite),
    }
    for what, lines in looks.items():
        async for broken in _as_far_as_can_be(f"{service.name}: {what}", lines):
            yield broken
    if service.integrity is not None:
        async for broken in _as_far_as_can_be(
            f"{service.name}: promises",
            service.integrity(Record({name: each.ports.store for name, each in suite.items()})),
        ):
            yield broken if broken.startswith(f"{service.name}: ") else f"{service.name}: {broken}"


async def _as_far_as_can_be(what: str, lines: AsyncIterator[str]) -> AsyncIterator[str]:
    try:
        async for line in lines:
            yield line
    except (PortError, UnreadableRow, *FAULTS) as error:
        why = str(error) if isinstance(error, PortError | UnreadableRow) else type(error).__name__
        yield f"{what} cannot be checked to the end: {why}"
