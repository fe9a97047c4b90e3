"""Bundles that were asked for, each in a document of its own, and who is in which."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Final

from services.chassis.ports import Collection, Document, Index, Range, Scalar, Store
from services.chassis.store.rows import PAGE, every
from services.chassis.work.repository import WorkRepository, work_in
from services.contracts.instants import instant_text
from services.contracts.work import WorkState
from services.documents.domain.bundles import MAX_ALL, MAX_EACH, Bundle

BUNDLES: Final = work_in("bundles", Index("noted", ("people_noted",)))
BUNDLE_PEOPLE: Final = Collection("bundle_people", (Index("account", ("account",)), Index("expiry", ("expires_at",))))


class BundleRepository(WorkRepository[Bundle]):
    """The bundles, by id; whose each is stands in `account`."""

    service: ClassVar[str] = "documents"
    collection: ClassVar[Collection] = BUNDLES
    kind = Bundle
    max_each: ClassVar[int] = MAX_EACH
    max_all: ClassVar[int] = MAX_ALL

    def is_emptied(self, state: Bundle) -> bool:
        """Of one that there is not nothing stays of whose files it would have held."""
        return state.state is WorkState.FAILED

    async def unnoted(self) -> AsyncIterator[Document]:
        """Those of a release before, which noted beside none of them who is in it; in nobody's name."""
        after: Sequence[Scalar | None] | None = None
        limit = 1  # mostly there are none: so much is read of those that are noted already, which are big
        # What lacks a member stands before all that has it.
        while rows := await self._store.find(
            self.collection.name, {}, sort=(("people_noted", 1),), limit=limit, after=after
        ):
            for row in rows:
                if row.get("people_noted"):
                    return
                yield row
            after, limit = (rows[-1].get("people_noted"), rows[-1]["_id"]), PAGE


class BundlePeople:
    """Who is in which bundle, a row for each: an erasure asks of one person, and not of every bundle."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, bundle: str, people: Iterable[str], until: datetime) -> None:
        """Say who will be in a bundle, of `MAX_FILES` files at most, before it is there."""
        row = {"version": 1, "bundle": bundle, "expires_at": instant_text(until)}
        await self._store.append(
            BUNDLE_PEOPLE.name, [row | {"_id": f"{bundle}.{account}", "account": account} for account in people]
        )

    def of(self, account: str) -> AsyncIterator[Document]:
        """The bundles that somebody is in, or was."""
        return every(self._store, BUNDLE_PEOPLE.name, {"account": account}, sort=(("account", 1), ("_id", 1)))

    def expired(self, now: datetime) -> AsyncIterator[Document]:
        """Of bundles that nobody can have any more."""
        where = {"expires_at": Range(le=instant_text(now))}
        return every(self._store, BUNDLE_PEOPLE.name, where, sort=(("expires_at", 1),))

    async def let_go(self, row: Document) -> bool:
        """Forget one of them; answer whether it was there."""
        return await self._store.delete(BUNDLE_PEOPLE.name, row["_id"])
