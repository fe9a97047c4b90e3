"""Documents: where a service keeps what it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from services.chassis.ports.errors import PortError

Document = dict[str, Any]
"""What a store keeps: JSON values only, `_id` a string or an integer, `version` an integer; instants are text."""

Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Index:
    """An index over top-level or dotted scalar fields. A unique one binds only documents that have all its fields."""

    name: str
    fields: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents and the indexes by which it may be searched; `_id` is always one of them."""

    name: str
    indexes: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True)
class In:
    """One of these values; 1000 at most; none of them finds nothing."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Between bounds of one type; absent bounds are open; a missing or null field is in no range."""

    gt: str | int | None = None
    ge: str | int | None = None
    lt: str | int | None = None
    le: str | int | None = None


Condition = Scalar | In | Range
Where = Mapping[str, Condition]
Sort = Sequence[tuple[str, Literal[1, -1]]]

MAX_FIND = 1000


@dataclass(frozen=True, slots=True)
class Get:
    """A question for one document, in the words of `Store.get`."""

    collection: str
    id: str | int
    where: Where | None = None


class DuplicateKey(PortError):
    """A unique index forbids it; `index` is its declared name, or `_id`. Nothing was written."""

    def __init__(self, index: str) -> None:
        super().__init__(index)
        self.index = index


class StoreUnavailable(PortError):
    """The store did not answer in time, or answered that it cannot; the write may or may not have happened."""


class Store(Protocol):
    """Documents of one service. Every write is one document, atomic, and durable when the call returns.

    Fields searched or sorted by must be declared in an index of the collection, else ValueError. `fields` names the members
    at the top that are to come back, beside `_id`; without it the whole document does.
    """

    @property
    def instance(self) -> str:
        """Who holds leases here: the same name after a restart if no other process can share the role, else fresh."""
        ...

    def declare(self, collections: Sequence[Collection]) -> None:
        """Learn collections and touch nothing: for those who only read what others have prepared."""
        ...

    async def prepare(self, collections: Sequence[Collection]) -> None:
        """Make collections and indexes that are not there yet; safe to repeat and to race."""
        ...

    async def get(
        self, collection: str, id: str | int, where: Where | None = None, *, fields: Sequence[str] | None = None
    ) -> Document | None:
        """The document of that id, if it meets all of `where`."""
        ...

    async def several(self, *asked: Get) -> Sequence[Document | None]:
        """What `get` answers to each of these, asked for together; they need not be of one moment."""
        ...

    async def insert(self, collection: str, document: Document) -> None:
        """Add a document; raises DuplicateKey."""
        ...

    async def append(self, collection: str, documents: Sequence[Document]) -> int:
        """Add up to 1000 documents in order, up to the first that a unique index forbids; answer how many were added.

        What was added is a prefix, at every moment and after a crash; readers may see a shorter prefix meanwhile.
        """
        ...

    async def replace(self, collection: str, document: Document, *, version: int) -> bool:
        """Put `document` in place of the one with its `_id` if that has this `version`; False if it has not.

        Raises DuplicateKey when a unique index forbids the new content.
        """
        ...

    async def refresh(self, collection: str, documents: Sequence[Document]) -> None:
        """Put up to 1000 documents, each in place of the one with its `_id` and its own `version`; others stay.

        The values of their unique indexes must be those that are there. Each document is replaced as a whole, not all of
        them together: after a crash some may be and others not.
        """
        ...

    async def delete(self, collection: str, id: str | int, *, version: int | None = None) -> bool:
        """Take the document away (if it has this version); False if there was none such."""
        ...

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        sort: Sort = (("_id", 1),),
        limit: int = 100,
        after: Sequence[Scalar | None] | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Document]:
        """Up to `limit` (1..1000) documents that meet all of `where`, in order of `sort`.

        One declared index must serve it all, else ValueError: its first fields are equal to a value, those that follow are
        the sort, all in one direction, and at most the next ones are held by In and Range. (One document at most, by `_id`
        or all of a unique index, is always served.)
        `after` is the last row's values of the sort fields: the page starts behind them (a keyset page: rows that
        are neither added nor changed meanwhile are seen exactly once). `_id` is added as last sort field if missing,
        in the direction of the one before it, and then to `after` too. Missing and null sort below all values.
        """
        ...

    async def count(self, collection: str, where: Where, *, most: int | None = None) -> int:
        """How many documents meet all of `where`, which one index must serve as in `find`, and `most` at most."""
        ...

    async def damage(self, seconds: float) -> list[str]:
        """What the store finds damaged of what it keeps, a line each, by looking for so long at most.

        With `math.inf` it looks at everything. Servers look by themselves at what they read, and tell nothing here.
        """
        ...

    async def ping(self) -> None:
        """Return if the store works; raises StoreUnavailable."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go."""
        ...
