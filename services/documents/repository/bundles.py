"""Bundles that were asked for, each in a document of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Versioned
from services.chassis.ports import Collection, In, Index, Range
from services.chassis.store.evolution import members
from services.chassis.store.rows import every
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text
from services.documents.domain.bundles import MAX_ALL, MAX_EACH, Bundle, BundleState

BUNDLES: Final = Collection(
    "bundles",
    (
        OUTBOX_INDEX,
        Index("account", ("account", "asked_at")),
        Index("due", ("due_at",)),
        Index("expiry", ("expires_at",)),
        Index("slot", ("account", "slot"), unique=True),
        Index("place", ("place",), unique=True),
    ),
)
_TIMES: Final = ("asked_at", "due_at", "begun_at")
_LISTS: Final = ("applications", "included", "people")
_PASSING: Final = ("due_at", "begun_at", "place")


class BundleRepository(Aggregates[Bundle]):
    """The bundles, by id; whose each is stands in `account`."""

    service: ClassVar[str] = "documents"
    collection: ClassVar[Collection] = BUNDLES

    def to_document(self, state: Bundle) -> ports.Document:
        """`due_at` and `place` are there while it is not done, `begun_at` once it was taken up."""
        document: ports.Document = {name: getattr(state, name) for name in state.__slots__}
        document |= {name: list(document[name]) for name in _LISTS}
        document["names"] = list(map(list, state.names))
        document |= {"state": state.state.value, "expires_at": instant_text(state.expires_at)}
        document |= {name: instant_text(document[name]) for name in _TIMES if document[name] is not None}
        return {name: value for name, value in document.items() if name not in _PASSING or value is not None}

    def from_document(self, document: ports.Document) -> Bundle:
        """What `to_document` wrote."""
        known = {"place": None} | members(Bundle, document)
        known |= {name: tuple(known[name]) for name in _LISTS}
        known |= {name: instant(known[name]) for name in _TIMES if name in known}
        known["names"] = tuple((application, account, name) for application, account, name in known["names"])
        return Bundle(**{**known, "state": BundleState(document["state"])})

    def is_emptied(self, state: Bundle) -> bool:
        """Of one that there is not nothing stays of whose files it would have held."""
        return state.state is BundleState.FAILED

    def publish(self, id: str, state: Bundle, domain_event: Any) -> Sequence[Event]:
        """None: bundles are between a person and the suite."""
        raise AssertionError("nothing is told of bundles")

    async def of(self, account: str, id: str) -> Versioned[Bundle] | None:
        """The bundle of that id, if it is this person's."""
        return await self.get(id, {"account": account})

    async def own(self, account: str) -> list[Versioned[Bundle]]:
        """All of a person, the newest first."""
        return await self.listed({"account": account}, sort=(("asked_at", -1),), limit=MAX_EACH)

    async def places(self) -> set[int]:
        """The places that are taken by what is not done."""
        rows = await self._store.find(
            self.collection.name, {"place": Range(ge=0)}, sort=(("place", 1),), limit=MAX_ALL, fields=("place",)
        )
        return {row["place"] for row in rows}

    async def due(self, now: datetime) -> Versioned[Bundle] | None:
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
        """All there are, in nobody's name: for an event that says that somebody is gone who may be in them."""
        return every(self._store, self.collection.name, {})

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All of an account, in nobody's name: for an event that says that the person is gone."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("account", 1), ("asked_at", 1)))
