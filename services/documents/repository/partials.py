"""Uploads that can go on, in the store: rows of nobody's but their owner's, of which others are told nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.chassis.context import Actor
from services.chassis.ports import Collection, DuplicateKey, Index, Range, Store
from services.chassis.ports import Document as Row
from services.chassis.store.rows import every, reading
from services.contracts.instants import instant, instant_text
from services.documents.domain.partial import Partial, Piece

PARTIALS: Final = Collection(
    "partials",
    (
        Index("account", ("account",)),
        Index("due", ("due_at",)),
        Index("slot", ("slot",), unique=True),
    ),
)
"""`slot` is the owner and one of the few numbers that each has: two requests at once take no more than there are."""


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """An upload as it was read; what is written in its place must not have been overtaken."""

    id: str
    version: int
    partial: Partial


class Partials:
    """Uploads that can go on."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def own(self, actor: Actor, id: str) -> OpenUpload | None:
        """This person's upload."""
        row = await self._store.get(PARTIALS.name, id, {"account": actor.account})
        return None if row is None else self.loaded(row)

    async def slots(self, actor: Actor) -> set[int]:
        """The slots that this person's uploads hold."""
        held = Range(ge=f"{actor.account}/", lt=f"{actor.account}0")  # the digit behind the slash
        rows = await self._store.find(PARTIALS.name, {"slot": held}, sort=(("slot", 1),), fields=("slot",))
        return {int(row["slot"].rpartition("/")[2]) for row in rows}

    async def add(self, id: str, partial: Partial) -> bool:
        """Begin one; False if its id or its slot is taken."""
        try:
            await self._store.insert(PARTIALS.name, _row(id, 1, partial))
        except DuplicateKey:
            return False
        return True

    async def put(self, saved: OpenUpload, partial: Partial) -> OpenUpload | None:
        """Write it in place of what was read; None if that is not what stands there any more."""
        after = OpenUpload(saved.id, saved.version + 1, partial)
        done = await self._store.replace(PARTIALS.name, _row(saved.id, after.version, partial), version=saved.version)
        return after if done else None

    async def remove(self, saved: OpenUpload) -> bool:
        """Forget it."""
        return await self._store.delete(PARTIALS.name, saved.id, version=saved.version)

    def of_account(self, account: str) -> AsyncIterator[Row]:
        """All of an account that an event names."""
        return every(self._store, PARTIALS.name, {"account": account}, sort=(("account", 1), ("_id", 1)))

    def due(self, now: datetime) -> AsyncIterator[Row]:
        """Those of which nothing is kept any more."""
        return every(self._store, PARTIALS.name, {"due_at": Range(le=instant_text(now))}, sort=(("due_at", 1),))

    def loaded(self, row: Row) -> OpenUpload:
        """The upload of a row; raises UnreadableRow."""
        with reading(PARTIALS.name, row):
            partial = Partial(
                account=row["account"],
                length=row["length"],
                media_type=row["media_type"],
                due_at=instant(row["due_at"]),
                filename=row.get("filename"),
                part=row["part"],
                pieces=tuple(Piece(*piece) for piece in row["pieces"]),
                slot=int(row["slot"].rpartition("/")[2]) if "slot" in row else None,
                taken=row.get("taken"),
                ending=row["ending"],
            )
            return OpenUpload(row["_id"], row["version"], partial)


def _row(id: str, version: int, partial: Partial) -> Row:
    row: Row = {
        "_id": id,
        "version": version,
        "account": partial.account,
        "length": partial.length,
        "media_type": partial.media_type,
        "due_at": instant_text(partial.due_at),
        "part": partial.part,
        "pieces": [[piece.object, piece.size, piece.sha256] for piece in partial.pieces],
        "ending": partial.ending,
    }
    if partial.filename is not None:
        row["filename"] = partial.filename
    if partial.slot is not None:
        row["slot"] = f"{partial.account}/{partial.slot}"
    if partial.taken is not None:
        row["taken"] = partial.taken
    return row
