"""Who has accepted a place and was not told how to enrol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from services.applications.repository.applications import APPLICATIONS
from services.chassis.ports import Document, Range, Store
from services.chassis.store.rows import every

SINCE: Final = "place.uninstructed_since"


class Uninstructed:
    """Their files, by since when."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> AsyncIterator[Document]:
        """Files, in nobody's name, the one accepted first first; those that wait for their conditions are not of them."""
        async for row in every(self._store, APPLICATIONS.name, {SINCE: Range(gt="")}, sort=((SINCE, 1),)):
            yield row
