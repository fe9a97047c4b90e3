"""Models in the store: rows that are added and never changed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.chassis.ports import Collection, Document, DuplicateKey, Store
from services.chassis.store.rows import reading
from services.contracts.instants import instant, instant_text
from services.documents.domain.models import Model

MODELS: Final = Collection("models")


@dataclass(frozen=True, slots=True)
class Models:
    """One row for each file, by its name."""

    store: Store

    async def get(self, name: str) -> Model | None:
        """The model of that name."""
        row = await self.store.get(MODELS.name, name)
        return None if row is None else model_of(row)

    async def count(self, most: int) -> int:
        """How many there are, counted up to so many."""
        return await self.store.count(MODELS.name, {}, most=most)

    async def add(self, model: Model) -> Model:
        """Keep it; answers the one of that name that was first."""
        row: Document = {
            "_id": model.name,
            "version": 1,
            "requirement": model.requirement,
            "filename": model.filename,
            "sha256": model.sha256,
            "size": model.size,
            "at": instant_text(model.at),
            "by": model.by,
        }
        with suppress(DuplicateKey):
            await self.store.insert(MODELS.name, row)
            return model
        return await self.get(model.name) or model

    async def page(self, after: str, limit: int) -> list[Model]:
        """So many behind a name, in the order of names."""
        rows = await self.store.find(MODELS.name, {}, limit=limit, after=[after] if after else None)
        return [model_of(row) for row in rows]


def model_of(row: Document) -> Model:
    """What a row says; raises UnreadableRow."""
    with reading(MODELS.name, row):
        return Model(row["requirement"], row["filename"], row["sha256"], row["size"], instant(row["at"]), row["by"])
