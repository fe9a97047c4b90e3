"""Work that was asked for, each piece in a document of its own, with the questions that all kinds of it are asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, ClassVar, Final

from services.chassis import ports
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Versioned
from services.chassis.ports import Collection, In, Index, Range
from services.chassis.store.evolution import members
from services.chassis.store.rows import every
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text
from services.contracts.work import W, WorkState

_TIMES: Final = ("asked_at", "due_at", "begun_at")
_PASSING: Final = ("due_at", "begun_at", "place")


def work_in(name: str, *more: Index) -> Collection:
    """The collection of a kind of work."""
    return Collection(
        name,
        (
            OUTBOX_INDEX,
            Index("account", ("account", "asked_at")),
            Index("due", ("due_at",)),
            Index("expiry", ("expires_at",)),
            Index("slot", ("account", "slot"), unique=True),
            Index("place", ("place",), unique=True),
            *more,
        ),
    )


class WorkRepository(Aggregates[W]):
    """The work of one `kind`, by id; whose each is stands in `account`.

    One person has `max_each` of it at most, whatever their state; `max_all` of everybody's wait or are being made.
    """

    kind: ClassVar[type[Any]]
    max_each: ClassVar[int]
    max_all: ClassVar[int]

    def to_document(self, state: W) -> ports.Document:
        """`due_at` and `place` are there while it is not done, `begun_at` once it was taken up."""
        document = {each.name: _plain(getattr(state, each.name)) for each in fields(state)}
        document |= {"state": state.state.value, "expires_at": instant_text(state.expires_at)}
        document |= {name: instant_text(document[name]) for name in _TIMES if document[name] is not None}
        return {name: value for name, value in document.items() if name not in _PASSING or value is not None}

    def from_document(self, document: ports.Document) -> W:
        """What `to_document` wrote."""
        known = {"place": None} | {name: _frozen(value) for name, value in members(self.kind, document).items()}
        known |= {name: instant(known[name]) for name in _TIMES if name in known}
        work: W = self.kind(**{**known, "state": WorkState(document["state"])})
        return work

    def publish(self, id: str, state: W, domain_event: Any) -> Sequence[Event]:
        """None: work is between a person and the suite."""
        raise AssertionError("nothing is told of work")

    async def close(self, row: ports.Document, command: CommandContext) -> ports.Document | None:
        """Say what is to be said last of all of work that goes; the row as it is then, None if it has changed since."""
        return row

    async def of(self, account: str, id: str) -> Versioned[W] | None:
        """The work of that id, if it is this person's."""
        return await self.get(id, {"account": account})

    async def own(self, account: str) -> list[Versioned[W]]:
        """All of a person, the newest first."""
        return await self.listed({"account": account}, sort=(("asked_at", -1),), limit=self.max_each)

    async def places(self) -> set[int]:
        """The places that are taken by what is not done."""
        rows = await self._store.find(
            self.collection.name, {"place": Range(ge=0)}, sort=(("place", 1),), limit=self.max_all, fields=("place",)
        )
        return {row["place"] for row in rows}

    async def due(self, now: datetime) -> Versioned[W] | None:
        """Whose turn it is, or whose worker has died; in nobody's name.

        Nobody has two made at once, and first comes for whom the last was begun longest ago.
        """
        waiting = await self.listed({"due_at": Range(gt="")}, sort=(("due_at", 1),), limit=self.max_all)
        is_due = {saved.id: saved.state.due_at is not None and saved.state.due_at <= now for saved in waiting}
        served = {saved.state.account for saved in waiting if saved.state.holder and not is_due[saved.id]}
        found = [saved for saved in waiting if is_due[saved.id] and saved.state.account not in served]
        if not found:
            return None
        accounts = In(tuple({saved.state.account for saved in found}))
        last: dict[str, str] = {}
        rows = await self._store.find(
            self.collection.name,
            {"account": accounts},
            sort=(("account", 1), ("asked_at", 1)),
            limit=self.max_all * self.max_each,
            fields=("account", "begun_at"),
        )
        for row in rows:
            last[row["account"]] = max(last.get(row["account"], ""), row.get("begun_at") or "")
        return min(found, key=lambda saved: last.get(saved.state.account, ""))

    def expired(self, now: datetime) -> AsyncIterator[ports.Document]:
        """Those that nobody can have any more, in nobody's name."""
        where = {"expires_at": Range(le=instant_text(now))}
        return every(self._store, self.collection.name, where, sort=(("expires_at", 1),))

    def rows(self) -> AsyncIterator[ports.Document]:
        """All there are, in nobody's name: for an event that says that somebody is gone of whom they may tell."""
        return every(self._store, self.collection.name, {})

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All of an account, in nobody's name: for an event that says that the person is gone."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("account", 1), ("asked_at", 1)))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
