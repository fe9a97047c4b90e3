"""Documents of who was handed over to the student records: a row for each application, and one that counts a night's."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.chassis.ports import Collection, Document, DuplicateKey, Index, Range, Sort, Store, Where
from services.chassis.store.evolution import members
from services.chassis.store.rows import each_of, every, reading
from services.contracts.instants import instant, instant_text
from services.documents.domain.hand_overs import Handed, HandedState, HandOver

HAND_OVERS: Final = Collection(
    "hand_overs",
    (
        Index("due_at", ("due_at",)),
        Index("account", ("account",)),
        Index("campaign", ("campaign",)),
        Index("refused", ("refused",)),
        Index("waiting", ("waiting",)),
        Index("calls_off", ("calls_off", "due_at")),
    ),
)
"""By application. `due_at` is there while something is to be told; `refused` and `waiting` while something of it is."""
HAND_OVER_NIGHTS: Final = Collection("hand_over_nights")
"""How many documents went in the last night, which is one for all replicas."""
_NIGHT: Final = "last"
_KNOWN: Final = frozenset(
    {
        "account",
        "campaign",
        "programme",
        "stands",
        "documents",
        "claimed_until",
        "due_at",
        "refused",
        "waiting",
        "calls_off",
    }
)
PILES: Final = ("refused", "waiting", "all")


class HandOvers:
    """The records; who changes one names the version that was read, so that of two each is heeded."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, application: str) -> HandOver | None:
        """The record of an application, if there is one."""
        row = await self._store.get(HAND_OVERS.name, application)
        return None if row is None else read(row)

    async def change(
        self, application: str, step: Callable[[HandOver], HandOver], begun: HandOver | None = None
    ) -> HandOver | None:
        """The record after a step; `begun` is what it begins with where there is none. None: there is none.

        What is over is forgotten.
        """
        while True:
            row = await self._store.get(HAND_OVERS.name, application)
            before = begun if row is None else read(row)
            if before is None:
                return None
            after = step(before)
            if row is None:
                if after.is_over:
                    return None
                try:
                    await self._store.insert(HAND_OVERS.name, _row(application, after) | {"version": 1})
                except DuplicateKey:
                    continue
                return after
            if after == before:
                return after
            if after.is_over:
                if await self._store.delete(HAND_OVERS.name, application, version=row["version"]):
                    return after
            elif await self._put(row, after):
                return after

    async def claim(self, row: Document, now: datetime, until: datetime) -> HandOver | None:
        """The record for who tells of it now, nobody else before that instant; None: somebody else does."""
        record = read(row)
        if record.due is None or record.due > now:
            return None
        claimed = replace(record, claimed_until=until)
        return claimed if await self._put(row, claimed) else None

    async def _put(self, row: Document, after: HandOver) -> bool:
        unknown = {name: value for name, value in row.items() if name not in _KNOWN}
        fresh = unknown | _row(row["_id"], after) | {"version": row["version"] + 1}
        return await self._store.replace(HAND_OVERS.name, fresh, version=row["version"])

    def due(self, now: datetime, *, calls_off: bool = False) -> AsyncIterator[Document]:
        """Those of which something is to be told by now, or is to be dropped, the longest waiting first."""
        where: Where = {"due_at": Range(gt="", le=instant_text(now))}
        if calls_off:
            order: Sort = (("calls_off", 1), ("due_at", 1))
            return every(self._store, HAND_OVERS.name, {"calls_off": True, **where}, sort=order)
        return every(self._store, HAND_OVERS.name, where, sort=(("due_at", 1),))

    def pile(self, pile: str, after: str | None) -> AsyncGenerator[Document, None]:
        """Those of which something was refused, or waits, or all; in order of applications, behind one."""
        if pile == "all":
            return every(self._store, HAND_OVERS.name, {}, after=None if after is None else (after,))
        order: Sort = ((pile, 1), ("_id", 1))
        start = None if after is None else (True, after)
        return every(self._store, HAND_OVERS.name, {pile: True}, sort=order, after=start)

    def of_campaign(self, campaign: str) -> AsyncGenerator[Document, None]:
        """All of a campaign, in order of applications."""
        return every(self._store, HAND_OVERS.name, {"campaign": campaign})

    async def campaigns(self) -> Sequence[str]:
        """Those of which there are any, in order."""
        found: list[str] = []
        where: Where = {"campaign": Range(gt="")}
        order: Sort = (("campaign", 1),)
        while rows := await self._store.find(HAND_OVERS.name, where, sort=order, limit=1, fields=("campaign",)):
            found.append(rows[0]["campaign"])
            where = {"campaign": Range(gt=found[-1])}
        return found

    async def of_account(self, account: str, do: Callable[[str], Awaitable[object]]) -> None:
        """Do something with each application of an account."""
        order: Sort = (("account", 1), ("_id", 1))
        await each_of(every(self._store, HAND_OVERS.name, {"account": account}, sort=order), lambda row: do(row["_id"]))

    async def sent(self, night: str) -> int:
        """How many documents have gone in a night, or were tried."""
        return _sent(await self._store.get(HAND_OVER_NIGHTS.name, _NIGHT), night)

    async def take_one(self, night: str, most: int) -> bool:
        """Count one more that goes in a night; False if so many have gone."""
        while True:
            row = await self._store.get(HAND_OVER_NIGHTS.name, _NIGHT)
            sent = _sent(row, night)
            if sent >= most:
                return False
            after = {"_id": _NIGHT, "night": night, "sent": sent + 1}
            if row is None:
                try:
                    await self._store.insert(HAND_OVER_NIGHTS.name, after | {"version": 1})
                except DuplicateKey:
                    continue
                return True
            if await self._store.replace(
                HAND_OVER_NIGHTS.name, after | {"version": row["version"] + 1}, version=row["version"]
            ):
                return True


def _sent(row: Document | None, night: str) -> int:
    return int(row["sent"]) if row is not None and row["night"] == night else 0


def read(row: Document) -> HandOver:
    """What `_row` wrote."""
    with reading(HAND_OVERS.name, row):
        claimed = row.get("claimed_until")
        return HandOver(
            account=row.get("account", ""),
            campaign=row["campaign"],
            programme=row["programme"],
            stands=row["stands"],
            documents=tuple(_handed(each) for each in row["documents"]),
            claimed_until=None if claimed is None else instant(claimed),
        )


def _handed(told: Mapping[str, Any]) -> Handed:
    known = members(Handed, told)
    known |= {name: instant(known[name]) for name in ("since", "due", "silent_since") if name in known}
    return Handed(**known | {"state": HandedState(known["state"])})


def _row(application: str, record: HandOver) -> Document:
    row: Document = {
        "_id": application,
        "campaign": record.campaign,
        "programme": record.programme,
        "stands": record.stands,
        "documents": [_document(each) for each in record.documents],
    }
    if record.account:
        row["account"] = record.account
    if record.claimed_until is not None:
        row["claimed_until"] = instant_text(record.claimed_until)
    if record.due is not None:
        row["due_at"] = instant_text(record.due)
    if any(each.reason for each in record.documents):
        row["refused"] = True
    if any(each.due is not None for each in record.documents):
        row["waiting"] = True
    if any(each.state is HandedState.CALLED_OFF and each.due is not None for each in record.documents):
        row["calls_off"] = True
    return row


def _document(each: Handed) -> dict[str, Any]:
    told: dict[str, Any] = {
        "document": each.document,
        "piece": each.piece,
        "state": each.state.value,
        "since": instant_text(each.since),
        "revision": each.revision,
    }
    if each.due is not None:
        told |= {"due": instant_text(each.due), "failures": each.failures}
    if each.silent_since is not None:
        told["silent_since"] = instant_text(each.silent_since)
    if each.reason:
        told["reason"] = each.reason
    if each.tried:
        told["tried"] = True
    return told
