"""Ways to the ENT that have been gone, and what those may register with who came back and have no account yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.accounts.domain.account import EntIdentity
from services.accounts.domain.links import digest
from services.accounts.repository.plain import change_document, sweep
from services.chassis.ports import Collection, Document, DuplicateKey, Index, Store
from services.chassis.store.rows import reading
from services.contracts.instants import instant, instant_text

ENT_VISITS: Final = Collection("ent_visits", (Index("forget_at", ("forget_at",)),))
ENT_TICKETS: Final = Collection("ent_tickets", (Index("forget_at", ("forget_at",)),))

TICKET_TIME: Final = timedelta(hours=1)
"""How long one may fill in the form that the ENT leads to."""


class EntRepository:
    """What is remembered of people between the ENT and their account; they are nobody yet."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def come_back(self, state: str, expires_at: datetime) -> bool:
        """Remember that a way was gone; False if it was before. Only those who come back leave a row here."""
        row = {"_id": digest(state), "version": 1, "forget_at": instant_text(expires_at)}
        try:
            await self._store.insert(ENT_VISITS.name, row)
        except DuplicateKey:
            return False
        return True

    async def issue(self, ticket: str, identity: EntIdentity, now: datetime) -> None:
        """Keep whom a registration ticket is for."""
        await self._store.insert(
            ENT_TICKETS.name,
            {
                "_id": digest(ticket),
                "version": 1,
                "subject": identity.subject,
                "student_number": identity.student_number,
                "forget_at": instant_text(now + TICKET_TIME),
            },
        )

    async def holder(self, ticket: str, now: datetime) -> EntIdentity | None:
        """Whom a ticket is for, used or not; None once its time is over, and for a forged one."""
        row = await self._store.get(ENT_TICKETS.name, digest(ticket))
        if row is None:
            return None
        with reading(ENT_TICKETS.name, row):
            if now >= instant(row["forget_at"]):
                return None
            return EntIdentity(row["subject"], row["student_number"])

    async def use(self, ticket: str, by: str) -> bool:
        """Use a ticket up; False if another command has. The same command may come again."""

        def used(row: Document | None) -> Document | None:
            return {"used_by": by} if row is not None and "used_by" not in row else None

        row = await change_document(self._store, ENT_TICKETS.name, digest(ticket), used)
        return row is not None and row["used_by"] == by

    async def sweep(self, now: datetime) -> int:
        """Forget what is over."""
        return await sweep(self._store, ENT_VISITS.name, "forget_at", now) + await sweep(
            self._store, ENT_TICKETS.name, "forget_at", now
        )
