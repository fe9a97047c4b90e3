"""Shelves of views, each in one document: of a person, of a centre, of a commission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from services.applications.domain.shelves import SavedView, Shelf
from services.applications.repository.rows import fields
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Versioned
from services.chassis.events.inbox import NotYet
from services.chassis.ports import MAX_FIND, Collection, In, Range
from services.chassis.store.evolution import members
from services.chassis.store.rows import BY_ID
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

SHELVES: Final = Collection("shelves", (OUTBOX_INDEX,))

PERSON: Final = "staff:"
CENTRE: Final = "centre:"
COMMISSION: Final = "commission:"
"""What the ids of shelves begin with; behind it stands the account, or the code."""


class ShelfRepository(Aggregates[Shelf]):
    """The shelves, by whose they are."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = SHELVES
    identities: ClassVar[Mapping[str, str]] = {"views": "key"}

    def to_document(self, state: Shelf) -> ports.Document:
        """Views as objects."""
        views = [
            fields(view) | {"filter": dict(view.filter), "columns": list(view.columns), "at": instant_text(view.at)}
            for view in state.views
        ]
        return {"views": views, "columns": list(state.columns)}

    def from_document(self, document: ports.Document) -> Shelf:
        """What `to_document` wrote."""
        views = tuple(
            SavedView(**members(SavedView, out) | {"columns": tuple(out["columns"]), "at": instant(out["at"])})
            for out in document["views"]
        )
        return Shelf(views, tuple(document["columns"]))

    def publish(self, id: str, state: Shelf, domain_event: Any) -> Sequence[Event]:
        """None: how somebody looks at lists is nothing to others."""
        raise AssertionError("nothing is told of shelves")

    async def of_ids(self, ids: Sequence[str]) -> list[Versioned[Shelf]]:
        """Those of these ids that are there, `MAX_FIND` at most."""
        return await self.listed({"_id": In(tuple(ids[:MAX_FIND]))}, sort=BY_ID, limit=MAX_FIND)

    async def shared(self, most: int) -> list[Versioned[Shelf]]:
        """The first so many shelves of centres and commissions, whosever: for those who reach everything."""
        return await self.listed({"_id": Range(lt=PERSON)}, sort=BY_ID, limit=most)

    async def forget(self, account: str) -> None:
        """Take away the shelf of a member of staff who is gone; what they have shared stays. Raises NotYet if it changed."""
        saved = await self.get(PERSON + account)
        if saved is not None and not await self.remove(saved.id, saved.version):
            raise NotYet("shelf")
