"""How far the mailbox of returned mails is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.chassis.ports import Collection, Document, DuplicateKey, MailboxPlace, Store

MAILBOXES: Final = Collection("mailboxes")
_ONE: Final = "returned"


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The one place, which moves by compare-and-set."""

    store: Store

    async def place(self) -> MailboxPlace:
        """How far it is read; not at all is zero."""
        row = await self.store.get(MAILBOXES.name, _ONE)
        return MailboxPlace() if row is None else MailboxPlace(row["validity"], row["uid"])

    async def move(self, to: MailboxPlace) -> bool:
        """Remember that it is read up to there; False if another process has moved it on."""
        there = await self.store.get(MAILBOXES.name, _ONE)
        row: Document = {"_id": _ONE, "version": 1, "validity": to.validity, "uid": to.uid}
        if there is None:
            try:
                await self.store.insert(MAILBOXES.name, row)
            except DuplicateKey:
                return False
            return True
        if there["validity"] == to.validity and there["uid"] >= to.uid:
            return bool(there["uid"] == to.uid)
        row = {**there, **row, "version": there["version"] + 1}
        return await self.store.replace(MAILBOXES.name, row, version=there["version"])
