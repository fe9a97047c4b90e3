"""Of what boards want to be told, as offers tells it, and what is to be told them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.chassis.events.copies import Copies
from services.chassis.events.heard import hear_again
from services.chassis.ports import MAX_FIND, Collection, Document, DuplicateKey, Index, Range, Store
from services.chassis.store.rows import every, reading
from services.contracts.events.commissions import CommissionChanged
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.contracts.instants import instant, instant_text
from services.mailer.domain.alerts import Board, Happened
from services.mailer.repository import PROGRAMMES

BOARDS: Final = Collection("boards")
"""Of what boards want to be told, by code."""
ALERTS: Final = Collection("alerts", (Index("due", ("due_at",)), Index("board", ("board", "due_at"))))
"""What is to be told, by the event that told it here; of what was told stays in which mail, that it is not told again."""


class BoardCopies:
    """Boards, by their codes."""

    def __init__(self, store: Store) -> None:
        self._copies = Copies(store, BOARDS, ("label", "email", "language", "on"))

    async def keep(self, event: CommissionChanged) -> None:
        """Keep of what a board wants to be told, unless it was told later."""
        alerts = event.alerts
        row = {
            "label": event.label.model_dump(exclude_none=True),
            "email": alerts.email or "",
            "language": alerts.language,
            "on": list(alerts.on),
        }
        await self._copies.put(event.commission, event.version, row, flat=True)

    async def of(self, code: str) -> Board | None:
        """The board of that code, if it has ever said anything."""
        row = await self._copies.get(code)
        if row is None:
            return None
        with reading(BOARDS.name, row):
            return Board(code, row["label"], row["email"], row["language"], frozenset(row["on"]))


@dataclass(frozen=True, slots=True)
class Alerts:
    """What is to be told."""

    store: Store

    async def note(self, happened: Happened, due_at: datetime) -> None:
        """Have it told with what waits for this board already, or else by an instant; a second time it is known."""
        waiting = await self.store.find(
            ALERTS.name, {"board": happened.board}, sort=(("due_at", -1),), limit=1, fields=("due_at", "delivery")
        )
        joins = waiting and not waiting[0].get("delivery")  # else it is about to be told, without this
        row: Document = {
            "_id": happened.event,
            "version": 1,
            "board": happened.board,
            "alert": happened.alert,
            "programme": happened.programme,
            "due_at": waiting[0]["due_at"] if joins else instant_text(due_at),
        }
        with suppress(DuplicateKey):
            await self.store.insert(ALERTS.name, row)

    def due(self, now: datetime) -> AsyncIterator[Document]:
        """What is to be told by now, the longest due first."""
        return every(self.store, ALERTS.name, {"due_at": Range(le=instant_text(now))}, sort=(("due_at", 1),))

    async def waiting(self, board: str) -> list[Happened]:
        """What waits for a board, due or not, 1000 at most."""
        rows = await self.store.find(ALERTS.name, {"board": board}, sort=(("due_at", 1),), limit=MAX_FIND)
        return [_happened(row) for row in rows]

    async def claim(self, happened: Happened, delivery: str, now: datetime) -> bool:
        """Have a mail say it and no other, or with an empty name any; False if somebody else has dealt with it."""
        row = await self.store.get(ALERTS.name, happened.event)
        if row is None or row["version"] != happened.version:
            return False
        return await self._put({**row, "delivery": delivery, "claimed_at": instant_text(now)})

    async def assign(self, happened: Happened, board: str) -> None:
        """Have it wait for this board, which was not known; unless somebody else has dealt with it."""
        row = await self.store.get(ALERTS.name, happened.event)
        if row is not None and row["version"] == happened.version:
            await self._put({**row, "board": board})

    async def without_board(self) -> AsyncIterator[str]:
        """The programmes of which an earlier release has not kept whose they are, by their codes."""
        async for row in every(self.store, PROGRAMMES.name, {}):
            if "title" in row and not {"commission", "centre_code"} <= row.keys():
                yield row["_id"]

    async def hear_programmes_again(self) -> None:
        """Have all programmes told again, in their order."""
        await hear_again(self.store, ProgrammePublished, ProgrammeChanged)

    async def close(self, happened: Sequence[Happened], delivery: str) -> None:
        """They are told, by this mail; empty: nobody wants to be told any more."""
        for each in happened:
            row = await self.store.get(ALERTS.name, each.event)
            if row is not None and "board" in row:
                await self._put({"_id": row["_id"], "version": row["version"], "delivery": delivery})

    async def _put(self, row: Document) -> bool:
        version = row["version"]
        return await self.store.replace(ALERTS.name, {**row, "version": version + 1}, version=version)


def _happened(row: Document) -> Happened:
    with reading(ALERTS.name, row):
        return Happened(
            event=row["_id"],
            version=row["version"],
            board=row["board"],
            alert=row["alert"],
            programme=row["programme"],
            delivery=row.get("delivery", ""),
            claimed_at=instant(row["claimed_at"]) if "claimed_at" in row else None,
        )
