"""Whose record is to be asked of the registrar, and what came of it: a row for each account that ever asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from services.accounts.repository.plain import change_document, holders, sweep
from services.chassis.ports import Collection, Document, Index, Range, Store
from services.chassis.store.rows import every, reading
from services.contracts.instants import instant_text

LOOKUPS: Final = Collection(
    "lookups",
    (
        Index("due_at", ("due_at",)),
        Index("fresh", ("fresh",)),
        Index("account", ("account", "asked_at")),
        Index("forget_at", ("forget_at",)),
    ),
)

KEPT: Final = timedelta(days=30)
"""How long it is shown what came of a question."""

State = Literal["waiting", "found", "not-found", "unavailable"]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Whom to ask for: by the student number that the ENT said, or by national number and birth date, certified."""

    account: str
    student_number: str = ""
    national_number: str = ""
    birth_date: str = ""


class LookupRepository:
    """What is asked of the registrar; whom to ask for is forgotten with the answer, what came of it after a month.

    Of a record that was found the student number stays, which the profile has too: it is asked for again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def ask(self, lookup: Lookup, now: datetime) -> None:
        """Have a record asked for, in the place of what this account has asked so far; raises BUSY."""
        row = {
            "account": lookup.account,
            "state": "waiting",
            "student_number": lookup.student_number,
            "national_number": lookup.national_number,
            "birth_date": lookup.birth_date,
            "asked_at": instant_text(now),
            "due_at": instant_text(now),
            "failures": 0,
            "fresh": True,
            "renewals": 0,
            "forget_at": instant_text(now + KEPT),
        }

        def asked(there: Document | None) -> Document:
            same = there is not None and there.get("student_number") == lookup.student_number
            return row | {"missed_at": there.get("missed_at", "") if there is not None and same else ""}

        await change_document(self._store, LOOKUPS.name, lookup.account, asked)

    async def state(self, account: str) -> State | None:
        """What came of what an account has asked last; None if nothing was asked, or a record was found."""
        row = await self._store.get(LOOKUPS.name, account)
        return row["state"] if row is not None and row["state"] != "found" else None

    def due(self, now: datetime) -> AsyncIterator[Document]:
        """What is to be asked by now, the longest waiting first."""
        return every(self._store, LOOKUPS.name, {"due_at": Range(gt="", le=instant_text(now))}, sort=(("due_at", 1),))

    async def fresh(self) -> int:
        """How many were not asked even once."""
        return await self._store.count(LOOKUPS.name, {"fresh": True})

    async def defer(self, row: Document, due_at: datetime) -> None:
        """Ask again then, unless the account has asked anew meanwhile."""
        after = row | {"due_at": instant_text(due_at), "failures": row["failures"] + 1}
        await self._put(row, {name: value for name, value in after.items() if name != "fresh"})

    async def miss(self, row: Document, since: datetime, due_at: datetime) -> None:
        """Ask again then, for a record that is kept here and was not found since an instant, unless it was asked anew."""
        after = row | {"due_at": instant_text(due_at), "failures": 0, "missed_at": instant_text(since)}
        await self._put(row, {name: value for name, value in after.items() if name != "fresh"})

    async def end(self, row: Document, state: State) -> None:
        """Ask no more, and keep what came of it, unless the account has asked anew meanwhile."""
        kept = ("_id", "account", "asked_at", "forget_at")
        await self._put(row, {name: row[name] for name in kept} | {"state": state})

    async def found(self, row: Document) -> None:
        """The record is taken over, and not asked for again: nothing needs to be kept, unless the account has asked anew."""
        await self._store.delete(LOOKUPS.name, row["_id"], version=row["version"])

    async def renew(self, row: Document, student_number: str, due_at: datetime) -> None:
        """Ask for this record again then, once more than before, unless the account has asked anew meanwhile."""
        kept = {name: row[name] for name in ("_id", "account", "asked_at")}
        again = Lookup(row["account"], student_number)
        await self._put(
            row,
            kept
            | {
                "state": "found",
                "student_number": again.student_number,
                "national_number": again.national_number,
                "birth_date": again.birth_date,
                "failures": 0,
                "renewals": row.get("renewals", 0) + 1,
                "due_at": instant_text(due_at),
                "forget_at": instant_text(due_at + KEPT),
            },
        )

    async def forget_all(self, account: str) -> None:
        """Forget what an account has asked that is gone."""
        await self._store.delete(LOOKUPS.name, account)

    async def holders(self, after: str) -> list[str]:
        """The next accounts behind one that have asked, in order."""
        return await holders(self._store, LOOKUPS.name, "asked_at", after)

    async def sweep(self, now: datetime) -> int:
        """Forget what came of old questions."""
        return await sweep(self._store, LOOKUPS.name, "forget_at", now)

    async def _put(self, row: Document, after: dict[str, Any]) -> None:
        await self._store.replace(LOOKUPS.name, after | {"version": row["version"] + 1}, version=row["version"])


def lookup_of(row: Document) -> Lookup:
    """The question that a row holds; raises UnreadableRow."""
    with reading(LOOKUPS.name, row):
        return Lookup(row["account"], row["student_number"], row["national_number"], row["birth_date"])
