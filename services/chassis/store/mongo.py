"""MongoDB, 5 or later, or FerretDB with DocumentDB, through motor, which this file alone knows."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import pymongo
from bson import Int64
from bson.codec_options import TypeDecoder, TypeRegistry
from bson.errors import BSONError
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from services.chassis.keyed_lock import KeyedLock
from services.chassis.ports import Collection, Document, DuplicateKey, Get, Index, Scalar, Sort, StoreUnavailable, Where
from services.chassis.retries import Retries
from services.chassis.store.batch_loader import BatchLoader
from services.chassis.store.mongo_query import Question, filter_of, not_held, projection, rounds
from services.chassis.store.query import Schema, Step, StoreQuery, check_id, look_up, steps
from services.contracts.backoff import Backoff

T = TypeVar("T")


class _PlainInteger(TypeDecoder):
    """Integers of 64 bits come back as `int`, not as a class of the driver's."""

    bson_type = Int64

    def transform_bson(self, value: Any) -> int:
        return int(value)


ANSWER_WITHIN: Final = 10.0
"""Seconds for one call, all attempts together."""

_PREPARE_WITHIN: Final = 600.0
_CONFLICTS: Final = Backoff(timedelta(milliseconds=20), timedelta(seconds=1))

_WRITE_CONFLICT: Final = 112
_DEADLOCK: Final = 16908292
"""FerretDB's word for a write that PostgreSQL took back because it met another; as harmless as a conflict."""

_INDEX_NOT_FOUND: Final = 27
_IS_THERE: Final = frozenset({48, 85, 86})  # a collection; an index, by other options or keys
_DUPLICATE: Final = 11000

# MongoDB: `... index: one_per_programme dup key: ...`; FerretDB: `... Index 'one_per_programme'`.
_INDEX_NAME: Final = re.compile(r"index: (?P<mongodb>\S+)|Index '(?P<ferretdb>[^']+)'")


class MongoStore:
    """The documents of one service in the database `<database of the URL, or parvis>_<service>`."""

    def __init__(self, url: str, service: str, *, timeout: float = ANSWER_WITHIN) -> None:
        try:
            if not url.startswith("mongodb+srv:"):  # of those, only the name server knows
                parse_uri(url)
        except (PyMongoError, ValueError):
            raise ValueError("takes //USER:PASSWORD@HOST:PORT/NAME") from None
        self._url = url
        self._name = f"{urlsplit(url).path.strip('/') or 'parvis'}_{service}"
        self._timeout = timeout
        self._schema = Schema()
        self._unique: dict[str, list[Index]] = {}
        self._instance = f"mongodb-{secrets.token_hex(8)}"
        self._client: AsyncIOMotorClient[Document] | None = None
        self._closed = False
        self._turns = KeyedLock()
        self._gathered: dict[tuple[str, tuple[str, ...] | None], BatchLoader[Question]] = {}

    @property
    def instance(self) -> str:
        """A fresh name: other replicas may be at work on the same database."""
        return self._instance

    def declare(self, collections: Sequence[Collection]) -> None:
        """Learn collections."""
        self._schema.declare(collections)
        for collection in collections:
            self._unique[collection.name] = [index for index in collection.indexes if index.unique]

    async def prepare(self, collections: Sequence[Collection]) -> None:
        """Make collections and indexes that are not there, and anew those that were declared otherwise."""
        self.declare(collections)
        there = frozenset(await self._call(lambda: self._database().list_collection_names(), within=_PREPARE_WITHIN))
        for collection in collections:
            await self._call(lambda: self._make(collection, collection.name in there), within=_PREPARE_WITHIN)  # noqa: B023

    async def is_empty(self) -> bool:
        """Whether the database holds no collection; it changes nothing."""
        return not await self._call(lambda: self._database().list_collection_names())

    async def get(
        self, collection: str, id: str | int, where: Where | None = None, *, fields: Sequence[str] | None = None
    ) -> Document | None:
        """The document of that id, if it meets all of `where`."""
        wanted = self._schema.one(collection, id, where or {}, fields)
        if (collection, wanted) not in self._gathered:
            self._gathered[collection, wanted] = BatchLoader(partial(self._answer, collection, wanted))
        question = Question(id, repr(sorted((where or {}).items())), where or {})
        try:
            async with asyncio.timeout(self._timeout):
                return await self._gathered[collection, wanted].get(question)
        except TimeoutError:
            raise StoreUnavailable("TimeoutError") from None

    async def several(self, *asked: Get) -> Sequence[Document | None]:
        """What `get` answers to each, side by side."""
        return await asyncio.gather(*(self.get(each.collection, each.id, each.where) for each in asked))

    async def _answer(
        self, collection: str, fields: Sequence[str] | None, questions: Sequence[Question]
    ) -> dict[Question, Document]:
        """Many questions in one, but for those that put different conditions to the same document."""
        found: dict[Question, Document] = {}
        for asked in rounds(questions):
            for document in await self._call(lambda: self._of_ids(collection, fields, asked)):  # noqa: B023
                found[asked[document["_id"]]] = document
        return found

    async def _of_ids(
        self, collection: str, fields: Sequence[str] | None, asked: Mapping[str | int, Question]
    ) -> list[Document]:
        at: Document = {"_id": {"$in": list(asked)}}
        if any(question.where for question in asked.values()):
            each = ({"_id": question.id, **question.where} for question in asked.values())
            at = {"$and": [at, {"$or": [self.filter(collection, where, Step((), None, ())) for where in each]}]}
        cursor = self._collection(collection).find(at, projection(fields))
        return await cursor.batch_size(len(asked)).to_list(len(asked))

    async def insert(self, collection: str, document: Document) -> None:
        """Add a document; raises DuplicateKey."""
        self._schema.document(collection, document)
        await self._call(
            lambda: self._collection(collection).insert_one(dict(document)), claims=self._claims(collection, document)
        )

    async def append(self, collection: str, documents: Sequence[Document]) -> int:
        """Add documents by ordered insertion, up to the first that a unique index forbids."""
        self._schema.append(collection, documents)
        added = 0

        async def go_on() -> int:
            nonlocal added
            if added == len(documents):
                return added
            try:
                await self._collection(collection).insert_many([dict(document) for document in documents[added:]])
            except BulkWriteError as error:
                added += int(error.details["nInserted"])
                problem = error.details["writeErrors"][0]
                if problem["code"] == _DUPLICATE:
                    return added
                raise OperationFailure(problem["errmsg"], problem["code"]) from error
            return len(documents)

        return await self._call(go_on)

    async def replace(self, collection: str, document: Document, *, version: int) -> bool:
        """Compare and set; raises DuplicateKey."""
        self._schema.document(collection, document)
        at = {"_id": document["_id"], "version": version}
        result = await self._call(
            lambda: self._collection(collection).replace_one(at, document), claims=self._claims(collection, document)
        )
        return result.matched_count == 1

    async def refresh(self, collection: str, documents: Sequence[Document]) -> None:
        """Compare and set, all in one message."""
        self._schema.refresh(collection, documents)
        if not documents:
            return
        writes = [
            pymongo.ReplaceOne({"_id": document["_id"], "version": document["version"]}, document)
            for document in documents
        ]

        async def write() -> None:
            try:
                await self._collection(collection).bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                problem = error.details["writeErrors"][0]
                raise OperationFailure(problem["errmsg"], problem["code"]) from error

        await self._call(write)

    async def delete(self, collection: str, id: str | int, *, version: int | None = None) -> bool:
        """Take the document away."""
        self._schema.known(collection)
        check_id(id)
        at: Document = {"_id": id} if version is None else {"_id": id, "version": version}
        result = await self._call(lambda: self._collection(collection).delete_one(at))
        return result.deleted_count == 1

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
        """One page, by one question for each run of the keyset."""
        query = self._schema.query(collection, where, sort, limit, after, fields=fields)
        found: list[Document] = []
        for step in steps(query):
            found += await self._call(lambda: self._run(collection, query, step, limit - len(found)))  # noqa: B023
            if len(found) == limit:
                break
        return found

    async def count(self, collection: str, where: Where, *, most: int | None = None) -> int:
        """How many documents meet all of `where`, `most` at most."""
        asked = self.filter(collection, self._schema.number(collection, where), Step((), None, ()))
        bound: dict[str, Any] = {} if most is None else {"limit": most}
        number: int = await self._call(lambda: self._collection(collection).count_documents(asked, **bound))
        return number

    async def damage(self, seconds: float) -> list[str]:
        """Nothing: the server checks what it reads, and answers with an error that is StoreUnavailable here."""
        return []

    async def ping(self) -> None:
        """Return if there is a primary that answers; raises StoreUnavailable."""
        await self._call(lambda: self._database().command("ping"))

    async def close(self) -> None:
        """Let go of the connections."""
        self._closed = True
        if self._client is not None:
            await asyncio.to_thread(self._client.close)  # the driver says goodbye to the server, and waits

    async def _call(
        self, ask: Callable[[], Awaitable[T]], *, within: float | None = None, claims: Iterable[Hashable] = ()
    ) -> T:
        """Ask within the time there is, again after conflicts; every failure of the driver is StoreUnavailable."""
        if self._closed:
            raise StoreUnavailable("closed")
        seconds = within or self._timeout
        try:
            async with asyncio.timeout(seconds), self._turns.of(claims):
                with pymongo.timeout(seconds):  # for the driver's thread, which no cancellation reaches
                    return await self._ask(ask)
        except DuplicateKeyError as error:
            raise DuplicateKey(index_of(error)) from None
        except BSONError as error:
            raise ValueError(f"not a document: {type(error).__name__}") from error
        except (PyMongoError, TimeoutError) as error:
            raise StoreUnavailable(f"{type(error).__name__} {getattr(error, 'code', None) or ''}".strip()) from error

    def _claims(self, collection: str, document: Document) -> list[Hashable]:
        """The values that a document will hold in unique indexes."""
        claims: list[Hashable] = []
        for index in self._unique[collection]:
            values = [look_up(document, field) for field in index.fields]
            if None not in values:
                claims.append((collection, index.name, *values))
        return claims

    async def _ask(self, ask: Callable[[], Awaitable[T]]) -> T:
        retries = Retries(_CONFLICTS)
        while True:
            try:
                return await ask()
            except OperationFailure as error:
                if not _is_conflict(error):
                    raise
            await retries.pause()

    def _database(self) -> AsyncIOMotorDatabase[Document]:
        if self._client is None:
            self._client = AsyncIOMotorClient(
                self._url,
                io_loop=asyncio.get_running_loop(),
                appname="parvis",
                tz_aware=True,
                type_registry=TypeRegistry([_PlainInteger()]),
                w="majority",
                journal=True,
                # What a relay has read must not be rolled back after it was published.
                readConcernLevel="majority",
            )
        return self._client[self._name]

    def _collection(self, name: str) -> AsyncIOMotorCollection[Document]:
        return self._database()[name]

    async def _make(self, collection: Collection, is_there: bool) -> None:
        """One question where all is there but unique indexes: to order each anew costs a server what ten people do."""
        here = self._collection(collection.name)
        missing = not_held(collection.indexes, await here.list_indexes().to_list(None) if is_there else ())
        try:
            if missing:
                await here.create_indexes([pymongo.IndexModel(**options) for options in missing])
            elif not is_there:
                await self._database().create_collection(collection.name, check_exists=False)
        except OperationFailure as error:
            if error.code not in _IS_THERE:
                raise
            for options in missing:
                await self._index(collection.name, options)

    async def _index(self, collection: str, options: dict[str, Any]) -> None:
        try:
            await self._collection(collection).create_index(**options)
        except OperationFailure as error:
            if error.code not in _IS_THERE:
                raise
            try:
                await self._collection(collection).drop_index(options["name"])
            except OperationFailure as gone:
                if gone.code != _INDEX_NOT_FOUND:
                    raise
            await self._collection(collection).create_index(**options)

    async def _run(self, collection: str, query: StoreQuery, step: Step, limit: int) -> list[Document]:
        cursor = self._collection(collection).find(self.filter(collection, query.where, step), projection(query.fields))
        # All in one answer: the driver asks for 101 documents first, and a cursor that is left open costs the server more
        # than all the rest of the question.
        return await cursor.sort(list(step.order)).limit(limit).batch_size(limit).to_list(limit)

    def filter(self, collection: str, where: Where, step: Step) -> dict[str, Any]:
        """What the server is asked."""
        return filter_of(self._unique[collection], where, step)


def _is_conflict(error: OperationFailure) -> bool:
    # While it makes an index, FerretDB has no code of its own for this.
    return error.code in {_WRITE_CONFLICT, _DEADLOCK} or "deadlock detected" in str(error)


def index_of(error: DuplicateKeyError) -> str:
    """The declared name of the index that forbids it, in the words of either server."""
    named = _INDEX_NAME.search(str((error.details or {}).get("errmsg", "")))
    if named is None:
        raise StoreUnavailable("a duplicate key of an index without name") from error
    name = named["mongodb"] or named["ferretdb"]
    return "_id" if name == "_id_" else name
