"""In which language people are written to, as accounts tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from services.chassis.events.copies import Copies
from services.chassis.ports import MAX_FIND, Collection, In, Store
from services.contracts.languages import Language

READERS: Final = Collection("readers")


class LanguageCopies:
    """The languages of candidates, by account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, READERS, ("language",))

    async def keep(self, account: str, language: Language, version: int) -> None:
        """Keep it unless something was told later; `version` is the event's number among its key's."""
        await self._copies.put(account, version, {"language": language})

    async def of(self, accounts: Iterable[str]) -> Mapping[str, Language]:
        """The languages of these accounts, `MAX_FIND` at most, where they are known."""
        ids = tuple(sorted(set(accounts)))
        rows = await self._store.find(READERS.name, {"_id": In(ids)}, limit=MAX_FIND, fields=("language",))
        return {row["_id"]: row["language"] for row in rows if "language" in row}

    async def erase(self, account: str) -> None:
        """Forget one for ever."""
        await self._copies.erase(account)
