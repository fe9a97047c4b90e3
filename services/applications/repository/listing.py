"""Rows of the lists of staff: one for each application, made of it, of its candidate's card and of nothing else.

No row says anything that is not elsewhere: thrown away, all are made again, the same.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final

from services.applications.domain.listing import PLANS, Pile, Row
from services.applications.domain.marks import is_marked, marked, unmarked
from services.applications.repository.rows import fields
from services.chassis.ports import MAX_FIND, Collection, Condition, Document, DuplicateKey, Index, Range, Sort, Store
from services.chassis.store.evolution import members
from services.chassis.store.rows import BY_ID, every
from services.contracts.instants import instant, instant_text
from services.contracts.refusals import BUSY

LISTING: Final = Collection(
    "listing", (*(Index(plan.name, plan.fields) for plan in PLANS), Index("campaign", ("campaign", "programme")))
)

MARKED: Final = Collection(
    "listing_marked",
    (*(Index(plan.name, plan.fields) for plan in PLANS), Index("file", ("file",)), Index("person", ("account",))),
)
"""The same rows once more for each mark that a file bears, on piles of that mark: most files bear none."""

OWED: Final = Collection("listing_owed", (Index("due", ("due_at",)),))
"""Files beside which something changes that lists show, until they show it: nobody else is told of that."""

RENEWALS: Final = Collection("listing_renewals")
"""How far the rows that older releases have made were made anew: one document."""
_ROWS: Final = "rows"
FORM: Final = 8
"""What is told of rows; it grows with each member, or value of one, that rows of before lack and that lists ask for.

The eighth has each name as one word, and the e-mail address.
"""

MAX_TRIES: Final = 50

Where = Mapping[str, Condition]
Place = tuple[str, ...]
"""Where a row stands in an order: the values of what is sorted by, and its id."""
Found = tuple[str, Row, Place]
"""A row, with its id and its place."""


class Listing:
    """The rows, by the id of the application."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, id: str, look: Callable[[], Awaitable[Row | None]]) -> None:
        """Have the row be as `look` finds it, or be gone, and with it those of its marks; raises BUSY.

        It is looked after all of them were read, and again until that finds what is there: so who looked earlier never has
        the last word, whoever else does the same meanwhile.
        """
        for _ in range(MAX_TRIES):
            there = await self._there(id)
            row = await look()
            wanted = {} if row is None else _rows(id, row)
            changed = False
            for place in {**wanted, **there}:
                changed |= await self._put(place, there.get(place), wanted.get(place))
            if not changed:
                return
        raise BUSY(retry_after=1)

    async def _there(self, id: str) -> dict[tuple[str, str], Document]:
        """The rows of a file, by collection and id."""
        row = await self._store.get(LISTING.name, id)
        there = {} if row is None else {(LISTING.name, id): row}
        marks = await self._store.find(MARKED.name, {"file": id}, sort=BY_ID, limit=MAX_FIND)
        return there | {(MARKED.name, each["_id"]): each for each in marks}

    async def _put(self, place: tuple[str, str], there: Document | None, wanted: Document | None) -> bool:
        """Have a row be as it is wanted, unless it has changed since it was read; answer whether it was another."""
        collection, id = place
        version = 0 if there is None else there["version"]
        if wanted is None:
            await self._store.delete(collection, id, version=version)
            return True
        document = wanted | {"_id": id, "version": version}
        if document == there:
            return False
        document["version"] += 1
        if there is not None:
            await self._store.replace(collection, document, version=version)
        else:
            with suppress(DuplicateKey):
                await self._store.insert(collection, document)
        return True

    async def owe(self, note: str, file: str, until: datetime) -> None:
        """Say that what lists show of a file is about to change; whoever does it has until then to have them show it."""
        row = {"_id": note, "version": 1, "file": file, "due_at": instant_text(until)}
        await self._store.insert(OWED.name, row)

    def owed(self, now: datetime) -> AsyncGenerator[Document, None]:
        """The notes of whoever has not come back in time."""
        return every(self._store, OWED.name, {"due_at": Range(le=instant_text(now))}, sort=(("due_at", 1),))

    async def paid(self, note: str) -> bool:
        """Lists show it; answer whether the note was there."""
        return await self._store.delete(OWED.name, note)

    async def renewal(self, now: datetime, until: datetime) -> Document | None:
        """Rows to be made anew, claimed for this process until then; None: there are none, or another one is at it.

        Its `after` is the id up to which all are as they are made now.
        """
        there = await self._store.get(RENEWALS.name, _ROWS)
        if there is not None and there["form"] == FORM and (there["done"] or there["until"] > instant_text(now)):
            return None
        version = 0 if there is None else there["version"]
        after = there["after"] if there is not None and there["form"] == FORM else ""
        claim = {"_id": _ROWS, "version": version + 1, "form": FORM, "done": False, "after": after}
        claim["until"] = instant_text(until)
        try:
            if there is None:
                await self._store.insert(RENEWALS.name, claim)
            elif not await self._store.replace(RENEWALS.name, claim, version=version):
                return None
        except DuplicateKey:
            return None
        return claim

    async def renewed(self, claim: Document, after: str, *, done: bool) -> None:
        """All up to that id are made anew; whoever is next may go on."""
        row = claim | {"version": claim["version"] + 1, "after": after, "done": done, "until": ""}
        await self._store.replace(RENEWALS.name, row, version=claim["version"])

    async def find(self, where: Where, sort: Sort, limit: int, after: Sequence[str] | None) -> Sequence[Found]:
        """A page of rows, those behind a place where one is given."""
        rows = await self._store.find(_collection(where), where, sort=sort, limit=limit, after=after)
        return [
            (row["file"] if "file" in row else row["_id"], _in(row), (*(row[name] for name, _ in sort), row["_id"]))
            for row in rows
        ]

    async def count(self, where: Where, most: int) -> int:
        """How many rows there are, `most` at most."""
        return await self._store.count(_collection(where), where, most=most)

    async def campaigns(self) -> frozenset[str]:
        """The campaigns of which there are files: each is found by the one before it, and there are a hundred at most."""
        found: list[str] = []
        while rows := await self._store.find(
            LISTING.name,
            {"campaign": Range(gt=found[-1] if found else "")},
            sort=(("campaign", 1), ("programme", 1)),
            limit=1,
            fields=("campaign",),
        ):
            found.append(rows[0]["campaign"])
        return frozenset(found)

    async def centre_of(self, id: str) -> str | None:
        """The centre in whose lists a file is."""
        row = await self._store.get(LISTING.name, id, fields=("centre",))
        return None if row is None else row["centre"]

    async def ids_of(self, account: str) -> AsyncGenerator[str, None]:
        """The files of an account of which there are rows, some more than once."""
        for pile in Pile:
            where = {"pile": pile.value, "account": account}
            async for row in every(self._store, LISTING.name, where, sort=(("since", 1),)):
                yield row["_id"]
        async for row in every(self._store, MARKED.name, {"account": account}, sort=(("account", 1),)):
            yield row["file"]

    async def ids(self) -> AsyncGenerator[str, None]:
        """The files of which there are rows, some more than once."""
        async for row in every(self._store, LISTING.name, {}):
            yield row["_id"]
        async for row in every(self._store, MARKED.name, {}):
            yield row["file"]


def _rows(id: str, row: Row) -> dict[tuple[str, str], Document]:
    """The row of a file, and those on the piles of its marks, by collection and id."""
    whole = _out(row)
    marks = {
        (MARKED.name, marked(id, mark)): whole | {"file": id, "mark": mark, "pile": marked(row.pile.value, mark)}
        for mark in sorted(set(row.marks))
    }
    return {(LISTING.name, id): whole} | marks


def _collection(where: Where) -> str:
    return MARKED.name if is_marked(str(where["pile"])) else LISTING.name


def _out(row: Row) -> dict[str, Any]:
    return fields(row) | {
        "pile": row.pile.value,
        "title": dict(row.title),
        "since": instant_text(row.since),
        "opened_at": instant_text(row.opened_at),
        "submitted_at": None if row.submitted_at is None else instant_text(row.submitted_at),
        "deadline": row.deadline.isoformat(),
        "marks": list(row.marks),
    }


def _in(out: Mapping[str, Any]) -> Row:
    submitted_at = out["submitted_at"]
    return Row(
        **members(Row, out)
        | {
            "pile": Pile(unmarked(out["pile"])),
            "marks": tuple(out.get("marks", ())),
            "since": instant(out["since"]),
            "opened_at": instant(out["opened_at"]),
            "submitted_at": None if submitted_at is None else instant(submitted_at),
            "deadline": date.fromisoformat(out["deadline"]),
        }
    )
