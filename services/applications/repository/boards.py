"""Copies of what boards say of their letters."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from typing import Final

from services.applications.domain.states import LetterKind
from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Store
from services.chassis.store.rows import reading
from services.contracts.events.commissions import CommissionChanged

BOARDS: Final = Collection("boards")
"""By code, as offers tells it."""
EVERY: Final = frozenset(LetterKind)


class BoardCopies:
    """Boards, by their codes."""

    def __init__(self, store: Store) -> None:
        self._copies = Copies(store, BOARDS, ("kinds",))

    async def keep(self, event: CommissionChanged) -> None:
        """Keep what a board says, unless it was told later."""
        await self._copies.put(event.commission, event.version, {"kinds": list(event.letters.kinds)}, flat=True)

    async def letters_of(self, code: str | None) -> AnyOf[LetterKind]:
        """Which letters that board gives; one that is not known gives every letter."""
        row = None if code is None else await self._copies.get(code)
        if row is None:
            return EVERY
        with reading(BOARDS.name, row):
            return frozenset(kind for kind in LetterKind if kind.value in row["kinds"])
