"""Accounts that are closed since their person goes on with another one: services that act for people copy which they are.

Accounts tells of them (ADR 92); nothing of what belongs to such an account is changed by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Store
from services.chassis.store.rows import reading
from services.contracts.events.accounts import ClosingChanged
from services.contracts.instants import instant

CLOSED_ACCOUNTS: Final = Collection("closed_accounts")


@dataclass(frozen=True, slots=True)
class ClosedAccount:
    """Which account its person goes on with, and since when it is closed."""

    kept: str
    since: datetime


class ClosedAccounts:
    """What was told last of each account that is closed, or was."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, CLOSED_ACCOUNTS)

    async def keep(self, event: ClosingChanged, version: int) -> None:
        """Keep what was told, unless something was told later; `version` is the event's number among its key's."""
        await self._copies.put(event.account, version, {"kept": event.kept, "closed_at": event.closed_at})

    async def of(self, account: str) -> ClosedAccount | None:
        """How an account is closed; None where it is not, as far as was heard."""
        row = await self._copies.get(account)
        if row is None:
            return None
        with reading(CLOSED_ACCOUNTS.name, row):
            return None if row["kept"] is None else ClosedAccount(row["kept"], instant(row["closed_at"]))

    async def erase(self, account: str) -> None:
        """Forget one that is gone; of one that never was closed nothing is written."""
        if await self._copies.get(account) is not None:
            await self._copies.erase(account)
