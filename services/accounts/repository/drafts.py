"""Drafts: what somebody has typed into a step of the profile and not yet saved (acceptance 34)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from services.accounts.repository.plain import change_document, holders, sweep
from services.chassis.ports import MAX_FIND, Collection, Document, Index, Store
from services.contracts.instants import instant_text

DRAFTS: Final = Collection("drafts", (Index("account", ("account", "saved_at")), Index("forget_at", ("forget_at",))))

KEPT: Final = timedelta(days=30)
"""A draft that nobody went on with is forgotten then."""


class DraftRepository:
    """The drafts of all accounts, one for each step at the most; the callers have the account from an access token."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, account: str, step: str) -> Document | None:
        """What was typed into a step, `values`, and when, `saved_at`."""
        return await self._store.get(DRAFTS.name, _id(account, step))

    async def keep(self, account: str, step: str, values: Mapping[str, str], now: datetime) -> None:
        """Keep what was typed in the place of what was; raises BUSY."""
        row = {
            "account": account,
            "values": dict(values),
            "saved_at": instant_text(now),
            "forget_at": instant_text(now + KEPT),
        }
        await change_document(self._store, DRAFTS.name, _id(account, step), lambda _: row)

    async def forget(self, account: str, step: str) -> None:
        """Forget the draft of a step, if there is one."""
        await self._store.delete(DRAFTS.name, _id(account, step))

    async def forget_all(self, account: str) -> None:
        """Forget all drafts of an account that is gone."""
        while rows := await self._store.find(
            DRAFTS.name, {"account": account}, sort=(("saved_at", 1),), limit=MAX_FIND, fields=("account",)
        ):
            await asyncio.gather(*(self._store.delete(DRAFTS.name, row["_id"]) for row in rows))

    async def holders(self, after: str) -> list[str]:
        """The next accounts behind one that have drafts, in order."""
        return await holders(self._store, DRAFTS.name, "saved_at", after)

    async def sweep(self, now: datetime) -> int:
        """Forget what nobody went on with."""
        return await sweep(self._store, DRAFTS.name, "forget_at", now)


def _id(account: str, step: str) -> str:
    return f"{account}.{step}"
