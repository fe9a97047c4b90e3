"""Rows that are added under a name and never changed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import ClassVar, Generic, Protocol, TypeVar

from services.chassis.ports import Collection, Document, DuplicateKey, Store
from services.chassis.store.rows import reading


class Named(Protocol):
    """What is kept."""

    @property
    def name(self) -> str:
        """Under which it is kept."""


T = TypeVar("T", bound=Named)


class Added(ABC, Generic[T]):
    """One row for each thing, by its name."""

    collection: ClassVar[Collection]

    def __init__(self, store: Store) -> None:
        self._store = store

    @abstractmethod
    def written(self, thing: T) -> Document:
        """What a row says of it, beside its name."""

    @abstractmethod
    def of(self, row: Document) -> T:
        """What a row says; raises what a row raises that lacks something."""

    def read(self, row: Document) -> T:
        """The same; raises UnreadableRow."""
        with reading(self.collection.name, row):
            return self.of(row)

    async def get(self, name: str) -> T | None:
        """The one of that name."""
        row = await self._store.get(self.collection.name, name)
        return None if row is None else self.read(row)

    async def count(self, most: int) -> int:
        """How many there are, counted up to so many."""
        return await self._store.count(self.collection.name, {}, most=most)

    async def page(self, after: str, limit: int) -> list[T]:
        """So many behind a name, in the order of names."""
        rows = await self._store.find(self.collection.name, {}, limit=limit, after=[after] if after else None)
        return [self.read(row) for row in rows]

    async def add(self, thing: T) -> T:
        """Keep it; answers the one of that name that was first."""
        row: Document = {"_id": thing.name, "version": 1, **self.written(thing)}
        with suppress(DuplicateKey):
            await self._store.insert(self.collection.name, row)
            return thing
        return await self.get(thing.name) or thing
