"""What was found out of pairs of accounts, by both their ids in order; it goes with either of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.accounts.domain.closing import Closing
from services.accounts.domain.doubts import Closer, Verdict, decided
from services.accounts.repository.plain import change_document
from services.chassis.ports import MAX_FIND, Collection, Document, In, Index, Range, Store
from services.contracts.instants import instant, instant_text

DOUBTS: Final = Collection("doubts", (Index("first", ("first",)), Index("second", ("second",))))


@dataclass(frozen=True, slots=True)
class PairPlace:
    """Where a page of pairs ends: behind a pair of a student number, or behind all of one."""

    number: str
    first: str = "~"
    second: str = "~"


class DoubtRepository:
    """The verdicts of all pairs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, first: str, second: str) -> tuple[Verdict | None, int]:
        """The verdict of a pair, and its version; 0 where there is none."""
        row = await self._store.get(DOUBTS.name, _id(first, second))
        return (None, 0) if row is None else (_verdict(row), row["version"])

    async def decided(self, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of these pairs, `MAX_FIND` at most, that have a verdict."""
        ids = tuple(_id(*pair) for pair in pairs)
        rows = await self._store.find(DOUBTS.name, {"_id": In(ids)}, limit=MAX_FIND) if ids else []
        return {(row["first"], row["second"]) for row in rows}

    async def decide(self, first: str, second: str, given: Verdict, expected: int | None) -> tuple[Verdict, int]:
        """Give a verdict on a pair; answers what is in force, and its version. Raises what the domain's does, BUSY."""

        def change(row: Document | None) -> Document | None:
            there = None if row is None else _verdict(row)
            after = decided(there, 0 if row is None else row["version"], given, expected=expected)
            return None if after == there else {"first": first, "second": second, **_document(after)}

        row = await change_document(self._store, DOUBTS.name, _id(first, second), change)
        return (given, 0) if row is None else (_verdict(row), row["version"])

    async def take_back(self, first: str, second: str, version: int) -> bool:
        """Forget a verdict that was given as `version`, unless another one was given since; answer whether it was."""
        return await self._store.delete(DOUBTS.name, _id(first, second), version=version)

    async def closing(self, account: str) -> list[Closer]:
        """What closes an account, with the one that its person goes on with by it; of more than `MAX_FIND` the first."""
        found: list[Closer] = []
        for side, other in (("first", "second"), ("second", "first")):
            rows = await self._store.find(DOUBTS.name, {side: account}, limit=MAX_FIND)
            found += ((row[other], _verdict(row)) for row in rows if row["closed"] == account)
        return sorted(found, key=lambda each: (each[1].at, each[0]))

    async def closed_beside(self, account: str) -> list[str]:
        """The accounts that are closed by what was found out of them and this one; of more than `MAX_FIND` the first."""
        found: list[str] = []
        for side in ("first", "second"):
            rows = await self._store.find(DOUBTS.name, {side: account}, limit=MAX_FIND)
            found += (row["closed"] for row in rows if row["closed"] not in ("", account))
        return found

    async def forget_all(self, account: str) -> None:
        """Forget what was found out of an account that is gone."""
        for side in ("first", "second"):
            while rows := await self._store.find(DOUBTS.name, {side: account}, limit=MAX_FIND):
                for row in rows:
                    await self._store.delete(DOUBTS.name, row["_id"], version=row["version"])

    async def holders(self, after: str) -> list[str]:
        """The next accounts behind one that are in pairs, in order."""
        found: set[str] = set()
        for side in ("first", "second"):
            where = {side: Range(gt=after)}
            rows = await self._store.find(DOUBTS.name, where, sort=((side, 1), ("_id", 1)), limit=MAX_FIND)
            found |= {row[side] for row in rows}
        return sorted(found)[:MAX_FIND]


def closing_document(closing: Closing) -> Document:
    """That an account is closed, as it is kept with it."""
    return {"kept": closing.kept, "at": instant_text(closing.at)}


def closing_of(row: Document | None) -> Closing | None:
    """What `closing_document` wrote."""
    return None if row is None else Closing(row["kept"], instant(row["at"]))


def _id(first: str, second: str) -> str:
    return f"{first}+{second}"


def _document(verdict: Verdict) -> Document:
    return {
        "kind": verdict.kind,
        "by": verdict.by,
        "at": instant_text(verdict.at),
        "reason": verdict.reason,
        "closed": verdict.closed,
    }


def _verdict(row: Document) -> Verdict:
    return Verdict(row["kind"], row["by"], instant(row["at"]), row["reason"], row["closed"])
