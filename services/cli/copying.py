"""Copies the stores of a suite through their ports as one whole, beside processes that go on writing, and back.

No instant is the same for all stores, nor for two documents of one. What makes the copy one whole:

- A service is copied before those to which it listens: nobody has heard in the copy what has not been said there. What
  asks for something binds no order.
- Of a service, what it has heard is copied before what came of it: what is repeated then is known.
- Its journals end where they ended before its documents were copied. What documents have told since goes back into their
  outboxes, as if a crash had kept the relay from it; it is journaled and told again, under the same ids.
- What was with the broker, or has been told since its listeners were copied, is told again: the cursor stands before it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from services.chassis.broker.signals import publisher_of
from services.chassis.events.heard import HEARD
from services.chassis.events.inbox import INBOX, KEEP_DONE
from services.chassis.events.journal import JOURNALS
from services.chassis.events.leases import LEASES
from services.chassis.events.publisher import CURSORS, publisher_name
from services.chassis.events.record import pages
from services.chassis.events.teller import REPLAYS
from services.chassis.ports import Collection, Document, DuplicateKey, In, PortError, Range, Scalar, Store
from services.chassis.service.service import Service
from services.chassis.store.query import look_up
from services.contracts.events.absences import AccountsWasAway, DocumentsWasAway
from services.contracts.events.accounts import SessionRevoked
from services.contracts.events.catalogue import Audience
from services.contracts.events.envelope import Envelope
from services.contracts.events.mailer import LinkOutdated, MailBounced, MailFailed, MailReaddressed, MailSentAgain
from services.contracts.events.registrar_files import RegistrarFileKept
from services.contracts.instants import instant_text

PAGE: Final = 500
YOUNG: Final = KEEP_DONE - timedelta(days=1)
"""What was received before may have been swept from the inbox, and is with nobody's broker any more."""
NOT_KEPT: Final = frozenset({LEASES.name, REPLAYS.name})
"""What belongs to running processes."""
PASSING: Final = frozenset({SessionRevoked.TYPE})
"""Facts that all forget within minutes. Who listens to nothing else is copied as if it had heard nothing yet."""

ASKED: Final = frozenset({LinkOutdated.TYPE})
"""Requests, whose answers alone count: it does no harm to have heard one that the copy has not said yet, for there it is
said again and known, and the answer is told again. So they bind no order."""

FOUND_AGAIN: Final = frozenset(
    event.TYPE
    for event in (
        *(MailBounced, MailFailed, MailReaddressed, MailSentAgain, RegistrarFileKept),
        *(AccountsWasAway, DocumentsWasAway),
    )
)
"""What came from outside, and is looked for there again by a teller whose copy knows nothing of it: it is then told again,
to who takes no second step. So it binds no order either."""

Told = Callable[[str, int], Awaitable[None]]
"""Is told how many documents of a service have been copied."""


class NotEmpty(PortError):
    """There is something already where a copy is to be put."""


async def copy_stores(suite: Mapping[str, Service], copies: Mapping[str, Store], told: Told) -> None:
    """Copy all stores into others, which are empty."""
    copying = {name: _Copying(suite[name], copies[name], told) for name in consumers_first(suite)}
    for each in copying.values():
        await each.copy_documents()
    for each in copying.values():
        await each.copy_what_came_by_receipts()
    for each in copying.values():
        await each.copy_journals()
    for name, service in suite.items():
        for audience, journal in JOURNALS.items():
            since = instant_text(service.ports.clock.now() - YOUNG)
            missed = await _first_missed(name, audience, suite, copies, since)
            if missed is not None:
                await _tell_again_from(copies[name], journal.name, missed)


async def must_be_empty(suite: Mapping[str, Service]) -> None:
    """Raise NotEmpty unless the stores of a suite, which are prepared, hold nothing."""
    for name, service in suite.items():
        for collection in service.kept:
            if collection.name not in NOT_KEPT and await service.ports.store.count(collection.name, {}):
                raise NotEmpty(f"the store of {name} is not empty")


async def put_back(suite: Mapping[str, Service], copies: Mapping[str, Store], told: Told) -> None:
    """Fill the stores of a suite, which are prepared and empty, from a copy; raises NotEmpty."""
    for name, service in suite.items():
        done = 0
        for collection in service.kept:
            if collection.name not in NOT_KEPT:
                async for page in pages(copies[name], collection.name):
                    await _add(service.ports.store, collection.name, page)
                    done += len(page)
                    await told(name, done)


def consumers_first(suite: Mapping[str, Service]) -> list[str]:
    """The services, each before those to which it listens; ValueError if they listen to each other in a ring."""
    listens = {
        name: {publisher_of(type) for type in _heard_by(suite[name]) - ASKED - FOUND_AGAIN} - {name} for name in suite
    }
    order: list[str] = []
    while len(order) < len(suite):
        heard = set().union(*(listens[name] for name in suite if name not in order))
        free = [name for name in suite if name not in order and name not in heard]
        if not free:
            raise ValueError("services that listen to each other in a ring cannot be copied one after the other")
        order += free
    return order


def _heard_by(service: Service) -> frozenset[str]:
    """The types of events that the copy of a service has heard."""
    types = frozenset(event.TYPE for event in service.subscriptions)
    return types if types - PASSING else frozenset()


def order_of(service: Service) -> list[Collection]:
    """All that is copied of a service but the journals, in order.

    What was heard is copied before what came of it, and so is what is still to be done: in the copy it is done, or to be
    done, or both, and then known. Whatever names something that is written first is copied before that: aggregates are.
    """
    heard = [HEARD, INBOX]
    first = [CURSORS, *(heard if _heard_by(service) else ()), *service.undone, *service.aggregates]
    there = {*NOT_KEPT, *(collection.name for collection in [*first, *heard, *JOURNALS.values()])}
    return [*first, *(each for each in service.kept if each.name not in there)]


async def _first_missed(
    teller: str, audience: Audience, suite: Mapping[str, Service], copies: Mapping[str, Store], since: str
) -> int | None:
    """The first row of a journal in the copy that somebody listens to and has not received there; None if there is none."""
    listens = {
        name: {type for type in _heard_by(service) if publisher_of(type) == teller} for name, service in suite.items()
    }
    missed: int | None = None
    rows = pages(copies[teller], JOURNALS[audience].name, {"at": Range(gt=since)}, (("at", 1), ("_id", 1)))
    async for page in rows:
        for name, types in listens.items():
            told = {row["event_id"]: int(row["_id"]) for row in page if row["type"] in types}
            for row in await copies[name].find(INBOX.name, {"_id": In(tuple(told))}, limit=PAGE):
                del told[row["_id"]]
            missed = min((*told.values(), *(() if missed is None else (missed,))), default=None)
    return missed


async def _tell_again_from(copy: Store, journal: str, position: int) -> None:
    """Have the publisher of a copy begin at a row, unless it stands there or before."""
    cursor = await copy.get(CURSORS.name, publisher_name(journal))
    if cursor is None or cursor["position"] < position:
        return
    heads: dict[str, int] = {}
    floor: int | None = None
    async for page in pages(copy, journal, {"_id": Range(lt=position)}):
        floor = page[0]["_id"] - 1 if floor is None else floor
        heads |= {row["type"]: row["_id"] for row in page}
    if position == 1:
        await copy.delete(CURSORS.name, cursor["_id"])
        return
    standing = {"position": position - 1, "heads": [list(head) for head in heads.items()], "floor": floor or 0}
    await copy.delete(CURSORS.name, cursor["_id"])
    await copy.insert(CURSORS.name, {"_id": cursor["_id"], "version": position - 1, **standing})


class _Copying:
    """One service on its way."""

    def __init__(self, service: Service, copy: Store, told: Told) -> None:
        self._service = service
        self._from = service.ports.store
        self._to = copy
        self._told = told
        self._ends: dict[Audience, int] = {}
        self._done = 0

    async def copy_documents(self) -> None:
        """Everything but the journals."""
        order = order_of(self._service)
        await self._copy(order[0])  # the cursors, which tell less than the journals
        for audience, journal in JOURNALS.items():
            newest = await self._from.find(journal.name, {}, sort=(("_id", -1),), limit=1)
            self._ends[audience] = int(newest[0]["_id"]) if newest else 0
        for collection in order[1:]:
            await self._copy(collection)

    async def copy_what_came_by_receipts(self) -> None:
        """Documents that were not there yet when those were copied who hold something to vouch for them.

        What they have heard nobody has received in the copy: it is told again, and must not pass for known.
        """
        for collection in self._service.vouched:
            async for page in pages(self._from, collection.name):
                for document in page:
                    if await self._to.get(collection.name, document["_id"]) is None:
                        meta = {**document["meta"], "applied": {}}
                        await self._insert(collection, {**document, "meta": meta})

    async def copy_journals(self) -> None:
        """The journals up to their ends; what was told later goes back to those documents of the copy that have told it."""
        for audience, journal in JOURNALS.items():
            end = self._ends[audience]
            async for page in pages(self._from, journal.name, {"_id": Range(le=end)}):
                await _add(self._to, journal.name, page)
                await self._count(len(page))
        for audience, journal in JOURNALS.items():
            async for page in pages(self._from, journal.name, {"_id": Range(gt=self._ends[audience])}):
                for row in page:
                    await self._take_back(audience, row)

    async def _take_back(self, audience: Audience, row: Document) -> None:
        """An event told since: its document is to tell it again, unless it had not come so far yet, or is gone."""
        _, collection, rest = str(row["event_id"]).split(".", 2)
        id, _, sequence = rest.rpartition(".")
        document = await self._to.get(collection, id)
        if document is None:
            if await self._from.get(collection, id) is None:  # it went away after this: nobody could tell it any more
                self._ends[audience] += 1
                await self._to.insert(JOURNALS[audience].name, row | {"_id": self._ends[audience]})
            return
        if document["meta"]["sequence"] < int(sequence):
            return
        envelope = Envelope.decode(row["body"].encode()).model_dump(exclude_none=True)
        outbox = {entry["id"]: entry for entry in [*document["outbox"], envelope]}
        ordered = sorted(outbox.values(), key=lambda entry: str(entry["sequence"]))
        again = document | {"outbox": ordered, "outbox_at": ordered[0]["time"]}
        await self._to.replace(collection, again, version=document["version"])

    async def _copy(self, collection: Collection) -> None:
        async for page in pages(self._from, collection.name):
            for document in page[await self._to.append(collection.name, page) :]:
                await self._insert(collection, document)
            await self._count(len(page))

    async def _insert(self, collection: Collection, document: Document) -> None:
        """Add one; who had what is unique in it when it was copied has let go of it since, and is copied again."""
        while True:
            try:
                await self._to.insert(collection.name, document)
            except DuplicateKey as taken:
                if taken.index == "_id":
                    raise NotEmpty(f"{collection.name} holds something already") from None
                await self._copy_holder(collection, taken.index, document)
            else:
                return

    async def _copy_holder(self, collection: Collection, index: str, document: Document) -> None:
        fields = next(each.fields for each in collection.indexes if each.name == index)
        where: dict[str, Scalar] = {field: look_up(document, field) for field in fields}
        for old in await self._to.find(collection.name, where, sort=[(field, 1) for field in fields], limit=1):
            new = await self._from.get(collection.name, old["_id"])
            if new is None:
                await self._to.delete(collection.name, old["_id"])
            else:
                await self._to.replace(collection.name, new, version=old["version"])

    async def _count(self, number: int) -> None:
        self._done += number
        await self._told(self._service.name, self._done)


async def _add(target: Store, collection: str, page: Sequence[Document]) -> None:
    if await target.append(collection, page) < len(page):
        raise NotEmpty(f"{collection} holds something already")
