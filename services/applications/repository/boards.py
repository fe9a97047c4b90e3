"""Copies of what boards are called, and of what they say of their letters."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Iterable, Mapping
from typing import Final

from services.applications.domain.states import LetterKind
from services.chassis.events.copies import Copies
from services.chassis.ports import MAX_FIND, Collection, In, Store
from services.chassis.store.rows import BY_ID, reading
from services.contracts.events.commissions import CommissionChanged

BOARDS: Final = Collection("boards")
"""By code, as offers tells it."""
EVERY: Final = frozenset(LetterKind)


class BoardCopies:
    """Boards, by their codes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, BOARDS, ("kinds", "label"))

    async def keep(self, event: CommissionChanged) -> None:
        """Keep what a board says, unless it was told later."""
        said = {"kinds": list(event.letters.kinds), "label": event.label.model_dump(exclude_none=True)}
        await self._copies.put(event.commission, event.version, said, flat=True)

    async def letters_of(self, code: str | None) -> AnyOf[LetterKind]:
        """Which letters that board gives; one that is not known gives every letter."""
        row = None if code is None else await self._copies.get(code)
        if row is None:
            return EVERY
        with reading(BOARDS.name, row):
            return frozenset(kind for kind in LetterKind if kind.value in row["kinds"])

    async def names(self, codes: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        """What the boards of these codes are called, as far as they have said so: none of them may have changed yet."""
        found, wanted = dict[str, Mapping[str, str]](), sorted({*codes})
        for start in range(0, len(wanted), MAX_FIND):
            where = {"_id": In(tuple(wanted[start : start + MAX_FIND]))}
            for row in await self._store.find(BOARDS.name, where, sort=BY_ID, limit=MAX_FIND):
                with reading(BOARDS.name, row):
                    if (label := row.get("label")) is not None:  # 0.1.0 has kept none
                        found[row["_id"]] = dict(label)
        return found
