"""Where and in which language people are written to, as accounts tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from services.chassis.events.copies import Copies
from services.chassis.ports import MAX_FIND, Collection, Document, Get, In, Store
from services.contracts.languages import Language

READERS: Final = Collection("readers")


class LanguageCopies:
    """The languages and addresses of candidates, by account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, READERS, ("language", "email"))

    async def keep(self, account: str, language: Language, email: str, version: int) -> None:
        """Keep it unless something was told later; `version` is the event's number among its key's."""
        await self._copies.put(account, version, {"language": language, "email": email})

    async def of(self, accounts: Iterable[str]) -> Mapping[str, Language]:
        """The languages of these accounts, `MAX_FIND` at most, where they are known."""
        ids = tuple(sorted(set(accounts)))
        rows = await self._store.find(READERS.name, {"_id": In(ids)}, limit=MAX_FIND, fields=("language",))
        return {row["_id"]: row["language"] for row in rows if "language" in row}

    async def emails(self, accounts: Iterable[str]) -> Mapping[str, str]:
        """The addresses of these accounts, `MAX_FIND` at most, where they are known."""
        ids = tuple(sorted(set(accounts)))
        rows = await self._store.find(READERS.name, {"_id": In(ids)}, limit=MAX_FIND, fields=("email",))
        return {row["_id"]: row["email"] for row in rows if "email" in row}

    def asked(self, account: str) -> Get:
        """Where one is written to, as a question to be put beside others; `email_in` reads the answer."""
        return self._copies.asked(account)

    def email_in(self, row: Document | None) -> str:
        """The address in a row; empty where none is known, as to a release of before."""
        return "" if (there := self._copies.copy_in(row)) is None else there.get("email", "")

    async def erase(self, account: str) -> None:
        """Forget one for ever."""
        await self._copies.erase(account)
