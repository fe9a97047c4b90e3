"""Whose drafts have been looked through for reminders, and who is still to be reminded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Final

from services.chassis.ports import Collection, Document, DuplicateKey, Index, Store
from services.chassis.ports import Range as Between
from services.chassis.store.rows import every

REMINDERS: Final = Collection("reminders", (Index("deadline", ("deadline",)),))
"""The reminders of a last day: how far its drafts have been looked through."""
TO_REMIND: Final = Collection("to_remind")
"""The drafts whose candidates are to be reminded."""


class Reminding:
    """Work of each day; a row is there until it is done, that of a last day until the day has passed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, deadline: date, days: int, today: date) -> Document:
        """How far the reminders of a last day, so many days before it, have come today."""
        id, begun = f"{deadline.isoformat()}|{days}", {"day": today.isoformat(), "after": "", "done": False}
        row = {"_id": id, "version": 1, "deadline": deadline.isoformat(), "days": days, **begun}
        while True:
            if (there := await self._store.get(REMINDERS.name, id)) is not None:
                if there.get("day") == begun["day"]:
                    return there
                anew = there | begun | {"version": there["version"] + 1}
                await self._store.replace(REMINDERS.name, anew, version=there["version"])
                continue
            try:
                await self._store.insert(REMINDERS.name, row)
            except DuplicateKey:  # another process was first
                continue

    async def go_on(self, row: Document, after: str) -> None:
        """All up to the id `after` have been looked at; empty: all."""
        changed = row | {"version": row["version"] + 1, "after": after, "done": not after}
        await self._store.replace(REMINDERS.name, changed, version=row["version"])

    async def forget(self, today: date) -> None:
        """Forget the days that have passed."""
        where = {"deadline": Between(lt=today.isoformat())}
        async for row in every(self._store, REMINDERS.name, where, sort=(("deadline", 1),)):
            await self._store.delete(REMINDERS.name, row["_id"], version=row["version"])

    async def remind(self, application: str, deadline: date, days: int) -> None:
        """Have a candidate reminded."""
        row = {"_id": f"{application}|{deadline.isoformat()}|{days}", "version": 1}
        row |= {"application": application, "deadline": deadline.isoformat(), "days": days}
        try:
            await self._store.insert(TO_REMIND.name, row)
        except DuplicateKey:
            return

    def to_remind(self) -> AsyncIterator[Document]:
        """Those who are to be reminded."""
        return every(self._store, TO_REMIND.name, {})

    async def reminded(self, row: Document) -> None:
        """The candidate has been reminded, or need not be."""
        await self._store.delete(TO_REMIND.name, row["_id"], version=row["version"])
