"""Tests that staff had sent to themselves, and where staff are written to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from services.chassis.events.aggregates import MAX_TRIES, OUTBOX_INDEX, Aggregates
from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Document, Store
from services.contracts.events.accounts import StaffChanged
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text
from services.mailer.domain.mail_tests import MailTest, MailTests

MAIL_TESTS: Final = Collection("mail_tests", (OUTBOX_INDEX,))
COLLEAGUES: Final = Collection("colleagues")


class MailTestRepository(Aggregates[MailTests]):
    """One document for each member of staff, by account; nobody is told of them."""

    service: ClassVar[str] = "mailer"
    collection: ClassVar[Collection] = MAIL_TESTS

    def to_document(self, state: MailTests) -> Document:
        """The tests, by rows that no release takes apart."""
        return {"sent": [[instant_text(each.at), each.kind, each.language, each.application] for each in state.sent]}

    def from_document(self, document: Document) -> MailTests:
        """What `to_document` wrote."""
        return MailTests(tuple(MailTest(instant(at), *said) for at, *said in document["sent"]))

    def publish(self, id: str, state: MailTests, domain_event: Any) -> Sequence[Event]:
        """Nothing."""
        return []

    async def forget(self, account: str) -> bool:
        """Forget what one had sent who is gone; answer whether nothing is left of it."""
        for _ in range(MAX_TRIES):
            if (there := await self.get(account)) is None or await self.remove(account, there.version):
                return True
        return False


class Colleagues:
    """Where and in which language members of staff are written to, by account."""

    def __init__(self, store: Store) -> None:
        self._copies = Copies(store, COLLEAGUES, ("name",), lasting=("email",))

    async def keep(self, event: StaffChanged, version: int) -> None:
        """Keep it unless something was told later; `version` is the event's number among its key's.

        Who says no address, as an earlier release beside this one, takes none away.
        """
        told = {"name": event.known_as or ""} | ({"email": event.email} if event.email else {})
        await self._copies.put(event.account, version, told)

    async def of(self, account: str) -> Document | None:
        """The address (`email`) and the `name` of one; None where no address is known."""
        row = await self._copies.get(account)
        return row if row is not None and row.get("email") else None

    async def erase(self, account: str) -> None:
        """Forget one that is gone; of who never was staff nothing is written."""
        if await self._copies.get(account) is not None:
            await self._copies.erase(account)
