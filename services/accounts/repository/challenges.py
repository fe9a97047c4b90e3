"""What stands between the right password and a session: good for a code, a few tries, some minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.accounts.domain.links import digest
from services.accounts.domain.second_factors import CHALLENGE_TIME, CHALLENGE_TRIES
from services.accounts.repository.plain import change_document, sweep
from services.chassis.ports import Collection, Document, Index, Store
from services.chassis.store.rows import reading
from services.contracts.instants import instant, instant_text

CHALLENGES: Final = Collection("challenges", (Index("forget_at", ("forget_at",)),))


@dataclass(frozen=True, slots=True)
class Challenge:
    """Whom it is for: an account as of an epoch; `device` is the digest of one that was known."""

    account: str
    epoch: int
    device: str | None


class ChallengeRepository:
    """Challenges by the digests of their secrets; whoever has one has shown a password."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def give(self, token: str, challenge: Challenge, now: datetime) -> None:
        """Keep whom a challenge is for."""
        await self._store.insert(
            CHALLENGES.name,
            {
                "_id": digest(token),
                "version": 1,
                "account": challenge.account,
                "epoch": challenge.epoch,
                "device": challenge.device,
                "tries": 0,
                "forget_at": instant_text(now + CHALLENGE_TIME),
            },
        )

    async def attempt(self, token: str, by: str, now: datetime) -> Challenge | None:
        """Count a try; None once there were `CHALLENGE_TRIES`, its time is over or another command used it."""
        let_in = False

        def counted(row: Document | None) -> Document | None:
            nonlocal let_in
            let_in = False
            if row is None or now >= instant(row["forget_at"]) or row.get("used_by", by) != by:
                return None
            let_in = row["tries"] < CHALLENGE_TRIES or "used_by" in row
            return {"tries": row["tries"] + 1} if let_in and "used_by" not in row else None

        row = await change_document(self._store, CHALLENGES.name, digest(token), counted)
        if row is None or not let_in:
            return None
        with reading(CHALLENGES.name, row):
            return Challenge(row["account"], row["epoch"], row["device"])

    async def use(self, token: str, by: str) -> bool:
        """Use a challenge up; False if another command has. The same command may come again."""

        def used(row: Document | None) -> Document | None:
            return {"used_by": by} if row is not None and "used_by" not in row else None

        row = await change_document(self._store, CHALLENGES.name, digest(token), used)
        return row is not None and row["used_by"] == by

    async def sweep(self, now: datetime) -> int:
        """Forget what is over."""
        return await sweep(self._store, CHALLENGES.name, "forget_at", now)
