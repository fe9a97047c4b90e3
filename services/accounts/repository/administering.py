"""The one turn in which rights of an administrator are taken away: of two who take each other's, one stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from services.accounts.repository.plain import change_document
from services.chassis.ports import Collection, Document, Store
from services.contracts.instants import instant_text
from services.contracts.refusals import BUSY

ADMINISTERING: Final = Collection("administering")

WITHIN: Final = timedelta(seconds=60)
"""After so long a turn is over whose process has died; longer than any request lasts."""
_ID: Final = "turn"


class TurnRepository:
    """Who has the turn."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @asynccontextmanager
    async def taken(self, holder: str, now: datetime) -> AsyncIterator[None]:
        """Have the turn; raises BUSY while another has it."""

        def take(there: Document | None) -> Document:
            if there is not None and there["until"] > instant_text(now):
                raise BUSY(retry_after=1)
            return {"holder": holder, "until": instant_text(now + WITHIN)}

        row = await change_document(self._store, ADMINISTERING.name, _ID, take)
        try:
            yield
        finally:
            if row is not None:
                await self._store.delete(ADMINISTERING.name, _ID, version=row["version"])
