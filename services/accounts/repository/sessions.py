"""Sessions as plain documents: they concern nobody else, so they tell nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.accounts.domain.sessions import MAX_SESSIONS, Session
from services.accounts.repository.plain import holders, sweep
from services.chassis.context import Actor
from services.chassis.ports import Collection, Document, Index, Store
from services.chassis.store.rows import readable, reading
from services.contracts.instants import instant, instant_text

SESSIONS: Final = Collection(
    "sessions",
    (Index("account", ("account", "created_at")), Index("expires_at", ("expires_at",)), Index("ent", ("ent",))),
)

_ENDED: Final = "ended"
_PAGE: Final = 2 * MAX_SESSIONS


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it stands in the store."""

    id: str
    session: Session
    version: int
    row: Document


class SessionRepository:
    """The sessions of all accounts; who holds a refresh token is not yet an actor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, id: str, session: Session) -> list[StoredSession]:
        """Keep a new session; answer the oldest of its account beyond `MAX_SESSIONS`, to be ended; raises DuplicateKey."""
        await self._store.insert(SESSIONS.name, _document(id, session, 1))
        return (await self._of(session.account))[MAX_SESSIONS:]

    async def get(self, id: str) -> StoredSession | None:
        """The session of that id, unless it has ended."""
        row = await self._store.get(SESSIONS.name, id)
        if row is None or _ENDED in row:
            return None
        with reading(SESSIONS.name, row):
            return _kept(row)

    async def save(self, kept: StoredSession, session: Session) -> bool:
        """Put a session in place of the one that was read; False if another came between."""
        document = kept.row | _document(kept.id, session, kept.version + 1)  # what only a newer release knows stays
        return await self._store.replace(SESSIONS.name, document, version=kept.version)

    async def end(self, id: str) -> None:
        """End one session."""
        await self._store.delete(SESSIONS.name, id)

    async def close(self, kept: StoredSession) -> None:
        """End one session so that none of its id begins again while it would have lasted; whose it was is forgotten."""
        row: Document | None = kept.row
        while row is not None and _ENDED not in row:
            version = row["version"]
            ended = {"_id": kept.id, "version": version + 1, "expires_at": row["expires_at"], _ENDED: True}
            if await self._store.replace(SESSIONS.name, ended, version=version):
                return
            row = await self._store.get(SESSIONS.name, kept.id)

    async def end_before(self, account: str, epoch: int) -> None:
        """Take away the sessions of an account that a new epoch has ended."""
        ended = [kept for kept in await self._of(account) if kept.session.epoch < epoch]
        await asyncio.gather(*(self.end(kept.id) for kept in ended))

    async def end_all(self, account: str) -> None:
        """Take away all sessions of an account that is gone."""
        while kept := await self._of(account):
            await asyncio.gather(*(self.end(each.id) for each in kept))

    async def of_ent(self, ent: str) -> list[StoredSession]:
        """The sessions that came from a login at the ENT, by its digest."""
        rows = await self._store.find(SESSIONS.name, {"ent": ent}, limit=_PAGE)
        return readable("accounts", SESSIONS.name, rows, _kept)

    async def by_ent(self, account: str) -> list[StoredSession]:
        """The sessions of an account that came from the ENT."""
        return [kept for kept in await self._of(account) if kept.session.ent]

    async def holders(self, after: str) -> list[str]:
        """The next accounts behind one that have sessions, in order."""
        return await holders(self._store, SESSIONS.name, "created_at", after)

    async def of_account(self, account: str) -> list[StoredSession]:
        """The sessions of an account, newest first."""
        return await self._of(account)

    async def own(self, actor: Actor) -> list[StoredSession]:
        """The sessions of who asks, newest first."""
        return (await self._of(actor.account))[:MAX_SESSIONS]

    async def sweep(self, now: datetime) -> int:
        """Take away sessions that are over."""
        return await sweep(self._store, SESSIONS.name, "expires_at", now)

    async def _of(self, account: str) -> list[StoredSession]:
        rows = await self._store.find(SESSIONS.name, {"account": account}, sort=(("created_at", -1),), limit=_PAGE)
        return readable("accounts", SESSIONS.name, rows, _kept)


def _document(id: str, session: Session, version: int) -> Document:
    return (
        {
            "_id": id,
            "version": version,
            "account": session.account,
            "epoch": session.epoch,
            "created_at": instant_text(session.created_at),
            "used_at": instant_text(session.used_at),
            "expires_at": instant_text(session.expires_at),
            "current": session.current,
            "previous": session.previous,
            "salt": session.salt,
            "key": session.key,
            "spent": list(session.spent),
        }
        | ({"ent": session.ent} if session.ent else {})
        | ({"second_factor": True} if session.second_factor else {})
    )


def _kept(row: Document) -> StoredSession:
    session = Session(
        account=row["account"],
        epoch=row["epoch"],
        created_at=instant(row["created_at"]),
        used_at=instant(row["used_at"]),
        expires_at=instant(row["expires_at"]),
        current=row["current"],
        previous=row["previous"],
        salt=row["salt"],
        key=row["key"],
        spent=tuple(row["spent"]),
        ent=row.get("ent", ""),
        second_factor=row.get("second_factor", False),
    )
    return StoredSession(row["_id"], session, row["version"], row)
