"""The ports: what the suite asks of the world. Adapters are chosen by URL scheme in `services.chassis.urls`.

One suite per port, `tests/contracts/ports`, is owed by every adapter; what it shows is the meaning of these methods.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

Document = dict[str, Any]
"""What a store keeps: JSON values only, `_id` a string or an integer, `version` an integer; instants are text."""

Scalar = str | int | bool


class PortError(Exception):
    """The world did not do what was asked; whether it did half of it is not known unless a subclass says so."""


# --- clock and ids ----------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Tells the time, in UTC, to the millisecond."""

    by_hand: bool
    """Whether whoever sets it means it, as in a rehearsal; a machine's clock may be wrong."""

    def now(self) -> datetime:
        """The present instant."""


class Ids(Protocol):
    """Makes names that nobody can guess and that do not repeat."""

    def new(self) -> str:
        """A fresh id: 26 characters `[0-9a-z]`, ordered by time to the millisecond."""

    def token(self) -> str:
        """A fresh secret of 256 bits, 43 characters of URL-safe base64."""

    def code(self, length: int, alphabet: str) -> str:
        """A fresh random word over `alphabet`."""
        ...


# --- store ------------------------------------------------------------------------------------------------------


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

    async def count(self, collection: str, where: Where) -> int:
        """How many documents meet all of `where`, which one index must serve as in `find`."""
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


# --- broker -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in its publisher's journal: of its type there is nothing between `after` and `position`."""

    type: str
    after: int
    position: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message to an exchange; `routing_key` at most 255 bytes; `message_id` is the event's id.

    `place` travels beside the body. A broker that stores messages may drop one that is older than `expires` seconds.
    """

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    place: Place | None = None
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """Messages of `exchange` whose routing key matches the topic `pattern` go to the queue."""

    exchange: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Topology:
    """Exchanges (topic) and queues by name; declared by operations, known to every process of the suite."""

    exchanges: tuple[str, ...]
    queues: Mapping[str, tuple[Binding, ...]]


class BrokerUnavailable(PortError):
    """The broker cannot be reached or refuses."""


MessageHandler = Callable[[Message], Awaitable[None]]


class Broker(Protocol):
    """Carries messages from exchanges to durable queues, each at least once, in order per publisher while all is well."""

    async def publish(self, messages: Sequence[Message]) -> int:
        """Publish in order, many at a time; answer how many *from the front* are confirmed.

        Confirmed means: it has reached, or will reach, the consumer of every bound queue, also after a crash. Fewer than
        all means that the fate of the rest is unknown and they are to be published again from there.
        Unroutable messages are confirmed. Raises BrokerUnavailable when none could be confirmed.
        """
        ...

    def consume(self, queue: str, handler: MessageHandler, *, prefetch: int = 32) -> AbstractAsyncContextManager[None]:
        """While open, call `handler` for each message of the queue, up to `prefetch` at once, begun in order.

        A handler that returns acknowledges. One that raises, or a crash, has the message delivered again, after a pause.
        Connections lost are made anew in silence (and counted).
        """
        ...

    async def ping(self) -> None:
        """Return if publishing and consuming work; raises BrokerUnavailable."""
        ...

    async def close(self) -> None:
        """Stop deliveries and let go."""
        ...


# --- objects ----------------------------------------------------------------------------------------------------


class ObjectsUnavailable(PortError):
    """The object store cannot be reached, is full, or refuses."""


class ObjectExists(PortError):
    """The key is taken; objects are never overwritten. Nothing was written."""


class TooLarge(PortError):
    """More bytes were written than the bound of the stage."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object at rest; `size` in bytes; `modified` in UTC."""

    key: str
    size: int
    modified: datetime


class Stage(Protocol):
    """Bytes on their way in: a local temporary file that can be read by path before it is committed."""

    @property
    def path(self) -> Path:
        """The temporary file; complete only after `finish`."""
        ...

    @property
    def size(self) -> int:
        """Bytes written so far."""
        ...

    @property
    def sha256(self) -> str:
        """The digest of the bytes in hexadecimal; of all of them only after `finish`."""
        ...

    async def write(self, chunk: bytes) -> None:
        """Add bytes; raises TooLarge at `max_bytes` + 1."""
        ...

    async def finish(self) -> None:
        """No more bytes: flush, so that `path` holds them all."""
        ...

    async def commit(self, key: str, media_type: str) -> None:
        """Make it an object, durable when the call returns; raises ObjectExists, ObjectsUnavailable."""
        ...


class Objects(Protocol):
    """Bytes by key, written once. Keys: 1..200 characters `[a-z0-9/_.-]`, no empty or dotted segment, else ValueError.

    No key may be the folder of another (`a` beside `a/b`): there are S3 stores that cannot hold both.
    """

    def stage(self, max_bytes: int) -> AbstractAsyncContextManager[Stage]:
        """Begin an object; on leaving without `commit` nothing stays behind."""
        ...

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes in chunks of at most 256 KiB; raises KeyError before the first if there is none such."""
        ...

    async def info(self, key: str) -> ObjectInfo | None:
        """What is known of an object."""
        ...

    async def delete(self, key: str) -> bool:
        """Take it away; False if there was none such."""
        ...

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> list[ObjectInfo]:
        """Objects behind the key `after`: pages that follow one another list each object once.

        Objects of one folder are in order of key; S3 stores differ in where they put what lies deeper.
        """
        ...

    async def ping(self) -> None:
        """Return if the store works; raises ObjectsUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


# --- mail -------------------------------------------------------------------------------------------------------


class MailTemporary(PortError):
    """Not taken, nothing was sent; trying again later may help."""


class MailRefused(PortError):
    """Not taken, and trying again will not help (a permanent refusal)."""


class MailUnknown(PortError):
    """The line broke after the data: it may have been taken or not."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A finished mail: RFC 5322 bytes (CRLF) whose Message-ID is `message_id` (with angle brackets)."""

    message_id: str
    sender: str
    recipient: str
    content: bytes


class Mail(Protocol):
    """Hands mails over."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Within it one mail may be handed over; as many as this transport takes at once, others wait."""
        ...

    async def send(self, mail: OutgoingMail, begun: Callable[[], object] | None = None) -> None:
        """Hand over one mail; raises MailTemporary, MailRefused, MailUnknown.

        `begun` is called before anything of the mail itself goes out: who gives up earlier knows that nothing has.
        """
        ...

    async def was_sent(self, message_id: str) -> bool | None:
        """Whether a mail was taken before a crash; None if this transport cannot tell."""
        ...

    async def ping(self) -> None:
        """Return if mails can be handed over; raises MailTemporary."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


# --- scanner ----------------------------------------------------------------------------------------------------


class ScannerUnavailable(PortError):
    """No verdict could be had."""


class Scanner(Protocol):
    """Looks for malware."""

    async def scan(self, path: Path) -> str | None:
        """The name of what was found, or None if clean; raises ScannerUnavailable."""
        ...

    async def ping(self) -> None:
        """Return if scans work; raises ScannerUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
