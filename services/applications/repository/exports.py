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
from services.chassis.ports import Collection, In, Index, Range
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
_NAMING: Final = ("q", "account")
"""What of a question names a candidate, and is to go with them."""


class ExportRepository(AuditedRepository[Export]):
    """The exports, by id; whose each is stands in `account`."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = EXPORTS

    def to_document(self, state: Export) -> ports.Document:
        """`due_at` and `place` are there while it is not done, `begun_at` once it was taken up."""
        document = fields(state) | {
            "query": dict(state.query),
            "state": state.state.value,
            "asked_at": instant_text(state.asked_at),
            "expires_at": instant_text(state.expires_at),
            "grants": list(state.grants),
        }
        for name, at in (("due_at", state.due_at), ("begun_at", state.begun_at)):
            document[name] = None if at is None else instant_text(at)
        passing = ("due_at", "begun_at", "place")
        return {name: value for name, value in document.items() if name not in passing or value is not None}

    def from_document(self, document: ports.Document) -> Export:
        """What `to_document` wrote."""
        due_at, begun_at = document.get("due_at"), document.get("begun_at")
        return Export(
            **members(Export, document)
            | {
                "state": ExportState(document["state"]),
                "asked_at": instant(document["asked_at"]),
                "due_at": None if due_at is None else instant(due_at),
                "begun_at": None if begun_at is None else instant(begun_at),
                "place": document.get("place"),
                "grants": tuple(document["grants"]),
            }
        )

    def publish(self, id: str, state: Export, domain_event: Any) -> Sequence[Event]:
        """None: exports are between a person and the suite."""
        raise AssertionError("nothing is told of exports")

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was asked for, but not of whom, what came of it, how often it was taken; not how far it is."""
        kept = ("format", "query", "state", "reason", "sha256", "taken", "grants")
        shown = {name: document[name] for name in kept if document.get(name)}
        query = {name: value for name, value in shown.get("query", {}).items() if name not in _NAMING}
        return {"export": shown | {"query": query}}

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
        """The places that are taken by what is not done."""
        rows = await self._store.find(
            self.collection.name, {"place": Range(ge=0)}, sort=(("place", 1),), limit=MAX_ALL, fields=("place",)
        )
        return {row["place"] for row in rows}

    async def due(self, now: datetime) -> Versioned[Export] | None:
        """Whose turn it is, or whose worker has died; in nobody's name.

        Nobody has two made at once, and first comes for whom the last was begun longest ago.
        """
        waiting = await self.listed({"due_at": Range(gt="")}, sort=(("due_at", 1),), limit=MAX_ALL)
        is_due = {saved.id: saved.state.due_at is not None and saved.state.due_at <= now for saved in waiting}
        served = {saved.state.account for saved in waiting if saved.state.holder and not is_due[saved.id]}
        found = [saved for saved in waiting if is_due[saved.id] and saved.state.account not in served]
        if not found:
            return None
        accounts = In(tuple({saved.state.account for saved in found}))
        last: dict[str, str] = {}
        rows = await self._store.find(
            self.collection.name,
            {"account": accounts},
            sort=(("account", 1), ("asked_at", 1)),
            limit=MAX_ALL * MAX_EACH,
            fields=("account", "begun_at"),
        )
        for row in rows:
            last[row["account"]] = max(last.get(row["account"], ""), row.get("begun_at") or "")
        return min(found, key=lambda saved: last.get(saved.state.account, ""))

    def expired(self, now: datetime) -> AsyncIterator[ports.Document]:
        """Those that nobody can have any more, in nobody's name."""
        where = {"expires_at": Range(le=instant_text(now))}
        return every(self._store, self.collection.name, where, sort=(("expires_at", 1),))

    def rows(self) -> AsyncIterator[ports.Document]:
        """All there are, in nobody's name: for an event that says that somebody is gone of whom they may tell."""
        return every(self._store, self.collection.name, {})

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All of an account, in nobody's name: for an event that says that the person is gone."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("asked_at", 1),))
