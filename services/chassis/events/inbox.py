"""The inbox: every event received once, applied in order per key, tried again, and at worst parked with its key alone.

States of a row: `pending` (to apply) -> `done`; on failure `retrying` (until `due_at`) -> `parked` (a person must look),
and what comes behind it under the same key is `blocked`; a person may also say `skipped`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog
from pydantic import ValidationError

from services.chassis.clock import beyond
from services.chassis.context import CommandContext, acting_service
from services.chassis.events import heard
from services.chassis.events.leases import Lease
from services.chassis.events.received import (
    CONFLICT,
    INBOX,
    POISON,
    UNREADABLE,
    event_row,
    is_unreadable,
    keys_in,
    next_version,
    sweep_done,
)
from services.chassis.events.receiving import Receiver
from services.chassis.events.traces import applying
from services.chassis.events.waiting import AppliedEvents
from services.chassis.failpoints import failpoint
from services.chassis.ports import (
    Clock,
    Document,
    Message,
    MessageHandler,
    PortError,
    Range,
    Store,
    StoreUnavailable,
)
from services.chassis.retries import Retries
from services.chassis.store.rows import UnreadableRow, reading
from services.chassis.telemetry import metrics
from services.contracts.backoff import Backoff
from services.contracts.events.catalogue import Audience, Event
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text

log = structlog.get_logger()

BATCH: Final = 256
WORKERS: Final = 32
POLL_SECONDS: Final = 0.5
QUIET: Final = Backoff(timedelta(seconds=POLL_SECONDS), timedelta(seconds=2))
"""Until who applies looks for what no message has told of, while nothing comes and nothing waits for another try."""
MAX_ATTEMPTS: Final = 10
"""Failures of one event, other than waiting for the world or for another event, before it is parked."""
PAUSES: Final = Backoff(timedelta(milliseconds=100), timedelta(seconds=60))
COUNT_SECONDS: Final = 5.0
"""How old the number of parked events may be that the metrics show, if others free them."""
KEEP_DONE: Final = timedelta(days=30)
"""How long an applied event's row stays in the inbox; a `Parvis-Seen` older than this counts as applied."""

Apply = Callable[[Any, CommandContext], Awaitable[None]]
"""A use case that applies one event: its data (the model that the table names) and the circumstances."""


class NotYet(Exception):
    """The event cannot be applied before another one has been; try later, however long it takes."""


class _Overtaken(Exception):
    """Another process has dealt with the row meanwhile: it applies now what comes under that key."""


class Inbox:
    """What one service has received, and the workers that apply it, in the one process that holds the lease."""

    def __init__(
        self, service: str, store: Store, clock: Clock, subscriptions: Mapping[type[Event], Apply], lease: Lease
    ) -> None:
        self._service = service
        self._store = store
        self._clock = clock
        self._table = {event.TYPE: (event, apply) for event, apply in subscriptions.items()}
        self._lease = lease
        self._holds, self._lost = asyncio.Event(), asyncio.Event()
        self._stopped_keys: set[str] = set()
        self._looked_at = float("-inf")
        self._count_at = float("-inf")
        self._full = False
        self._wake = asyncio.Event()
        self._receiver = Receiver(service, store, clock, self._table.keys(), wake=self._wake, stopped=self._stopped)
        self._waiting = AppliedEvents(store)

    # --- receiving ----------------------------------------------------------------------------------------------

    async def listen(self, consume: Callable[[MessageHandler], AbstractAsyncContextManager[None]]) -> None:
        """Receive for as long as this is the process that applies, until cancelled: who hears also does, at once."""
        while True:
            await self._holds.wait()
            async with consume(self.receive):
                await self._lost.wait()

    async def receive(self, message: Message) -> None:
        """Keep one message of the broker; when this returns it is safe here, and known if it comes again."""
        await self._receiver.receive(message)

    def _stopped(self, key: str | None) -> None:
        """Something was parked as it came, and with it perhaps a key."""
        if key is not None:
            self._stopped_keys.add(key)
        self._count_at = float("-inf")

    # --- applying -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Apply what is here until cancelled."""
        retries, quiet = Retries(), 0
        while True:
            self._wake.clear()
            try:
                applied = await self.step()
                retries.succeeded()
            except StoreUnavailable as error:
                log.warning("inbox.store-unavailable", service=self._service, error=type(error).__name__)
                await retries.pause()
                continue
            quiet = 1 if applied or self._stopped_keys or not self._holds.is_set() else quiet + 1
            if not applied or not (self._wake.is_set() or self._full):
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(QUIET.after(quiet), self._lease.look_within).total_seconds()):
                        await self._wake.wait()

    async def step(self) -> int:
        """Apply one batch if the lease is here, keys side by side, each in order; answer how many were applied."""
        if not await self._hold():
            return 0
        await self._release_due()
        await self._count_parked()
        rows = await self._store.find(INBOX.name, {"state": "pending"}, sort=(("received", 1),), limit=BATCH)
        self._full = len(rows) == BATCH
        metrics.INBOX_PENDING.labels(self._service).set(len(rows))
        by_key: dict[str, list[Document]] = {}
        for row in rows:
            if isinstance(row.get("key"), str):
                by_key.setdefault(row["key"], []).append(row)
            else:
                await self._park_unreadable(row)
        slots = asyncio.Semaphore(WORKERS)

        async def work(key: str, rows: list[Document]) -> int:
            async with slots:
                return await self._apply_key(key, sorted(rows, key=lambda row: str(row.get("sequence", ""))))

        return sum(await asyncio.gather(*(work(key, rows) for key, rows in by_key.items())))

    async def _hold(self) -> bool:
        if self._lease.is_fresh():
            return True
        if await self._lease.hold():
            # Another process may have applied, or a person have set keys free, unnoticed here.
            self._stopped_keys = await keys_in(self._store, "retrying", "parked")
            for key in await keys_in(self._store, "blocked") - self._stopped_keys:
                await self._unblock(key)
            self._lost.clear()
            self._holds.set()
        else:
            self._stand_back()
        return self._holds.is_set()

    def _stand_back(self) -> None:
        self._holds.clear()
        self._lost.set()
        metrics.INBOX_PENDING.labels(self._service).set(0)
        metrics.INBOX_PARKED.labels(self._service).set(0)

    async def _release_due(self) -> None:
        """Let keys go on whose first event has waited long enough, or which a person has set free."""
        if not self._stopped_keys:
            return
        now = self._clock.now()
        for due_at in (Range(le=instant_text(now)), Range(gt=instant_text(beyond(now, PAUSES.longest)))):
            due = await self._store.find(
                INBOX.name, {"state": "retrying", "due_at": due_at}, sort=(("due_at", 1),), limit=BATCH
            )
            for row in due:
                await self._let_go(row)
        if asyncio.get_running_loop().time() - self._looked_at >= POLL_SECONDS:
            self._looked_at = asyncio.get_running_loop().time()
            for key in self._stopped_keys - await keys_in(self._store, "retrying", "parked"):
                await self._unblock(key)

    async def _let_go(self, row: Document) -> None:
        await self._store.replace(INBOX.name, row | next_version(row, state="pending"), version=row["version"])
        await self._unblock(row.get("key", ""))

    async def _count_parked(self) -> None:
        loop_time = asyncio.get_running_loop().time()
        if loop_time >= self._count_at:
            metrics.INBOX_PARKED.labels(self._service).set(await self._store.count(INBOX.name, {"state": "parked"}))
            self._count_at = loop_time + COUNT_SECONDS

    async def _unblock(self, key: str) -> None:
        self._stopped_keys.discard(key)
        self._count_at = float("-inf")
        while blocked := await self._store.find(
            INBOX.name, {"key": key, "state": "blocked"}, sort=(("sequence", 1),), limit=BATCH
        ):
            for row in blocked:
                await self._store.replace(INBOX.name, row | next_version(row, state="pending"), version=row["version"])

    async def _apply_key(self, key: str, rows: Sequence[Document]) -> int:
        applied = 0
        for row in rows:
            if key in self._stopped_keys:
                await self._store.replace(INBOX.name, row | next_version(row, state="blocked"), version=row["version"])
                continue
            try:
                applied += await self._apply(row)
            except _Overtaken:
                break
        return applied

    async def _park_unreadable(self, row: Document) -> None:
        """Name a row that cannot be read; its event can be told again by who published it."""
        named = row | {"state": "parked", "key": f"unreadable:{row['_id']}", "error": UnreadableRow.__name__}
        kept = {"sequence": "0" * 10, "received": instant_text(self._clock.now()), "type": UNREADABLE, "attempts": 0}
        await self._store.replace(INBOX.name, kept | named | next_version(row), version=row["version"])
        self._count_at = float("-inf")
        log.error("inbox.unreadable", service=self._service, event_id=row["_id"])

    async def _keep(self, row: Document, kept: Document) -> None:
        if not await self._store.replace(INBOX.name, kept, version=row["version"]):
            raise _Overtaken

    async def _apply(self, row: Document) -> bool:
        try:
            with reading(INBOX.name, row):
                envelope = Envelope.decode(row["body"].encode())
                event, apply = self._table[row["type"]]
            command = CommandContext(
                now=self._clock.now(),
                correlation=envelope.correlationid,
                actor=acting_service(self._service),
                event=row["_id"],
                # What a person has applied though its number was used before is newer than what bore it.
                sequence=0 if row["_id"].startswith(CONFLICT) else int(envelope.sequence),
                # Each audience has a journal of its own, and order holds within one.
                source=("internal " if event.AUDIENCE is Audience.INTERNAL else "") + envelope.order_key,
            )
            with applying(self._service, envelope) as span:
                await apply(event.model_validate(envelope.data), replace(command, traceparent=span.traceparent))
        except (NotYet, PortError) as error:
            await self._put_off(row, error, counts=False)
            return False
        except Exception as error:  # a handler's own failure: told, tried again, at last parked for a person
            log.exception("inbox.failed", service=self._service, event_type=row.get("type"), event_id=row["_id"])
            await self._put_off(row, error, counts=True)
            return False
        failpoint("inbox.applied")
        kept = {name: value for name, value in row.items() if name not in ("body", "due_at", "error")}
        await self._keep(row, kept | next_version(row, state="done", done_at=instant_text(self._clock.now())))
        metrics.EVENTS_APPLIED.labels(self._service, row["type"]).inc()
        self._waiting.came(row["_id"])
        return True

    async def _put_off(self, row: Document, error: Exception, *, counts: bool) -> None:
        waits = row.get("waits", 0) + 1
        attempts = row.get("attempts", 0) + counts
        parked = attempts >= MAX_ATTEMPTS or isinstance(error, UnreadableRow)  # no time mends it
        defer = next_version(
            row,
            state="parked" if parked else "retrying",
            attempts=attempts,
            waits=waits,
            error=type(error).__name__,
            due_at=instant_text(self._clock.now() + PAUSES.after(waits)),
        )
        await self._keep(row, row | defer)
        self._stopped_keys.add(row["key"])
        if parked:
            self._count_at = float("-inf")
            log.error(
                "inbox.parked", service=self._service, event_type=row.get("type"), event_id=row["_id"], key=row["key"]
            )

    async def release(self) -> None:
        """Let another process apply at once what was applied here."""
        await self._lease.release()

    # --- read your own writes -----------------------------------------------------------------------------------

    def listens_to(self, type: str) -> bool:
        """Whether events of this type are applied here at all."""
        return type in self._table

    async def wait_applied(self, ids: Iterable[str], seconds: float) -> bool:
        """Wait until all these events are applied here; False after `seconds`."""
        return await self._waiting.wait(ids, seconds)

    # --- operations ---------------------------------------------------------------------------------------------

    async def retry(self, id: str) -> bool:
        """Have an event that waits for its next try, or is parked, tried at once; False if it is neither.

        What an older release could not read, and this one can, is received now. What has been damaged here is told again,
        if it is of a public event; of an internal one it is told how things stand now.
        """
        row = await self._store.get(INBOX.name, id)
        if row is not None and is_unreadable(row):
            for journal, types in heard.may_be_of(row, [event for event, _ in self._table.values()]).items():
                await heard.order(self._store, journal, *sorted(types))
        if row is None or row.get("type") != POISON or row.get("state") != "parked":
            return await self._set_free(id, {"state": "pending", "attempts": 0})
        try:
            envelope = Envelope.decode(row["body"].encode())
        except ValidationError:
            return True  # it was tried, and is what it was
        if envelope.type in self._table:
            await self._receiver.keep(event_row(envelope, row["body"].encode(), self._clock.now()))
        return await self._set_free(id, {"state": "done"})

    async def skip(self, id: str) -> bool:
        """Give up an event for ever and let its key go on; False if it neither waits nor is parked."""
        return await self._set_free(id, {"state": "skipped"})

    async def _set_free(self, id: str, changes: Document) -> bool:
        row = await self._store.get(INBOX.name, id)
        if row is None or row.get("state") not in ("retrying", "parked"):
            return False
        kept = {name: value for name, value in row.items() if name != "due_at"}
        free = await self._store.replace(INBOX.name, kept | next_version(row, **changes), version=row["version"])
        self._looked_at = self._count_at = float("-inf")
        self._wake.set()
        return free

    async def sweep(self, keep: timedelta) -> int:
        """Take away rows that were applied longer than `keep` ago; answer how many went."""
        return await sweep_done(self._store, instant_text(self._clock.now() - keep))


__all__ = ["INBOX", "MAX_ATTEMPTS", "Apply", "Inbox", "NotYet"]
