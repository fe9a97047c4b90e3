"""The relay: moves events out of the aggregates' outboxes into the service's journals, gapless and in order per key."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Final

import structlog

from services.chassis.events.journal import Journal
from services.chassis.events.parking import Parking
from services.chassis.events.traces import relaying
from services.chassis.failpoints import failpoint
from services.chassis.ports import Document, Index, Range, Store, StoreUnavailable
from services.chassis.retries import Retries
from services.chassis.store.rows import UnreadableRow, every, reading
from services.chassis.telemetry import metrics
from services.contracts.events.catalogue import CATALOGUE, Audience
from services.contracts.events.envelope import Envelope

log = structlog.get_logger()

BATCH: Final = 128
POLL_SECONDS: Final = 1.0
SELDOM_SECONDS: Final = 5.0
"""Until it is looked for what was left behind where nobody else leaves any, or another process looks sooner."""
MAX_TOLD: Final = 6400
"""Aggregates that are told and not yet relayed; more are found by polling."""
HELD: Final = 256
"""As many of them wait with their documents; the others' are read from the store."""
CLEAR_SECONDS: Final = 0.05
"""How long outboxes whose events are journaled may wait to be emptied together."""
REMEMBERED: Final = 10_000
"""Relayed events of which a process knows that they are; some hundred bytes each."""
OUTBOX_INDEX: Final = Index("outbox", ("outbox_at",))
"""Every collection of aggregates declares it."""


WORK: Final = "relay"
"""Under this name documents are parked whose outbox cannot be read."""


class Outbox:
    """Between repositories and the relay of one process: which aggregates have events to relay, and which are relayed.

    An aggregate that changes all the time is never found unchanged by a relay that wants to empty its outbox; its next
    change leaves out what is known here to be in a journal.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], Document | None] = {}
        self._relayed: dict[str, None] = {}
        self.wake = asyncio.Event()

    def tell(self, collection: str, document: Document) -> None:
        """Say that this aggregate, just saved so, has events to relay; never blocks.

        More than can be kept are found by polling.
        """
        if len(self._told) < MAX_TOLD:
            self._told[collection, document["_id"]] = document if len(self._told) < HELD else None
        self.wake.set()

    def take(self, limit: int) -> list[tuple[str, str, Document | None]]:
        """What was told first, at most `limit` of it: collection, id, and the document if it was held."""
        taken = list(itertools.islice(self._told, limit))
        return [(*told, self._told.pop(told)) for told in taken]

    def note_relayed(self, ids: Iterable[str]) -> None:
        """Say that these events are in a journal; the oldest of very many are forgotten."""
        for id in ids:
            self._relayed.pop(id, None)
            self._relayed[id] = None
        for id in list(itertools.islice(self._relayed, max(0, len(self._relayed) - REMEMBERED))):
            del self._relayed[id]

    def is_relayed(self, id: str) -> bool:
        """Whether this event is known to be in a journal; it may be in one without that."""
        return id in self._relayed

    def __bool__(self) -> bool:
        return bool(self._told)


class Relay:
    """Every replica relays what it saved at once, and by polling what others left behind; two at once do no harm."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        collections: Sequence[str],
        journals: Mapping[Audience, Journal],
        parking: Parking,
        *,
        pause: float = 0.0,
        looks_often: Callable[[], bool] = lambda: True,
    ) -> None:
        """`pause` in seconds slows every round, to rehearse a lagging relay. What cannot be read is parked as `WORK`.

        `looks_often` says whether it is this process that looks every second for what others left behind.
        """
        self._store = store
        self._collections = tuple(collections)
        self._journals = journals
        self._parking = parking
        self._pause = pause
        self._looks_often = looks_often
        self._outbox = outbox
        self._journaled: dict[tuple[str, str], Document] = {}
        self._clear_at = 0.0
        self._look_at = 0.0

    def look(self) -> None:
        """Let `run` look at once for what others have left behind, not only when it would next do so."""
        self._look_at = 0.0
        self._outbox.wake.set()

    async def run(self) -> None:
        """Relay until cancelled; a failing store is tried again, with pauses that grow."""
        loop, retries = asyncio.get_running_loop(), Retries()
        self._look_at = 0.0  # who is started again has lost what it was told
        while True:
            try:
                moved = await self._relay_told()
                if self._journaled and (loop.time() >= self._clear_at or len(self._journaled) >= BATCH):
                    await self._clear_journaled()
                if loop.time() >= self._look_at:
                    self._look_at = loop.time() + (POLL_SECONDS if self._looks_often() else SELDOM_SECONDS)
                    if found := await self._relay_found():
                        self._look_at = 0.0
                    moved += found
                retries.succeeded()
            except StoreUnavailable as error:
                self._look_at = 0.0
                log.warning("relay.store-unavailable", error=type(error).__name__, failures=retries.failures + 1)
                await retries.pause()
                continue
            if not moved and not self._outbox:
                self._outbox.wake.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(
                        min(self._look_at, self._clear_at) if self._journaled else self._look_at
                    ):
                        await self._outbox.wake.wait()

    async def step(self) -> int:
        """Relay one batch of what was told, or else of what can be found; answer how many events were moved."""
        moved = await self._relay_told()
        await self._clear_journaled()
        return moved or await self._relay_found()

    async def _relay_told(self) -> int:
        if self._pause:
            await asyncio.sleep(self._pause)
        told = self._outbox.take(BATCH)
        if not told:
            return 0
        found = await asyncio.gather(*(self._told_document(*each) for each in told))
        batch = [(told[at][0], document) for at, document in enumerate(found) if document and document.get("outbox")]
        moved, batch = await self._journal(batch)
        if not self._journaled:
            self._clear_at = asyncio.get_running_loop().time() + CLEAR_SECONDS
        self._journaled |= {(collection, document["_id"]): document for collection, document in batch}
        return moved

    async def _told_document(self, collection: str, id: str, held: Document | None) -> Document | None:
        """What was saved, as long as it is at hand: what has come on top since is told as well, or found."""
        return held or await self._store.get(collection, id)

    async def _relay_found(self) -> int:
        await self._clear_journaled()
        moved = 0
        known: dict[str, Document] | None = None
        for collection in self._collections:
            batch: list[tuple[str, Document]] = []
            waiting = every(self._store, collection, {"outbox_at": Range(gt="")}, sort=(("outbox_at", 1),), page=BATCH)
            async with aclosing(waiting):
                async for document in waiting:
                    if known is None:  # mostly nothing waits
                        known = await self._parking.known(WORK)
                    if not self._parking.is_put_off(known.get(_item(collection, document))):
                        batch.append((collection, document))
                    if len(batch) == BATCH:
                        break
            relayed, batch = await self._journal(batch)
            moved += relayed
            await self._clear(batch)
        return moved

    async def _journal(self, batch: Sequence[tuple[str, Document]]) -> tuple[int, list[tuple[str, Document]]]:
        """Add their events to the journals; answer how many, and of which documents: one that cannot be read is parked."""
        by_audience: dict[Audience, list[Envelope]] = {}
        done: list[tuple[str, Document]] = []
        for collection, document in batch:
            try:
                envelopes = self._envelopes(collection, document)
            except UnreadableRow as error:
                await self._parking.defer(WORK, _item(collection, document), error)
                continue
            done.append((collection, document))
            for envelope in envelopes:
                by_audience.setdefault(CATALOGUE[envelope.type].AUDIENCE, []).append(envelope)
        for audience, envelopes in by_audience.items():
            with relaying(envelopes):
                await self._journals[audience].append(envelopes)
            self._outbox.note_relayed(envelope.id for envelope in envelopes)
        failpoint("relay.journaled")
        count = sum(map(len, by_audience.values()))
        metrics.EVENTS_RELAYED.inc(count)
        return count, done

    def _envelopes(self, collection: str, document: Document) -> list[Envelope]:
        """The events of one document that are not known to be journaled; raises UnreadableRow."""
        with reading(collection, document):
            envelopes = [
                Envelope.stored(entry) for entry in document["outbox"] if not self._outbox.is_relayed(entry["id"])
            ]
            if unknown := [envelope.type for envelope in envelopes if envelope.type not in CATALOGUE]:
                raise LookupError(unknown[0])
        return envelopes

    async def _clear_journaled(self) -> None:
        journaled, self._journaled = self._journaled, {}
        if journaled:
            await self._clear([(collection, document) for (collection, _), document in journaled.items()])

    async def _clear(self, batch: Sequence[tuple[str, Document]]) -> None:
        """Empty the outboxes without a new version; where a command came between, the next round or command does it."""
        cleared: dict[str, list[Document]] = {}
        for collection, document in batch:
            kept = {name: value for name, value in document.items() if name != "outbox_at"}
            cleared.setdefault(collection, []).append(kept | {"outbox": []})
        for collection, documents in cleared.items():
            await self._store.refresh(collection, documents)
        failpoint("relay.cleared")


async def waits(store: Store, parking: Parking, collection: str, since: Range) -> bool:
    """Whether documents of a collection wait for the relay since an instant, other than those that are parked."""
    waiting = await store.count(collection, {"outbox_at": since})
    if not waiting:
        return False
    parked = await parking.known(WORK)
    return waiting > sum(item.startswith(f"{collection}:") for item in parked)


def _item(collection: str, document: Document) -> str:
    return f"{collection}:{document['_id']}"
