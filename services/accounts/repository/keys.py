"""Idempotency keys of commands that belong to no account yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.accounts.repository.plain import sweep
from services.chassis.context import CommandContext
from services.chassis.ports import Collection, DuplicateKey, Index, Store
from services.contracts.instants import instant_text
from services.contracts.refusals import KEY_REUSED

COMMAND_KEYS: Final = Collection("command_keys", (Index("forget_at", ("forget_at",)),))

REMEMBERED: Final = timedelta(days=7)


class KeyRepository:
    """Which body came with which key; a key is already a digest that holds who used it and for what."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, command: CommandContext) -> None:
        """Bind the command's key to its body; raises KEY_REUSED if it is bound to another."""
        if command.key is None:
            return
        row = {
            "_id": command.key,
            "version": 1,
            "digest": command.digest,
            "forget_at": instant_text(command.now + REMEMBERED),
        }
        try:
            await self._store.insert(COMMAND_KEYS.name, row)
        except DuplicateKey:
            there = await self._store.get(COMMAND_KEYS.name, command.key)
            if there is not None and there["digest"] != command.digest:
                raise KEY_REUSED() from None

    async def sweep(self, now: datetime) -> int:
        """Forget old keys."""
        return await sweep(self._store, COMMAND_KEYS.name, "forget_at", now)
