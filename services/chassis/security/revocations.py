"""Sessions that ended before their access tokens did: each service keeps a copy, so that no route takes such a token.

Accounts tells of them; whichever replica hears writes the service's store, and every replica looks there when a token is
used, once a second at most (ADR 37).
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.chassis.context import Actor, CommandContext
from services.chassis.events.inbox import Apply
from services.chassis.ports import Clock, Collection, Document, DuplicateKey, Index, Range, Store
from services.chassis.refusals import TOKEN_INVALID
from services.chassis.store.rows import every
from services.contracts.actors import ActorKind
from services.contracts.api.identity import LIFETIME_SECONDS
from services.contracts.events.accounts import SessionRevoked
from services.contracts.instants import instant_text

log = structlog.get_logger()

REVOKED: Final = Collection("revoked", (Index("noted_at", ("noted_at",)),))

KEPT: Final = timedelta(seconds=LIFETIME_SECONDS + 60)
"""How long a revocation is remembered: no token that it is about is good for longer, by whatever clock."""
LOOK_SECONDS: Final = 1.0
OVERLAP: Final = timedelta(seconds=10)
"""How far back is looked beyond the newest that is known: rows of other replicas may come to be seen late."""
PAGE: Final = 500
SWEEP: Final = 1000


def noting(store: Store) -> Apply:
    """The use case that keeps what accounts tells, in the store of the service that listens."""

    async def note(event: SessionRevoked, command: CommandContext) -> None:
        id = f"session:{event.session}" if event.session else str(Actor(event.account, ActorKind(event.holder)))
        row = {"_id": id, "version": 1, "noted_at": instant_text(command.now), "epoch": event.epoch}
        try:
            await store.insert(REVOKED.name, row)
        except DuplicateKey:
            there = await store.get(REVOKED.name, id)
            if there is not None and there["epoch"] < event.epoch:
                await store.replace(REVOKED.name, row | {"version": there["version"] + 1}, version=there["version"])

    return note


class Revocations:
    """What one process of a service knows of revoked sessions."""

    def __init__(self, store: Store, clock: Clock, pause: float = LOOK_SECONDS) -> None:
        """`pause` is the least time in seconds between two looks into the store."""
        self._store = store
        self._clock = clock
        self._pause = pause
        self._looked = float("-inf")
        self._newest = ""
        self._rows: dict[str, Document] = {}
        self._lock = asyncio.Lock()

    async def check(self, actor: Actor) -> None:
        """Raises TOKEN_INVALID for a token of a session that ended before it, be it the deputy's who bears it."""
        if asyncio.get_running_loop().time() - self._looked >= self._pause:
            await self.look(self._pause)
        if self._is_over(actor) or (actor.deputy is not None and self._is_over(actor.deputy)):
            log.info("token.refused", why="revoked")
            raise TOKEN_INVALID()

    async def look(self, pause: float = 0.0) -> None:
        """Know what any process of the service has heard, unless somebody looked within the last `pause` seconds."""
        async with self._lock:
            if asyncio.get_running_loop().time() - self._looked >= pause:
                await self._look()

    def _is_over(self, actor: Actor) -> bool:
        all_of_them = self._rows.get(str(actor))
        return f"session:{actor.session}" in self._rows or (
            all_of_them is not None and actor.epoch < all_of_them["epoch"]
        )

    async def _look(self) -> None:
        now = self._clock.now()
        since = max(self._newest, instant_text(now - KEPT))
        async for row in every(
            self._store, REVOKED.name, {"noted_at": Range(ge=since)}, sort=(("noted_at", 1),), page=PAGE
        ):
            self._rows[row["_id"]] = row
            self._newest = instant_text(min(now, datetime.fromisoformat(row["noted_at"])) - OVERLAP)
        over = instant_text(now - KEPT)
        self._rows = {id: row for id, row in self._rows.items() if row["noted_at"] >= over}
        self._looked = asyncio.get_running_loop().time()


async def sweep(store: Store, now: datetime) -> int:
    """Forget what is about tokens that have expired; answer how many went."""
    where = {"noted_at": Range(lt=instant_text(now - KEPT))}
    over = await store.find(REVOKED.name, where, sort=(("noted_at", 1),), limit=SWEEP)
    await asyncio.gather(*(store.delete(REVOKED.name, row["_id"], version=row["version"]) for row in over))
    return len(over)
