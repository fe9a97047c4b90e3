"""What a service has positively heard of others: up to which instant it knows all that they have said.

Silence proves nothing: an event may be late, parked or lost. Who acts on the absence of something asks here first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.chassis.broker.signals import publisher_of
from services.chassis.events.inbox import INBOX, POISON
from services.chassis.events.journal import JOURNALS
from services.chassis.ports import MAX_FIND, Collection, Document, DuplicateKey, Scalar, Store
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant

HEARD: Final = Collection("heard")
"""A document per journal of others that the service listens to."""

WAITING: Final = ("pending", "retrying", "blocked", "parked")
MAX_SPANS: Final = 64

Span = tuple[int, int]
"""Two rows of a journal: what stands behind the first, up to and with the second, is known here."""


class Heard:
    """For use cases and timers: whether absence means anything."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def until(self, *events: type[Event]) -> datetime | None:
        """The instant up to which all that was caused of these types has been received and applied here.

        None if that is not known, or as long as one of them waits in the inbox, for whatever reason.
        """
        known = []
        for name in sorted({journal_of(event) for event in events}):
            there = await self._store.get(HEARD.name, name)
            if there is None or not there["until"]:
                return None
            known.append(instant(there["until"]))
        if not known or await self._waits({event.TYPE for event in events}):
            return None
        return min(known)

    async def everything(self, *events: type[Event], until: datetime) -> bool:
        """Whether all that was caused of these types up to an instant has been received and applied here."""
        known = await self.until(*events)
        return known is not None and known >= until

    async def _waits(self, types: set[str]) -> bool:
        for state in WAITING:
            after: Sequence[Scalar | None] | None = None
            while page := await self._store.find(
                INBOX.name, {"state": state}, sort=(("received", 1),), limit=MAX_FIND, after=after
            ):
                if any(row["type"] in types or row["type"] == POISON for row in page):
                    return True
                after = (page[-1]["received"], page[-1]["_id"])
        return False


def journal_of(event: type[Event]) -> str:
    """The journal in which events of a type stand, by its publisher and its name there."""
    return f"{publisher_of(event.TYPE)}.{JOURNALS[event.AUDIENCE].name}"


@dataclass(slots=True)
class Hearing:
    """What is known here of one journal: which of its rows, by type, and the instant up to which they are all there are."""

    spans: dict[str, list[Span]] = field(default_factory=dict)
    until: str = ""
    version: int = 0

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

    def join(self, other: Hearing) -> None:
        """Know what another process has found as well: both speak of the same inbox."""
        for type, spans in other.spans.items():
            for after, position in spans:
                self.add(type, after, position)
        self.until = max(self.until, other.until)
        self.version = other.version


async def load(store: Store, journal: str) -> Hearing:
    """What was kept of a journal."""
    there = await store.get(HEARD.name, journal)
    if there is None:
        return Hearing()
    spans = {type: [(low, high) for low, high in spans] for type, spans in there["spans"]}
    return Hearing(spans, there["until"], there["version"])


async def keep(store: Store, journal: str, hearing: Hearing) -> None:
    """Keep it, together with what another process has kept meanwhile."""
    while True:
        version = hearing.version
        document: Document = {
            "_id": journal,
            "version": version + 1,
            "spans": [[type, [list(span) for span in spans]] for type, spans in sorted(hearing.spans.items())],
            "until": hearing.until,
        }
        if await _put(store, document, version):
            hearing.version = version + 1
            return
        hearing.join(await load(store, journal))


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
