"""Which of candidates' documents were given to staff."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.chassis.context import Actor
from services.chassis.ports import Collection, Index, Store
from services.chassis.ports import Document as Row
from services.chassis.store.rows import each_of, every
from services.contracts.instants import instant_text

READS: Final = Collection("reads", (Index("account", ("account",)),))
"""What of a candidate's was given to staff: to whom, and when."""


class Reads:
    """What of candidates' was given to staff: rows that are never changed, and go with the candidate."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, id: str, actor: Actor, account: str, what: str, now: datetime) -> None:
        """Say that somebody of staff is given `what` of this account's."""
        row = {"_id": id, "version": 1, "at": instant_text(now), "by": str(actor), "account": account, "what": what}
        await self._store.insert(READS.name, row)

    async def erase(self, account: str) -> None:
        """Forget what was given of somebody's."""
        rows = every(self._store, READS.name, {"account": account}, sort=(("account", 1), ("_id", 1)))
        await each_of(rows, self._forget)

    async def _forget(self, row: Row) -> None:
        await self._store.delete(READS.name, row["_id"])
