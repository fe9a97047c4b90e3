"""What the journals hold, read in pages: for those who check the suite and for those who copy it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, cast

from services.chassis.events.journal import JOURNALS
from services.chassis.ports import Document, Sort, Store, StoreUnavailable, Where
from services.contracts.events.catalogue import CATALOGUE, Event
from services.contracts.events.envelope import Envelope

E = TypeVar("E", bound=Event)

Told: TypeAlias = AsyncIterator[tuple[Envelope, E]]
"""Events of a journal: the envelope, and the data as the contract's model."""

PAGE = 500
BY_ID: Sort = (("_id", 1),)


async def every(
    store: Store,
    collection: str,
    where: Where | None = None,
    sort: Sort = BY_ID,
    *,
    fields: Sequence[str] | None = None,
) -> AsyncIterator[Document]:
    """All documents that meet `where`; `sort` is over top-level fields, by default the id, and among `fields` if given."""
    async for page in pages(store, collection, where, sort, fields=fields):
        for document in page:
            yield document


async def pages(
    store: Store,
    collection: str,
    where: Where | None = None,
    sort: Sort = BY_ID,
    *,
    fields: Sequence[str] | None = None,
) -> AsyncIterator[Sequence[Document]]:
    """The same in pieces of at most 500."""
    after: list[Any] | None = None
    order = [name for name, _ in sort]
    if "_id" not in order:
        order.append("_id")
    while page := await store.find(collection, where or {}, sort=sort, limit=PAGE, after=after, fields=fields):
        yield page
        after = [page[-1].get(name) for name in order]


class Record:
    """What the services of the suite have told one another, read from their journals."""

    def __init__(self, stores: Mapping[str, Store]) -> None:
        self._stores = stores

    async def events(self, *types: type[E]) -> Told[E]:
        """The events of these types, in order as far as they are of one journal."""
        wanted = {(event.TYPE.partition(".")[0], event.AUDIENCE) for event in types}
        names = frozenset(event.TYPE for event in types)
        for service, audience in sorted(wanted, key=lambda place: (place[0], place[1].value)):
            if service not in self._stores:
                raise StoreUnavailable(f"the store of {service} is not there")
            rows = every(self._stores[service], JOURNALS[audience].name)
            while (row := await _next_of(service, rows)) is not None:
                if row["type"] in names:
                    envelope = Envelope.decode(row["body"].encode())
                    yield envelope, cast("E", CATALOGUE[envelope.type].model_validate(envelope.data))


async def _next_of(service: str, rows: AsyncIterator[Document]) -> Document | None:
    """The next of another service's rows; it is that one's store which cannot be read if it cannot."""
    try:
        return await anext(rows, None)
    except StoreUnavailable as error:
        raise StoreUnavailable(f"the store of {service}: {error}") from error
