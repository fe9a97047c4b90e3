"""What offers tells of programmes, as far as letters and who may read need it."""

from __future__ import annotations

from typing import Any, Final

from services.chassis.events.copies import Copies
from services.chassis.ports import Sort, Store
from services.chassis.store.rows import reading
from services.contracts.events.offers import ProgrammePart
from services.documents.repository.documents import PROGRAMMES

LOOKED_THROUGH: Final = 20
"""Programmes of a centre of which one may have been told since names are kept."""
_TEXTS: Final = {"title": ("fr", "en"), "centre": ("label", "label_en"), "diploma": ("code", "label", "label_en")}
"""What is said of a programme in a letter, as members of the event's parts; the code of the centre stands for itself."""

MEMBERS: Final = ("centre", "commission", *(f"{part}_{name}" for part, names in _TEXTS.items() for name in names))
"""What is kept of each programme."""


class ProgrammeCopies:
    """Programmes, by code and by centre."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, PROGRAMMES, MEMBERS)

    async def keep(self, told: ProgrammePart) -> None:
        """Keep to whom a programme belongs and what it is called, unless it was told later."""
        row: dict[str, Any] = {
            "centre": told.centre.code,
            "commission": None if told.commission is None else told.commission.code,
        }
        for part, names in _TEXTS.items():
            row |= {f"{part}_{name}": getattr(getattr(told, part), name) or "" for name in names}
        await self._copies.put(told.code, told.version, row, flat=True)

    async def centre_of(self, code: str) -> str | None:
        """To which centre a programme belongs today; None of one that is not known here."""
        row = await self._copies.get(code)
        if row is None:
            return None
        with reading(PROGRAMMES.name, row):
            return str(row["centre"])

    async def one_of(self, centre: str) -> dict[str, Any]:
        """What a file says of its programme, of one of this centre; of the centre by its code alone where nothing is known.

        So is what an earlier release has copied, which kept no names.
        """
        order: Sort = (("centre", 1), ("_id", 1))
        rows = await self._store.find(PROGRAMMES.name, {"centre": centre}, sort=order, limit=LOOKED_THROUGH)
        for row in rows:
            if "title_fr" in row:
                said = {part: {name: row[f"{part}_{name}"] or None for name in _TEXTS[part]} for part in _TEXTS}
                said["centre"] |= {"code": centre}
                return {"programme": row["_id"], **said}
        return {"centre": {"code": centre, "label": centre}}
