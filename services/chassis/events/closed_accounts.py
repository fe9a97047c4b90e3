"""Accounts that are closed since their person goes on with another one: services that act for people copy which they are.

Accounts tells of them (ADR 92); nothing of what belongs to such an account is changed by it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.chassis import ports
from services.chassis.events.copies import Copies
from services.chassis.ports import MAX_FIND, Document, In, Store
from services.chassis.store.rows import reading
from services.contracts.events.accounts import ClosingChanged
from services.contracts.instants import instant

CLOSED_ACCOUNTS: Final = ports.Collection("closed_accounts")


@dataclass(frozen=True, slots=True)
class ClosedAccount:
    """Which account its person goes on with, and since when it is closed."""

    kept: str
    since: datetime


class ClosedAccounts:
    """What was told last of each account that is closed, or was."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, CLOSED_ACCOUNTS, ("kept", "closed_at"))

    async def keep(self, event: ClosingChanged, version: int) -> None:
        """Keep what was told, unless something was told later; `version` is the event's number among its key's."""
        await self._copies.put(event.account, version, {"kept": event.kept, "closed_at": event.closed_at})

    async def of(self, account: str) -> ClosedAccount | None:
        """How an account is closed; None where it is not, as far as was heard."""
        row = await self._copies.get(account)
        return None if row is None else _closed(row)

    async def among(self, accounts: Collection[str]) -> Mapping[str, ClosedAccount]:
        """How those are closed that are, by account; of `MAX_FIND` at most."""
        rows = await self._store.find(CLOSED_ACCOUNTS.name, {"_id": In(tuple(sorted(set(accounts))))}, limit=MAX_FIND)
        known = {row["_id"]: _closed(row) for row in rows if "kept" in row}
        return {account: closed for account, closed in known.items() if closed is not None}

    async def erase(self, account: str) -> None:
        """Forget one that is gone; of one that never was closed nothing is written."""
        if await self._copies.get(account) is not None:
            await self._copies.erase(account)


def _closed(row: Document) -> ClosedAccount | None:
    with reading(CLOSED_ACCOUNTS.name, row):
        return None if row["kept"] is None else ClosedAccount(row["kept"], instant(row["closed_at"]))
