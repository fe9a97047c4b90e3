"""Devices from which somebody has logged in: the digest of a token that the device keeps, to be known again by."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from services.accounts.domain.links import digest
from services.accounts.repository.plain import change_document, holders, sweep
from services.chassis.ports import Collection, Document, DuplicateKey, Index, Store
from services.contracts.instants import instant_text

DEVICES: Final = Collection("devices", (Index("account", ("account", "known_at")), Index("forget_at", ("forget_at",))))

MAX_DEVICES: Final = 10
"""Devices of one account; the one known longest goes when one more comes."""
REMEMBERED: Final = timedelta(days=180)


class DeviceRepository:
    """The devices of all accounts; who has the token is not yet an actor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recognise(self, account: str, token: str | None) -> str | None:
        """The digest of a token if it was given to that account; whoever asks, the work is the same."""
        if token is None:
            return None
        row = await self._store.get(DEVICES.name, digest(token))
        return row["_id"] if row is not None and row["account"] == account else None

    async def remember(self, account: str, token: str, now: datetime, *, shown: bool = False) -> None:
        """Know a device by its token from now on; a second time it is known already. `shown`: a code was shown from it."""
        with suppress(DuplicateKey):
            await self._store.insert(
                DEVICES.name,
                {
                    "_id": digest(token),
                    "version": 1,
                    "account": account,
                    "known_at": instant_text(now),
                    "forget_at": instant_text(now + REMEMBERED),
                    **({"shown": True} if shown else {}),
                },
            )
        await self._forget((await self._of(account))[MAX_DEVICES:])

    async def show_code(self, device: str | None) -> None:
        """Remember that from a device, by its digest, a code was shown."""

        def shown(row: Document | None) -> Document | None:
            return None if row is None or row.get("shown") else {"shown": True}

        if device is not None:
            await change_document(self._store, DEVICES.name, device, shown)

    async def that_has_shown(self, device: str | None) -> str | None:
        """The device if a code was shown from it, by its digest."""
        row = None if device is None else await self._store.get(DEVICES.name, device)
        return device if row is not None and row.get("shown") else None

    async def forget_all(self, account: str) -> None:
        """Forget all devices of an account that is gone."""
        while rows := await self._of(account):
            await self._forget(rows)

    async def holders(self, after: str) -> list[str]:
        """The next accounts behind one that have devices, in order."""
        return await holders(self._store, DEVICES.name, "known_at", after)

    async def sweep(self, now: datetime) -> int:
        """Forget what was known long ago."""
        return await sweep(self._store, DEVICES.name, "forget_at", now)

    async def _of(self, account: str) -> list[Document]:
        return await self._store.find(
            DEVICES.name, {"account": account}, sort=(("known_at", -1),), limit=2 * MAX_DEVICES
        )

    async def _forget(self, rows: Iterable[Document]) -> None:
        await asyncio.gather(*(self._store.delete(DEVICES.name, row["_id"]) for row in rows))
