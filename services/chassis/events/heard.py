"""What a service has positively heard of others: up to which instant it knows all that they have said.

Silence proves nothing: an event may be late, parked or lost. Who acts on the absence of something asks here first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final

from services.chassis.broker.signals import publisher_of
from services.chassis.events.journal import JOURNALS
from services.chassis.events.received import INBOX, POISON, STATES, UNREADABLE, forget_done
from services.chassis.events.witness import Witness
from services.chassis.ports import MAX_FIND, Clock, Collection, Document, DuplicateKey, Range, Scalar, Sort, Store
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

HEARD: Final = Collection("heard")
"""A document per journal of others that the service listens to."""

WAITING: Final = ("pending", "retrying", "blocked", "parked")
BY_STATE: Final[Sort] = (("state", 1), ("received", 1))
MAX_SPANS: Final = 64
TRUST: Final = "trust"
"""The order to believe a journal again that tells another past than was heard of it; all others name a type."""

Span = tuple[int, int]
"""Two rows of a journal: what stands behind the first, up to and with the second, is known here."""


class Heard:
    """For use cases and timers: whether absence means anything."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._witness = Witness(store, clock)

    async def until(self, *events: type[Event]) -> datetime | None:
        """The instant up to which all that was caused of these types has been received and applied here.

        None if that is not known, or as long as one of them waits in the inbox, for whatever reason; also as long as one of
        the journals tells another past than was heard, or of a time that has not come. Never later than the clock is
        believed.
        """
        known = [await self._witness.until()]
        for name in sorted({journal_of(event) for event in events}):
            hearing = await load(self._store, name)
            if not hearing.is_sound or not "" < hearing.until <= instant_text(self._clock.now()):
                return None
            known.append(instant(hearing.until))
        if not events or await self._waits({event.TYPE for event in events}):
            return None
        return min(known)

    async def everything(self, *events: type[Event], until: datetime) -> bool:
        """Whether all that was caused of these types up to an instant has been received and applied here."""
        known = await self.until(*events)
        return known is not None and known >= until

    async def _waits(self, types: set[str]) -> bool:
        """Whether there is one of these types, or something of which not even that can be read, that was not applied."""
        if await self._has_unknown_state():
            return True
        types = types | {POISON, UNREADABLE}
        for state in WAITING:
            after: Sequence[Scalar | None] | None = None
            while page := await self._store.find(
                INBOX.name, {"state": state}, sort=(("received", 1),), limit=MAX_FIND, after=after
            ):
                if any(not isinstance(row.get("type"), str) or row["type"] in types for row in page):
                    return True
                after = (page[-1].get("received"), page[-1]["_id"])
        return False

    async def _has_unknown_state(self) -> bool:
        """Whether a row has lost its state, so that nobody who looks for a state finds it."""
        first = await self._store.find(INBOX.name, {}, sort=BY_STATE, limit=1)
        if first and not isinstance(first[0].get("state"), str):
            return True
        names = ["", *sorted(STATES), "\U0010ffff"]
        spans = [{"state": Range(gt=low, lt=high)} for low, high in pairwise(names)]
        return any([await self._store.find(INBOX.name, where, sort=BY_STATE, limit=1) for where in spans])


def journal_of(event: type[Event]) -> str:
    """The journal in which events of a type stand, by its publisher and its name there."""
    return f"{publisher_of(event.TYPE)}.{JOURNALS[event.AUDIENCE].name}"


@dataclass(slots=True)
class Hearing:
    """What is known here of one journal: which of its rows, by type, and the instant up to which they are all there are.

    `went_back` is when it was seen to be shorter than what was heard of it: it was put back to an earlier state, and bears
    new events under old numbers, until a person has dealt with it. `orders` are what a person wants done with what is
    known, by whoever hears.
    """

    spans: dict[str, list[Span]] = field(default_factory=dict)
    until: str = ""
    version: int = 0
    went_back: str = ""
    orders: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether what is known can prove something."""
        return not self.went_back and not self.orders

    def reached(self, type: str) -> int:
        """The row up to which everything of a type was received."""
        first = self.spans.get(type, [(0, 0)])[0]
        return first[1] if first[0] == 0 else 0

    def add(self, type: str, after: int, position: int) -> bool:
        """Note that there is nothing of a type between two rows but what is here; answer whether that was news."""
        before = self.spans.get(type, [])
        merged: list[Span] = []
        for low, high in sorted([*before, (after, max(after, position))]):
            if merged and low <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        self.spans[type] = merged[:MAX_SPANS]
        return self.spans[type] != before

    def forget(self, type: str) -> None:
        """Know nothing of a type."""
        self.spans.pop(type, None)

    def doubt(self, moment: str) -> None:
        """Know nothing any more, since the journal tells another past, as was seen at a moment; until a person trusts it."""
        self.spans, self.until, self.went_back = {}, "", self.went_back or moment

    def join(self, other: Hearing) -> None:
        """Know what another process has found as well: both speak of the same inbox; and do what a person has ordered."""
        for type, spans in other.spans.items():
            for after, position in spans:
                self.add(type, after, position)
        self.until = max(self.until, other.until)
        self.went_back = self.went_back or other.went_back
        self.version = other.version
        for order in other.orders:
            self.until = ""
            if order == TRUST:
                self.went_back = ""
            else:
                self.forget(order)


async def load(store: Store, journal: str) -> Hearing:
    """What was kept of a journal."""
    there = await store.get(HEARD.name, journal)
    if there is None:
        return Hearing()
    spans = {type: [(low, high) for low, high in spans] for type, spans in there["spans"]}
    orders = tuple(there.get("orders", ()))
    return Hearing(spans, there["until"], there["version"], there.get("went_back", ""), orders)


async def keep(store: Store, journal: str, hearing: Hearing) -> None:
    """Keep it, together with what another process has kept meanwhile."""
    while True:
        version = hearing.version
        if await _put(store, _document(journal, hearing), version):
            hearing.version = version + 1
            return
        hearing.join(await load(store, journal))


async def order(store: Store, journal: str, *orders: str) -> None:
    """Have whoever hears of a journal forget these types, so that they are told again, or `TRUST` it.

    Nothing is proved by what is known of the journal until that is done.
    """
    while True:
        there = await load(store, journal)
        there.orders = tuple(dict.fromkeys((*there.orders, *orders)))
        if await _put(store, _document(journal, there), there.version):
            return


async def hear_again(store: Store, *events: type[Event]) -> None:
    """Have all events of these public types told and applied once more: a release before this one kept less of them."""
    types = types_by_journal(events)
    await forget_done(store, frozenset().union(*types.values()))
    for journal, names in types.items():
        await order(store, journal, *sorted(names))


def _document(journal: str, hearing: Hearing) -> Document:
    document: Document = {
        "_id": journal,
        "version": hearing.version + 1,
        "spans": [[type, [list(span) for span in spans]] for type, spans in sorted(hearing.spans.items())],
        "until": hearing.until,
    }
    if hearing.went_back:
        document["went_back"] = hearing.went_back
    if hearing.orders:
        document["orders"] = list(hearing.orders)
    return document


async def _put(store: Store, document: Document, version: int) -> bool:
    if version:
        return await store.replace(HEARD.name, document, version=version)
    try:
        await store.insert(HEARD.name, document)
    except DuplicateKey:
        return False
    return True


def types_by_journal(events: Iterable[type[Event]]) -> dict[str, frozenset[str]]:
    """The types that a service listens to, by the journal in which they stand."""
    found: dict[str, set[str]] = {}
    for event in events:
        found.setdefault(journal_of(event), set()).add(event.TYPE)
    return {journal: frozenset(types) for journal, types in found.items()}


def may_be_of(row: Document, events: Sequence[type[Event]]) -> dict[str, frozenset[str]]:
    """The types that a row of the inbox, of which not all can be read, may be of: its own, or all of who told it."""
    own = [event for event in events if row.get("type") == event.TYPE]
    teller = publisher_of(str(row["_id"]))
    return types_by_journal(own or [event for event in events if publisher_of(event.TYPE) == teller])
