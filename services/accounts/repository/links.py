"""Where a link leads: from the digest of its secret to the account that it was made for.

What a link does is decided by the account alone; a row here only finds it. Rows outlive their accounts for a while, so that
the link of an account that was cleaned up is known to have expired, and is not taken for a forged one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from services.accounts.domain.links import Purpose, digest
from services.accounts.repository.plain import sweep
from services.chassis.ports import Collection, Index, Store
from services.chassis.store.rows import reading
from services.contracts.instants import instant, instant_text

LINKS: Final = Collection("links", (Index("forget_at", ("forget_at",)),))

REMEMBERED: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is known of a link beside its account."""

    digest: str
    account: str
    purpose: Purpose
    expires_at: datetime


class LinkRepository:
    """The links of all accounts; whoever has the secret may ask."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def point(self, token: str, account: str, purpose: Purpose, expires_at: datetime) -> None:
        """Remember whose a link is, before it is anybody's."""
        await self._store.insert(
            LINKS.name,
            {
                "_id": digest(token),
                "version": 1,
                "account": account,
                "purpose": purpose,
                "expires_at": instant_text(expires_at),
                "forget_at": instant_text(expires_at + REMEMBERED),
            },
        )

    async def find(self, token: str) -> Pointer | None:
        """Whose a link is; None for a secret that was never given out, or too long ago; raises UnreadableRow."""
        row = await self._store.get(LINKS.name, digest(token))
        if row is None:
            return None
        with reading(LINKS.name, row):
            return Pointer(row["_id"], row["account"], cast("Purpose", row["purpose"]), instant(row["expires_at"]))

    async def sweep(self, now: datetime) -> int:
        """Forget what is long over."""
        return await sweep(self._store, LINKS.name, "forget_at", now)
