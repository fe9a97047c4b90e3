"""One command = one document update: aggregates with their version, outbox, idempotency keys and applied events.

A service's repository subclasses `Aggregates` and says three things: how its aggregate becomes a document, how a document
becomes its aggregate, and which events its facts are. Saving is compare-and-set on `version`.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, ClassVar, Final, Generic

from services.chassis.context import CommandContext, EventRef
from services.chassis.events import idempotency as memories
from services.chassis.events.decisions import Decision, Outcome, T, Versioned
from services.chassis.events.journal import PUBLIC
from services.chassis.events.outbox import OUTBOX_INDEX, Outbox
from services.chassis.failpoints import failpoint
from services.chassis.ports import (
    MAX_FIND,
    Collection,
    Document,
    DuplicateKey,
    Get,
    Range,
    Scalar,
    Sort,
    Store,
    Where,
)
from services.chassis.store.evolution import FIRST, Upcaster, schema_of, upcast, with_unknown
from services.chassis.store.rows import FAULTS, UnreadableRow, every, in_stretches, readable
from services.contracts.events.catalogue import CATALOGUE, Audience, Event
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text
from services.contracts.refusals import BUSY, STALE_VERSION

MAX_TRIES: Final = 50
OWN: Final = frozenset({"_id", "version", "schema", "meta", "outbox", "outbox_at"})
"""The fields of a document that are the chassis's."""


class Aggregates(ABC, Generic[T]):
    """The aggregates of one kind, in one collection of one service's store.

    The first of `upcasters` makes a document of schema 2 of one of schema 1, and so on; their number tells the schema that
    is written. `identities` is that of `evolution.with_unknown`. Of so many `sources` of events, the newest, it is
    remembered what was applied; None: of all, where they are few by nature. `only` is the one aggregate of its kind, if
    there is no other: it may tell of many keys.
    """

    service: ClassVar[str]
    collection: ClassVar[Collection]
    upcasters: ClassVar[Sequence[Upcaster]] = ()
    identities: ClassVar[Mapping[str, str]] = {}
    sources: ClassVar[int | None] = None
    only: ClassVar[str | None] = None

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    @abstractmethod
    def to_document(self, state: T) -> Document:
        """The aggregate's own fields as JSON; those of `OWN` are the chassis's."""

    @abstractmethod
    def from_document(self, document: Document) -> T:
        """The aggregate that `to_document` wrote, or that of a newer release: members that are not known are passed over."""

    def is_emptied(self, state: T) -> bool:
        """Whether nothing of what it was may stay, neither what only a newer release knows."""
        return False

    def admit(self, id: str, command: CommandContext) -> None:
        """Raise what refuses a command on the aggregate of that id, also if there is none yet; here nothing is.

        It is asked before anything is decided, but of no command that was done before: that is answered as it was.
        """
        return

    @abstractmethod
    def publish(self, id: str, state: T, domain_event: Any) -> Sequence[Event]:
        """The events that say a fact to others; state is the one after it."""

    async def get(self, id: str, where: Where | None = None) -> Versioned[T] | None:
        """The aggregate of that id if it also meets `where` (the owner or scope filter, on declared fields)."""
        document = await self.document(id, where)
        return None if document is None else self.loaded(document)

    async def document(self, id: str, where: Where | None = None) -> Document | None:
        """The same as it lies in the store, for a reader to whom the version may be enough; `loaded` makes it whole."""
        return await self._store.get(self.collection.name, id, where)

    def asked(self, id: str, where: Where | None = None) -> Get:
        """The same as a question to be put beside others."""
        return Get(self.collection.name, id, where)

    async def documents(self, *ids: str) -> Sequence[Document | None]:
        """Those of several ids, each in its place, by one way to the store."""
        return await self._store.several(*map(self.asked, ids))

    async def beside(self, id: str, *others: Get) -> tuple[Versioned[T] | None, Sequence[Document | None]]:
        """The aggregate of that id, and what answers other questions to the same store, by one way to it."""
        document, *rows = await self._store.several(self.asked(id), *others)
        return None if document is None else self.loaded(document), rows

    async def find(self, where: Where, **page: Any) -> list[Versioned[T]]:
        """Aggregates by declared indexed fields; `sort`, `limit`, `after` as in the Store port."""
        rows = in_stretches(await self._store.find(self.collection.name, where, **page))
        return [self.loaded(row) async for row in rows]

    async def listed(
        self, where: Where, *, sort: Sort, limit: int, after: Sequence[Scalar | None] | None = None
    ) -> list[Versioned[T]]:
        """The same for somebody who looks: what cannot be read is left out, and told of; others fill its place."""
        found: list[Versioned[T]] = []
        rows = every(self._store, self.collection.name, where, sort=sort, page=limit, after=after)
        async with aclosing(rows):
            async for row in rows:
                found += readable(self.service, self.collection.name, [row], self.loaded)
                if len(found) == limit:
                    break
        return found

    async def add(self, id: str, decision: Decision[T], command: CommandContext) -> Outcome[T]:
        """Store a new aggregate; raises DuplicateKey, also when `id` is taken by another command.

        If `id` is taken by this very command (same idempotency key or same event), its outcome is given again.
        """
        try:
            return await self._insert(Versioned(id, decision.state, 0), decision, command)
        except DuplicateKey:
            there = await self.get(id)
            if there is None or (known := self.earlier(there, command)) is None:
                raise
            return known

    async def change(
        self,
        id: str,
        decide: Callable[[T], Decision[T]],
        command: CommandContext,
        where: Where | None = None,
    ) -> Outcome[T] | None:
        """Load, decide, save; on a race load again and decide anew. None if there is no such aggregate for `where`.

        Raises what `decide` raises; STALE_VERSION if `command.expected` does not show the same; BUSY if it was overtaken;
        KEY_REUSED, TOO_MANY_CHANGES; DuplicateKey.
        """
        for _ in range(MAX_TRIES):
            saved = await self.get(id, where)
            if saved is None:
                self.admit(id, command)
                return None
            if (known := self.repeated(saved, command)) is not None:
                return known
            outcome = await self.save(saved, decide(saved.state), command)
            if outcome is not None:
                return outcome
        raise BUSY(retry_after=1)

    async def change_or_add(
        self, id: str, begun: T, decide: Callable[[T], Decision[T]], command: CommandContext
    ) -> Outcome[T]:
        """Change an aggregate, or add it as is decided on `begun`; raises what `change` raises."""
        for _ in range(MAX_TRIES):
            if (outcome := await self.change(id, decide, command)) is not None:
                return outcome
            with suppress(DuplicateKey):  # another process was first
                return await self.add(id, decide(begun), command)
        raise BUSY(retry_after=1)

    async def before(self, id: str, command: CommandContext) -> Outcome[T] | None:
        """The same for who asks others before it is decided: of the aggregate of that id, also if there is none yet."""
        saved = await self.get(id)
        if saved is not None:
            return self.repeated(saved, command)
        self.admit(id, command)
        return None

    def earlier(self, saved: Versioned[T], command: CommandContext) -> Outcome[T] | None:
        """The earlier outcome of this very command, for who only looks; raises KEY_REUSED."""
        if memories.has_applied(saved.meta, command):
            return Outcome(saved, repeated=True)
        known = memories.done_before(saved.meta, command)
        if known is None:
            return None
        events = tuple(EventRef(*event) for event in known["events"])
        return Outcome(saved, known["answer"], events, repeated=True)

    def repeated(self, saved: Versioned[T], command: CommandContext) -> Outcome[T] | None:
        """The outcome of this very command if it was done before.

        Raises KEY_REUSED, whatever `admit` does, TOO_MANY_CHANGES, STALE_VERSION.
        """
        if (known := self.earlier(saved, command)) is not None:
            return known
        self.admit(saved.id, command)
        memories.check_room(saved.meta, command)
        memories.check_overtaken(saved.meta, command, time.monotonic() - command.began)
        if command.expected is not None and not saved.same_since <= command.expected <= saved.version:
            raise STALE_VERSION(version=saved.version)
        return None

    async def save(self, saved: Versioned[T], decision: Decision[T], command: CommandContext) -> Outcome[T] | None:
        """Save what was decided on an aggregate as it was loaded; None if it has changed since, and nothing was written."""
        if (
            decision.state == saved.state
            and not decision.domain_events
            and command.key is None
            and (command.event is None or not command.sequence)
        ):
            return Outcome(saved, decision.answer)
        told = await self._told_publicly(saved) if decision.domain_events else None
        document, events = self._document(saved, decision, command, told)
        failpoint("aggregate.before-replace")
        if not await self._store.replace(self.collection.name, document, version=saved.version):
            return None
        failpoint("aggregate.after-replace")
        return self._outcome(document, decision, events)

    def key_of(self, id: str) -> str:
        """The key of all events of an aggregate; no two aggregates of a kind have the same."""
        return id

    def order_key(self, id: str) -> str:
        """The key under which events of an aggregate stand in journals and inboxes."""
        return f"/parvis/{self.service}/{self.collection.name}:{self.key_of(id)}"

    async def remove(self, id: str, version: int) -> bool:
        """Take an aggregate away if it has this version and nothing left to relay; its id must never be used again."""
        saved = await self.get(id)
        if saved is None or saved.outbox:
            return False
        return await self._store.delete(self.collection.name, id, version=version)

    def loaded(self, document: Document) -> Versioned[T]:
        """The aggregate of a document from the store, whatever release wrote it; raises UnreadableRow."""
        try:
            document = upcast(document, self.upcasters)
            return Versioned(document["_id"], self.from_document(document), document["version"], document)
        except FAULTS as error:
            raise UnreadableRow(self.collection.name, document["_id"], type(error).__name__) from error

    async def _insert(self, saved: Versioned[T], decision: Decision[T], command: CommandContext) -> Outcome[T]:
        document, events = self._document(saved, decision, command, 0)
        failpoint("aggregate.before-insert")
        await self._store.insert(self.collection.name, document)
        failpoint("aggregate.after-insert")
        return self._outcome(document, decision, events)

    def _outcome(self, document: Document, decision: Decision[T], events: Sequence[Envelope]) -> Outcome[T]:
        if document["outbox"]:  # what stood in it already the relay cannot clear in this version otherwise
            self._outbox.tell(self.collection.name, document)
        saved = Versioned(document["_id"], decision.state, document["version"], document)
        return Outcome(saved, decision.answer, tuple(EventRef(event.id, event.type) for event in events))

    def _document(
        self, saved: Versioned[T], decision: Decision[T], command: CommandContext, told: int | None
    ) -> tuple[Document, Sequence[Envelope]]:
        """What is to be stored, and the events in it; `told` is how many public ones there were before, if it matters."""
        self.admit(saved.id, command)
        sequence = int(saved.meta.get("sequence", 0))
        envelopes = []
        for domain_event in decision.domain_events:
            for event in self.publish(saved.id, decision.state, domain_event):
                sequence += 1
                is_public = event.AUDIENCE is Audience.PUBLIC
                told = (told or 0) + is_public
                envelopes.append(self._envelope(saved.id, event, sequence, told if is_public else None, command))
        outbox = [entry for entry in saved.outbox if not self._outbox.is_relayed(entry["id"])]
        outbox += (envelope.model_dump(exclude_none=True) for envelope in envelopes)
        caused = [EventRef(envelope.id, envelope.type) for envelope in envelopes]
        memory = memories.remembering(saved.meta, command, decision.answer, caused, self.sources)
        meta = {name: value for name, value in saved.meta.items() if name not in ("marks", "written", "same")}
        if decision.silent:
            meta["same"] = [saved.same_since, saved.version + 1]
        if self.is_emptied(decision.state):
            memory = {"applied": memory["applied"], "keys": {}}  # answers name people too
        document = self._content(saved, decision.state)
        document |= {
            "_id": saved.id,
            "version": saved.version + 1,
            "schema": max(FIRST + len(self.upcasters), schema_of(saved.document)),
            "meta": {**meta, "sequence": sequence, **memory},
            "outbox": outbox,
        }
        if told is not None:
            document["meta"]["public"] = told
        if outbox:
            document["outbox_at"] = outbox[0]["time"]
        return document, envelopes

    def _content(self, saved: Versioned[T], state: T) -> Document:
        """The aggregate's own fields, and those that only a newer release knows."""
        fresh = self.to_document(state)
        if not saved.document or self.is_emptied(state):
            return fresh
        stored = {name: value for name, value in saved.document.items() if name not in OWN}
        return with_unknown(fresh, stored, self.to_document(saved.state), self.identities)

    async def _told_publicly(self, saved: Versioned[T]) -> int:
        """How many public events there were of an aggregate; of one that 0.1.0 wrote last they are counted once."""
        if (told := saved.meta.get("public")) is not None:
            return int(told)
        start = f"{self.service}.{self.collection.name}.{saved.id}."
        public = {type for type, event in CATALOGUE.items() if event.AUDIENCE is Audience.PUBLIC}
        ids = {entry["id"] for entry in saved.outbox if entry["type"] in public}
        after: Sequence[Scalar | None] | None = None
        while rows := await self._store.find(
            PUBLIC.name,
            {"event_id": Range(ge=start, lt=f"{start}:")},
            sort=(("event_id", 1),),
            limit=MAX_FIND,
            after=after,
        ):
            ids.update(row["event_id"] for row in rows if row["event_id"].removeprefix(start).isdigit())
            after = (rows[-1]["event_id"], rows[-1]["_id"])
        return len(ids)

    def _envelope(self, id: str, event: Event, sequence: int, told: int | None, command: CommandContext) -> Envelope:
        if event.partition_key != self.key_of(id) and id != self.only:
            # Numbered by this aggregate and in order with another's, it would count as heard long ago.
            raise TypeError(
                f"{event.TYPE}: its {event.KEY} is not the key of the {self.collection.name} that number it"
            )
        return Envelope(
            id=f"{self.service}.{self.collection.name}.{id}.{sequence}",
            source=f"/parvis/{self.service}/{self.collection.name}",
            type=event.TYPE,
            subject=event.partition_key,
            time=instant_text(command.now),
            partitionkey=event.partition_key,
            sequence=f"{sequence:010d}",
            publicsequence=None if told is None else f"{told:010d}",
            correlationid=command.correlation,
            causationid=command.event,
            actor=command.acting.actor,
            onbehalfof=command.acting.on_behalf_of,
            traceparent=command.traceparent,
            data=event.model_dump(mode="json", exclude_none=True),
        )


__all__ = ["OUTBOX_INDEX", "Aggregates", "Decision", "Outcome", "Versioned"]
