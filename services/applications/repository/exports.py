"""Exports that were asked for, each in a document of its own, of which entries of the audit trail tell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from services.applications.domain.exports import MAX_ALL, MAX_EACH, Export, ExportState
from services.applications.repository.audit import AuditedRepository
from services.applications.repository.rows import fields
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX, Versioned
from services.chassis.ports import Collection, Index, Range
from services.chassis.store.evolution import members
from services.chassis.store.rows import every
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

EXPORTS: Final = Collection(
    "exports",
    (
        OUTBOX_INDEX,
        Index("account", ("account", "asked_at")),
        Index("due", ("due_at",)),
        Index("expiry", ("expires_at",)),
        Index("slot", ("account", "slot"), unique=True),
        Index("place", ("place",), unique=True),
    ),
)


class ExportRepository(AuditedRepository[Export]):
    """The exports, by id; whose each is stands in `account`."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = EXPORTS

    def to_document(self, state: Export) -> ports.Document:
        """`due_at` is there while it is not done."""
        document = fields(state) | {
            "query": dict(state.query),
            "state": state.state.value,
            "asked_at": instant_text(state.asked_at),
            "expires_at": instant_text(state.expires_at),
            "grants": list(state.grants),
        }
        del document["due_at"]
        return document if state.due_at is None else document | {"due_at": instant_text(state.due_at)}

    def from_document(self, document: ports.Document) -> Export:
        """What `to_document` wrote."""
        due_at = document.get("due_at")
        return Export(
            **members(Export, document)
            | {
                "state": ExportState(document["state"]),
                "asked_at": instant(document["asked_at"]),
                "due_at": None if due_at is None else instant(due_at),
                "grants": tuple(document["grants"]),
            }
        )

    def publish(self, id: str, state: Export, domain_event: Any) -> Sequence[Event]:
        """None: exports are between a person and the suite."""
        raise AssertionError("nothing is told of exports")

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was asked for, what came of it, how often it was taken; how far it is is nothing to anybody later."""
        kept = ("format", "query", "state", "reason", "sha256", "taken", "grants")
        return {"export": {name: document[name] for name in kept if document.get(name)}}

    def action(self, happened: Sequence[Any], after: Mapping[str, Any]) -> str | None:
        """Every entry is of an export."""
        return "export"

    async def of(self, account: str, id: str) -> Versioned[Export] | None:
        """The export of that id, if it is this person's."""
        return await self.get(id, {"account": account})

    async def own(self, account: str) -> list[Versioned[Export]]:
        """All of a person, the newest first."""
        return await self.listed({"account": account}, sort=(("asked_at", -1),), limit=MAX_EACH)

    async def places(self) -> set[int]:
        """The places that are taken."""
        rows = await self._store.find(self.collection.name, {}, limit=MAX_ALL, fields=("place",))
        return {row["place"] for row in rows}

    async def due(self, now: datetime) -> Versioned[Export] | None:
        """What has waited longest to be made, or whose worker has died; in nobody's name."""
        where = {"due_at": Range(gt="", le=instant_text(now))}
        found = await self.listed(where, sort=(("due_at", 1),), limit=1)
        return found[0] if found else None

    def expired(self, now: datetime) -> AsyncIterator[ports.Document]:
        """Those that nobody can have any more, in nobody's name."""
        where = {"expires_at": Range(le=instant_text(now))}
        return every(self._store, self.collection.name, where, sort=(("expires_at", 1),))

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All of an account, in nobody's name: for an event that says that the person is gone."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("asked_at", 1),))
