"""Public events of a subject are numbered without a gap, beside the sequence of all its events."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.clock import FixedClock
from services.chassis.events.aggregates import Aggregates, Decision
from services.chassis.events.journal import Journal
from services.chassis.events.outbox import Outbox, Relay
from services.chassis.events.parking import Parking
from services.chassis.ports import Store
from services.contracts.events.catalogue import Audience, Event
from services.contracts.events.envelope import Envelope
from tests.service.chassis.thing import NOW, Stepped, Thing, Things, command


class Noted(Event, type="tests.thing.noted.v1", key="thing", audience=Audience.INTERNAL):
    """Somebody made a note of the counter."""

    thing: str


class Chatty(Things):
    """Counters that also tell what is nobody's business: a fact is how many steps, or a note if it is negative."""

    def publish(self, id: str, state: Thing, fact: int) -> Sequence[Event]:
        return [Noted(thing=id)] if fact < 0 else [Stepped(thing=id, count=fact)]


async def tell(things: Aggregates[Thing], *domain_events: int) -> None:
    await things.change("a.b", lambda thing: Decision(thing, domain_events), command())


async def relay(store: Store) -> None:
    journals = {audience: Journal(store, audience) for audience in Audience}
    while await Relay(store, Outbox(), ["things"], journals, Parking("tests", store, FixedClock(NOW))).step():
        pass


async def numbers(store: Store) -> list[tuple[str, str | None]]:
    """Sequence and public sequence of every event, as far as they are journaled, in order."""
    rows = [row for name in ("journal", "internal") for row in await store.find(name, {}, limit=1000)]
    envelopes = [Envelope.decode(row["body"].encode()) for row in rows if row["key"].endswith(":a.b")]
    return sorted((envelope.sequence.lstrip("0"), envelope.publicsequence) for envelope in envelopes)


async def test_public_events_are_numbered_without_a_gap_and_others_not_at_all(store: Store) -> None:
    things = Chatty(store, Outbox())
    await things.add("a.b", Decision(Thing("one"), [0, -1]), command())
    await tell(things, -1, 1, -1, 2)
    await tell(things, -1)
    await tell(things, 3)
    await relay(store)
    expected = ["0000000001", None, None, "0000000002", None, "0000000003", None, "0000000004"]
    assert await numbers(store) == [(str(at + 1), number) for at, number in enumerate(expected)]


async def test_what_0_1_0_wrote_is_counted_whether_or_not_it_was_relayed(store: Store) -> None:
    things = Chatty(store, Outbox())
    await things.add("a.b", Decision(Thing("one"), [0, -1, 1]), command())
    await things.add("a.b.1", Decision(Thing("two"), [0]), command())
    await relay(store)
    await tell(things, -1, 2)
    row = await store.get("things", "a.b")
    assert row is not None
    meta = {name: value for name, value in row["meta"].items() if name != "public"}
    old = [{name: value for name, value in entry.items() if name != "publicsequence"} for entry in row["outbox"]]
    assert await store.replace("things", row | {"meta": meta, "outbox": old}, version=row["version"])
    await tell(things, 3)
    await relay(store)
    assert (await numbers(store))[-1] == ("6", "0000000004")
