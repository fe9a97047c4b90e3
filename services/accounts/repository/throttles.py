"""Failures of logins, counted in the store so that every replica counts the same."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from services.accounts.domain.throttles import Failures, Limit
from services.accounts.repository.plain import change_document, sweep
from services.chassis.ports import Collection, Document, Index, Store
from services.contracts.instants import instant, instant_text

THROTTLES: Final = Collection("throttles", (Index("forget_at", ("forget_at",)),))


class ThrottleRepository:
    """Failures by account, by login that is no account, by client address; the latter two as digests."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def wait(self, key: str, limit: Limit, now: datetime) -> int:
        """Whole seconds until another attempt is let in."""
        row = await self._store.get(THROTTLES.name, key)
        return _failures(row).wait(limit, now)

    async def fail(self, key: str, limit: Limit, now: datetime) -> int:
        """Count a failure; answers as `wait` did just before, so that of many at once no more than the limit get through."""
        waiting = 0

        def decide(row: Document | None) -> Document | None:
            nonlocal waiting
            waiting = _failures(row).wait(limit, now)
            if waiting:
                return None
            counted = _failures(row).and_one_more(limit, now)
            return {
                "at": [instant_text(moment) for moment in counted.at],
                "forget_at": instant_text(now + limit.window),
            }

        await change_document(self._store, THROTTLES.name, key, decide)
        return waiting

    async def clear(self, key: str) -> None:
        """Forget the failures."""
        await self._store.delete(THROTTLES.name, key)

    async def sweep(self, now: datetime) -> int:
        """Take away what counts no more."""
        return await sweep(self._store, THROTTLES.name, "forget_at", now)


def account_key(account: str) -> str:
    """The key of an account's failures."""
    return f"account:{account}"


def login_key(login: str) -> str:
    """The key of failures with a login that belongs to no account."""
    return f"login:{hashlib.sha256(login.encode()).hexdigest()}"


def address_key(address: str) -> str:
    """The key of a client address's failures."""
    return f"address:{hashlib.sha256(address.encode()).hexdigest()}"


def _failures(row: Document | None) -> Failures:
    return Failures(tuple(instant(text) for text in row["at"])) if row else Failures()
