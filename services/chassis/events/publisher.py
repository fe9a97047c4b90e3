"""The publisher: follows a journal with a cursor, and tells what it holds by the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from services.chassis.events.journal import READ, Journal, JournalEntry
from services.chassis.events.leases import Lease
from services.chassis.events.parking import Parking
from services.chassis.events.traces import publishing
from services.chassis.failpoints import failpoint
from services.chassis.ports import (
    Broker,
    BrokerUnavailable,
    Clock,
    Collection,
    Document,
    DuplicateKey,
    Message,
    Place,
    Store,
    StoreUnavailable,
)
from services.chassis.retries import Retries
from services.chassis.store.rows import UnreadableRow
from services.chassis.telemetry import metrics
from services.contracts.backoff import Backoff
from services.contracts.instants import instant_text

log = structlog.get_logger()

CURSORS: Final = Collection("cursors")

LOOKS: Final = Backoff(timedelta(milliseconds=20), timedelta(milliseconds=500))
"""Seconds until a publisher looks for what another process has added; what this one adds wakes it."""

ALONE: Final = Backoff(LOOKS.first, timedelta(seconds=3))
"""The same where no other process adds any."""

STAND_BY: Final = 0.5
"""Seconds until who does not publish asks again whether to; its own news are for the one who does."""

KEEP_SECONDS: Final = 0.05
"""How far the cursor may stay behind what is confirmed while there is always something to publish."""


def publisher_name(journal: str) -> str:
    """Under which name the publisher of a journal keeps its cursor and its lease."""
    return f"publisher-{journal}"


@dataclass(slots=True)
class Progress:
    """How far a journal is published: every row up to `position` is confirmed.

    `heads` are the newest of those rows by type; of a type not named there is none behind `floor`.
    """

    position: int = 0
    heads: dict[str, int] = field(default_factory=dict)
    floor: int = 0

    def head(self, type: str) -> int:
        """The newest confirmed row of a type, or a row behind which there is none."""
        return self.heads.get(type, self.floor)

    def pass_over(self, entry: JournalEntry) -> None:
        """Go on behind a row that cannot be read, so that nobody takes what comes next for the next of its type.

        Who hears that misses a row, and as long as it cannot be told nobody claims to have heard everything.
        """
        self.position = entry.position
        if entry.type:
            self.heads[entry.type] = entry.position
        else:
            self.heads, self.floor = {}, entry.position


def progress_of(cursor: Document | None) -> Progress:
    """What a publisher's cursor says; one of the first release names no heads."""
    if cursor is None:
        return Progress()
    position = int(cursor["position"])
    return Progress(position, dict(cursor.get("heads", ())), cursor.get("floor", position))


async def is_published(store: Store, journal: Journal, key: str) -> bool:
    """Whether all that a journal has of one key was confirmed by the broker, as far as the publisher's cursor says."""
    cursor = await store.get(CURSORS.name, publisher_name(journal.collection))
    return await journal.newest(key) <= progress_of(cursor).position


class Publisher:
    """Follows one journal and publishes it, in order, moving its cursor only past what the broker has confirmed."""

    def __init__(
        self,
        service: str,
        store: Store,
        broker: Broker,
        journal: Journal,
        lease: Lease,
        *,
        parking: Parking,
        alone: bool = False,
        looks: Backoff | None = None,
    ) -> None:
        """A row that cannot be read is parked, and passed over. `alone`: there is no other process of the service.

        `looks` are the spans until it looks for what nobody told it of, those of `alone` where they are not given.
        """
        self._store = store
        self._broker = broker
        self._journal = journal
        self._lease = lease
        self._parking = parking
        self._alone = alone
        self._looks = looks or (ALONE if alone else LOOKS)
        self._name = publisher_name(journal.collection)
        self._lag = metrics.JOURNAL_LAG.labels(service, journal.collection)
        self._news = journal.listen()
        self._at: Progress | None = None
        self._kept = 0
        self._keep_at = 0.0
        self._looks_soon = False

    async def run(self) -> None:
        """Publish while holding the lease, until cancelled; whatever fails is tried again from the cursor."""
        loop, retries, idle = asyncio.get_running_loop(), Retries(), 0
        while True:
            try:
                if not self._lease.is_fresh():
                    await self._keep()
                    self._at = None  # somebody else may move it meanwhile
                if await self._lease.hold():
                    moved = await self._publish()
                else:
                    moved, self._looks_soon = 0, False
                    self._lag.set(0)  # it is another's now
                    await asyncio.sleep(STAND_BY)
                if not moved or loop.time() >= self._keep_at:
                    await self._keep()
                retries.succeeded()
            except (StoreUnavailable, BrokerUnavailable) as error:
                self._at = None
                failures = retries.failures + 1
                log.warning("publisher.unavailable", journal=self._name, error=type(error).__name__, failures=failures)
                await retries.pause()
                continue
            if moved >= READ:
                continue
            idle = 1 if self._looks_soon else idle + 1
            look_at = loop.time() + min(self._looks.after(idle), self._lease.look_within).total_seconds()
            if self._at is not None and self._at.position != self._kept:
                look_at = min(look_at, self._keep_at)  # who waits until all is published reads the cursor
            try:
                async with asyncio.timeout_at(look_at):
                    await self._news.wait()
            except TimeoutError:
                continue
            self._news.clear()

    async def step(self) -> int:
        """Publish the next rows behind the cursor, and move it; answer how many were confirmed."""
        moved = await self._publish()
        await self._keep()
        return moved

    async def _publish(self) -> int:
        """Publish the next rows; answer how many were confirmed.

        Two events of one key are never under way together, so a lost one cannot be overtaken by its successor.
        """
        self._news.clear()
        if self._at is None:
            self._at = progress_of(await self._store.get(CURSORS.name, self._name))
            self._kept = self._at.position
        at = self._at
        at_hand = self._journal.has_at_hand(at.position + 1)
        entries = await self._journal.read(at.position)
        self._looks_soon = bool(entries) and not at_hand
        self._lag.set(len(entries))
        moved = 0
        for wave in waves(entries):
            if not wave[0].is_readable:
                await self._park(wave[0])
                at.pass_over(wave[0])
                moved += 1
                continue
            with publishing(wave):
                confirmed = await self._confirmed(messages(wave, self._journal.audience.value, at.head))
            failpoint("publisher.confirmed")
            for entry in wave[:confirmed]:
                at.position = at.heads[entry.type] = entry.position
            moved += confirmed
            if confirmed < len(wave):
                self._looks_soon = True
                break
        return moved

    async def _park(self, entry: JournalEntry) -> None:
        error = UnreadableRow(self._journal.collection, entry.position, "unreadable")
        await self._parking.defer(self._name, str(entry.position), error)

    def is_first_of_many(self) -> bool:
        """Whether other processes of the service may add rows, and it is this one that publishes them."""
        return not self._alone and self._lease.is_held()

    def standing(self) -> Progress | None:
        """How far it is, if this is the process that publishes."""
        if self._at is None or not self._lease.is_fresh():
            return None
        return Progress(self._at.position, dict(self._at.heads), self._at.floor)

    async def _confirmed(self, messages: Sequence[Message]) -> int:
        try:
            return await self._broker.publish(messages)
        except BrokerUnavailable:
            await self._keep()  # what was confirmed before need not be told again
            raise

    async def position(self) -> int:
        """Where the cursor stands: every row up to here is confirmed."""
        return progress_of(await self._store.get(CURSORS.name, self._name)).position

    async def sweep(self, clock: Clock, keep: timedelta) -> int:
        """Sweep the journal of rows that are published and older than `keep`."""
        return await self._journal.sweep(await self.position(), instant_text(clock.now() - keep))

    async def release(self) -> None:
        """Let another process publish at once."""
        await self._keep()
        await self._lease.release()

    async def _keep(self) -> None:
        """Move the cursor behind what is confirmed; if another publisher has moved it meanwhile, it is read again."""
        old, at = self._kept, self._at
        self._keep_at = asyncio.get_running_loop().time() + KEEP_SECONDS
        if at is None or at.position == old:
            return
        self._at = None
        cursor = {
            "_id": self._name,
            "version": at.position,
            "position": at.position,
            "heads": [list(head) for head in at.heads.items()],
            "floor": at.floor,
        }
        if old == 0:
            try:
                await self._store.insert(CURSORS.name, cursor)
            except DuplicateKey:
                return
        elif not await self._store.replace(CURSORS.name, cursor, version=old):
            return
        self._at, self._kept = at, at.position


def waves(entries: Sequence[JournalEntry]) -> list[list[JournalEntry]]:
    """Cut into runs in which no key stands twice; a row that cannot be read stands alone."""
    runs: list[list[JournalEntry]] = []
    keys: set[str] = set()
    for entry in entries:
        if not runs or entry.key in keys or not (entry.is_readable and runs[-1][-1].is_readable):
            runs.append([])
            keys = set()
        keys.add(entry.key)
        runs[-1].append(entry)
    return runs


def messages(
    entries: Sequence[JournalEntry], exchange: str, head: Callable[[str], int], routing_key: str | None = None
) -> list[Message]:
    """Rows for a broker, each with its place; `head` is the row of a type that came before these."""
    before: dict[str, int] = {}
    out = []
    for entry in entries:
        place = Place(entry.type, before.get(entry.type, head(entry.type)), entry.position)
        before[entry.type] = entry.position
        out.append(Message(exchange, routing_key or entry.type, entry.body, entry.event_id, place=place))
    return out
