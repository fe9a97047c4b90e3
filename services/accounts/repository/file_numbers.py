"""The ledger of file numbers: what was once given is never given again, whatever becomes of its account."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.chassis.ports import Collection, DuplicateKey, Ids, Store
from services.contracts.file_numbers import ALPHABET, LENGTH
from services.contracts.instants import instant_text
from services.contracts.refusals import BUSY

FILE_NUMBERS: Final = Collection("file_numbers")

MAX_TRIES: Final = 20


class FileNumberRepository:
    """All numbers that were ever given; nobody asks for them, they are only taken."""

    def __init__(self, store: Store, ids: Ids) -> None:
        self._store = store
        self._ids = ids

    async def take(self, prefix: str, campaign: str, now: datetime) -> str:
        """A number that was never given before, looked up whole, behind the institution's prefix (acceptance 20)."""
        for _ in range(MAX_TRIES):
            number = prefix + self._ids.code(LENGTH, ALPHABET)
            try:
                await self._store.insert(
                    FILE_NUMBERS.name,
                    {"_id": number, "version": 1, "campaign": campaign, "given_at": instant_text(now)},
                )
            except DuplicateKey:
                continue
            return number
        raise BUSY(retry_after=1)
