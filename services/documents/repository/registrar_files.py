"""What of the registrar's documents is to be fetched, and what came of it: a row for each that an application names."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Final

from services.chassis.ports import Collection, Document, DuplicateKey, Index, Range, Sort, Store
from services.chassis.store.rows import each_of, every
from services.contracts.instants import instant_text

REGISTRAR_FILES: Final = Collection(
    "registrar_files", (Index("due_at", ("due_at",)), Index("account", ("account", "asked_at")))
)
"""`due_at` is there while one is to be asked for, `claimed` while somebody does; `document` once its bytes are kept."""


class RegistrarFiles:
    """By account and name; whoever writes names the version that was read, so that one of two goes on."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, account: str, file: str) -> Document | None:
        """What is known of one, if it was asked for."""
        return await self._store.get(REGISTRAR_FILES.name, _id(account, file))

    async def ask(self, account: str, file: str, now: datetime, there: Document | None = None) -> None:
        """Have one fetched, in the place of what came of it before."""
        row: Document = {
            "_id": _id(account, file),
            "account": account,
            "file": file,
            "asked_at": instant_text(now),
            "due_at": instant_text(now),
            "failures": 0,
        }
        if there is not None:
            await self._put(there, row)
            return
        with suppress(DuplicateKey):  # another replica, or the same event again
            await self._store.insert(REGISTRAR_FILES.name, row | {"version": 1})

    def due(self, now: datetime) -> AsyncIterator[Document]:
        """What is to be asked for by now, the longest waiting first."""
        where = {"due_at": Range(gt="", le=instant_text(now))}
        return every(self._store, REGISTRAR_FILES.name, where, sort=(("due_at", 1),))

    async def claim(self, row: Document, until: datetime) -> Document | None:
        """The row for who asks for it now, nobody else before that instant; None: somebody else does."""
        claimed = row | {"due_at": instant_text(until), "claimed": True, "version": row["version"] + 1}
        return claimed if await self._store.replace(REGISTRAR_FILES.name, claimed, version=row["version"]) else None

    async def defer(self, row: Document, due_at: datetime) -> None:
        """Ask again then."""
        await self._put(row, _rest(row) | {"due_at": instant_text(due_at), "failures": row["failures"] + 1})

    async def give_up(self, row: Document, now: datetime) -> None:
        """Ask no more by itself, since an instant."""
        await self._put(row, _rest(row) | {"given_up_at": instant_text(now), "failures": row["failures"] + 1})

    async def keep(self, row: Document, document: str) -> None:
        """Its bytes are kept, as that document."""
        await self._put(row, _rest(row) | {"document": document, "failures": 0})

    async def forget(self, row: Document) -> None:
        """Nothing is left to be done."""
        await self._store.delete(REGISTRAR_FILES.name, row["_id"])

    async def erase(self, account: str) -> None:
        """Forget what is asked for somebody."""
        order: Sort = (("account", 1), ("asked_at", 1), ("_id", 1))
        await each_of(every(self._store, REGISTRAR_FILES.name, {"account": account}, sort=order), self.forget)

    async def _put(self, row: Document, after: Document) -> None:
        await self._store.replace(REGISTRAR_FILES.name, after | {"version": row["version"] + 1}, version=row["version"])


def _rest(row: Document) -> Document:
    return {name: value for name, value in row.items() if name not in ("due_at", "claimed")}


def _id(account: str, file: str) -> str:
    """Without the student number: the log and what is parked name items by it."""
    return f"{account}/{hashlib.sha256(file.encode()).hexdigest()[:32]}"
