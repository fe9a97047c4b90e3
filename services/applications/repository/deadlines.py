"""What offers says of deadlines that were moved, and who is still to be told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Collection as AnyOf
from datetime import date, datetime
from typing import Final

from services.applications.domain.deadline import Move
from services.chassis.events.copies import Copies
from services.chassis.ports import MAX_FIND, Collection, Document, DuplicateKey, Get, In, Store
from services.chassis.store.rows import every, reading

DEADLINES: Final = Collection("deadlines")
"""The moves of a campaign."""
MOVED: Final = Collection("moved")
"""What has a later day now: a campaign or an incident, some of whose programmes have, or a programme, some of whose
applications."""
TO_TELL: Final = Collection("to_tell")
"""The applications whose candidates are to be told of a later day."""

CAMPAIGN: Final = "campaign:"
PROGRAMME: Final = "programme:"
INCIDENT: Final = "incident:"


class DeadlineCopies:
    """The moves of each campaign; public by nature, so nobody's leave is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, DEADLINES, ("moves",))

    async def of(self, campaign: str) -> tuple[Move, ...]:
        """The moves of a campaign."""
        return self.moves_in(await self._store.get(DEADLINES.name, campaign))

    def asked(self, campaign: str) -> Get:
        """The same as a question to be put beside others; `moves_in` reads the answer."""
        return Get(DEADLINES.name, campaign)

    def moves_in(self, row: Document | None) -> tuple[Move, ...]:
        """The moves that stand in a row."""
        return () if row is None else _moves(row)

    async def of_all(self, campaigns: AnyOf[str]) -> dict[str, tuple[Move, ...]]:
        """The moves of these campaigns, at most 1000."""
        rows = await self._store.find(DEADLINES.name, {"_id": In(tuple(campaigns))}, limit=MAX_FIND)
        return {row["_id"]: _moves(row) for row in rows}

    async def keep(self, campaign: str, moves: AnyOf[Move], version: int) -> None:
        """Keep the moves of a campaign unless newer ones are here; `version` is the publisher's."""
        rows = [[move.reach, move.code, move.submission_deadline.isoformat()] for move in moves]
        await self._copies.put(campaign, version, {"moves": rows})


class Telling:
    """Work that is begun by a move and done by the clock: each row is there until it is done."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def moved(self) -> AsyncIterator[Document]:
        """What has a later day now."""
        return every(self._store, MOVED.name, {})

    def to_tell(self) -> AsyncIterator[Document]:
        """The applications of which it is still to be told."""
        return every(self._store, TO_TELL.name, {})

    async def begin(self, what: str, at: datetime) -> None:
        """Have all of a campaign or programme looked at, also if some of it is being looked at now."""
        await self._put(MOVED, {"_id": what, "after": ""}, at)

    async def go_on(self, moved: Document, after: str) -> None:
        """All up to the id `after` has been looked at."""
        await self._store.replace(
            MOVED.name, moved | {"version": moved["version"] + 1, "after": after}, version=moved["version"]
        )

    async def end(self, moved: Document) -> None:
        """All has been looked at, unless it was begun anew meanwhile."""
        await self._store.delete(MOVED.name, moved["_id"], version=moved["version"])

    async def tell(self, application: str, at: datetime) -> None:
        """Have a candidate told, also if they are being told of an earlier move now."""
        await self._put(TO_TELL, {"_id": application}, at)

    async def told(self, row: Document) -> None:
        """The candidate of this one has been told, or need not be."""
        await self._store.delete(TO_TELL.name, row["_id"], version=row["version"])

    async def _put(self, collection: Collection, row: Document, at: datetime) -> None:
        """Write a row in a version that none before it had: whoever works on an earlier one does not take it away."""
        while True:
            there = await self._store.get(collection.name, row["_id"])
            first = int(at.timestamp() * 1000)
            if there is None:
                try:
                    await self._store.insert(collection.name, row | {"version": first})
                except DuplicateKey:
                    continue
                return
            again = row | {"version": max(first, there["version"] + 1)}
            if await self._store.replace(collection.name, again, version=there["version"]):
                return


def _moves(row: Document) -> tuple[Move, ...]:
    with reading(DEADLINES.name, row):
        return tuple(Move(reach, code, date.fromisoformat(day)) for reach, code, day in row["moves"])
