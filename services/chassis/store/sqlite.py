"""The embedded store: one sqlite file per service, a table per collection, documents as JSON text.

Several processes may open the file: every decision (uniqueness, compare-and-set) is taken by SQL.
"""
# Names of collections, indexes and fields in the SQL below are words that `query.Schema` has let pass.
# ruff: noqa: S608

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson

from services.chassis.ports import (
    Collection,
    Document,
    DuplicateKey,
    Get,
    Index,
    Scalar,
    Sort,
    Where,
)
from services.chassis.store.damage import damage
from services.chassis.store.executor import ConnectionExecutor
from services.chassis.store.query import Schema, Step, check_id, steps
from services.chassis.store.sqlite_query import columns, conditions, select, term

T = TypeVar("T")

_READERS: Final = 2
_PREPARE_WITHIN: Final = 600.0
_CHECK_WITHIN: Final = 24 * 3600.0


class SqliteStore:
    """The documents of one service in the sqlite file `path`, made when first used.

    `read_only`: the file must be there, a write is StoreUnavailable, and a collection that was never made is empty.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._schema = Schema()
        self._instance = f"sqlite-{path.stem}"
        self._read_only = read_only
        self._writer = ConnectionExecutor(path, threads=1, writes=True, read_only=read_only)
        self._readers = ConnectionExecutor(path, threads=_READERS, writes=False, read_only=read_only)

    @property
    def instance(self) -> str:
        """The name of the file: who opens it stands in for who held it before."""
        return self._instance

    def declare(self, collections: Sequence[Collection]) -> None:
        """Learn collections."""
        self._schema.declare(collections)

    async def prepare(self, collections: Sequence[Collection]) -> None:
        """Make tables and indexes that are not there, and anew those that were declared otherwise."""
        self.declare(collections)
        # Indexes of a large table take their time.
        await self._writer.run(lambda connection: _prepare(connection, collections), within=_PREPARE_WITHIN)

    async def get(
        self, collection: str, id: str | int, where: Where | None = None, *, fields: Sequence[str] | None = None
    ) -> Document | None:
        """The document of that id, if it meets all of `where`."""
        return await self._readers.run(self._one(collection, id, where, fields), quick=True)

    async def several(self, *asked: Get) -> Sequence[Document | None]:
        """What `get` answers to each, by one way to a thread and back."""
        works = [self._one(each.collection, each.id, each.where, None) for each in asked]
        return await self._readers.run(lambda connection: [work(connection) for work in works], quick=True)

    def _one(
        self, collection: str, id: str | int, where: Where | None, fields: Sequence[str] | None
    ) -> Callable[[sqlite3.Connection], Document | None]:
        """The work of looking for one document."""
        wanted = self._schema.one(collection, id, where or {}, fields)
        clauses, values = conditions(where or {}, Step((), None, ()))
        sql = f'SELECT {columns(wanted)} FROM "{collection}" WHERE id = ? AND {" AND ".join(clauses)}'

        def work(connection: sqlite3.Connection) -> Document | None:
            if not self._has(connection, collection):
                return None
            row = connection.execute(sql, (id, *values)).fetchone()
            return _document(row, wanted) if row else None

        return work

    async def insert(self, collection: str, document: Document) -> None:
        """Add a document; raises DuplicateKey."""
        self._schema.document(collection, document)
        values = (document["_id"], document["version"], _encode(document))
        await self._write(collection, f'INSERT INTO "{collection}" (id, version, doc) VALUES (?, ?, ?)', values)

    async def append(self, collection: str, documents: Sequence[Document]) -> int:
        """Add documents in one transaction, up to the first that a unique index forbids."""
        self._schema.append(collection, documents)
        rows = [(document["_id"], document["version"], _encode(document)) for document in documents]

        def work(connection: sqlite3.Connection) -> int:
            before = connection.total_changes
            with suppress(sqlite3.IntegrityError):
                connection.executemany(f'INSERT INTO "{collection}" (id, version, doc) VALUES (?, ?, ?)', rows)
            return connection.total_changes - before

        return await self._writer.run(work)

    async def replace(self, collection: str, document: Document, *, version: int) -> bool:
        """Compare and set; raises DuplicateKey."""
        self._schema.document(collection, document)
        values = (document["version"], _encode(document), document["_id"], version)
        sql = f'UPDATE "{collection}" SET version = ?, doc = ? WHERE id = ? AND version = ?'
        return await self._write(collection, sql, values) == 1

    async def refresh(self, collection: str, documents: Sequence[Document]) -> None:
        """Compare and set, all in one transaction."""
        self._schema.refresh(collection, documents)
        rows = [(_encode(document), document["_id"], document["version"]) for document in documents]
        sql = f'UPDATE "{collection}" SET doc = ? WHERE id = ? AND version = ?'
        await self._writer.run(lambda connection: connection.executemany(sql, rows).rowcount)

    async def delete(self, collection: str, id: str | int, *, version: int | None = None) -> bool:
        """Take the document away."""
        self._schema.known(collection)
        check_id(id)
        if version is None:
            return await self._write(collection, f'DELETE FROM "{collection}" WHERE id = ?', (id,)) == 1
        sql = f'DELETE FROM "{collection}" WHERE id = ? AND version = ?'
        return await self._write(collection, sql, (id, version)) == 1

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
        """One page, read from one snapshot."""
        query = self._schema.query(collection, where, sort, limit, after, fields=fields)
        statements = [select(collection, query, step) for step in steps(query)]

        def work(connection: sqlite3.Connection) -> list[Document]:
            found: list[Document] = []
            if not self._has(connection, collection):
                return found
            with _snapshot(connection) if len(statements) > 1 else nullcontext():
                for sql, values in statements:
                    rows = connection.execute(sql, (*values, limit - len(found)))
                    found.extend(_document(row, query.fields) for row in rows)
                    if len(found) == limit:
                        break
            return found

        return await self._readers.run(work)

    async def count(self, collection: str, where: Where, *, most: int | None = None) -> int:
        """How many documents meet all of `where`, `most` at most."""
        clauses, values = conditions(self._schema.number(collection, where), Step((), None, ()))
        where_sql = f'"{collection}" WHERE {" AND ".join(clauses)}'
        sql = f"SELECT count(*) FROM {where_sql}"
        if most is not None:
            sql, values = f"SELECT count(*) FROM (SELECT 1 FROM {where_sql} LIMIT ?)", [*values, most]

        def work(connection: sqlite3.Connection) -> int:
            if not self._has(connection, collection):
                return 0
            (number,) = connection.execute(sql, values).fetchone()
            return int(number)

        return await self._readers.run(work)

    async def damage(self, seconds: float) -> list[str]:
        """What sqlite's own check finds; it holds up one reader meanwhile, and no writer."""
        within = min(seconds + _PREPARE_WITHIN, _CHECK_WITHIN)
        return await self._readers.run(lambda connection: damage(connection, seconds), within=within)

    async def ping(self) -> None:
        """Return if the file can be read and written; raises StoreUnavailable."""
        await self._readers.run(lambda connection: connection.execute("SELECT count(*) FROM sqlite_schema").fetchone())
        # An open write transaction is proof enough; it costs no sync, as it changes nothing.
        await self._writer.run(lambda _: None)

    async def close(self) -> None:
        """Finish what was begun and let go; the last to close folds the write-ahead log into the file."""
        await self._readers.close()
        await self._writer.close()

    def _has(self, connection: sqlite3.Connection, collection: str) -> bool:
        """Whether there is a table to ask: `prepare` made it, but who only reads has prepared nothing."""
        if not self._read_only:
            return True
        table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
        return connection.execute(table, (collection,)).fetchone() is not None

    async def _write(self, collection: str, sql: str, values: tuple[Any, ...]) -> int:
        def work(connection: sqlite3.Connection) -> int:
            try:
                return connection.execute(sql, values).rowcount
            except sqlite3.IntegrityError as error:
                raise DuplicateKey(_index_of(error, collection)) from None

        return await self._writer.run(work)


# --- documents --------------------------------------------------------------------------------------------


_JSON: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
"""A date, or any other object that stores of another kind would keep otherwise, is a TypeError; NaN, which no body and no
domain lets in, would be null."""


def _encode(document: Document) -> str:
    return orjson.dumps(document, option=_JSON).decode()


def _decode(text: str) -> Document:
    document: Document = orjson.loads(text)
    return document


def _document(row: Sequence[Any], fields: Sequence[str] | None) -> Document:
    """The document of a row of `columns`: JSON text, NULL where there is no such member."""
    if fields is None:
        try:
            return _decode(str(row[0]))
        except ValueError:  # no JSON: its reader shall name it, and go on
            return {"_id": row[1], "version": row[2]}
    return {field: orjson.loads(text) for field, text in zip(fields, row, strict=True) if text is not None}


# --- tables and indexes -----------------------------------------------------------------------------------


def _prepare(connection: sqlite3.Connection, collections: Sequence[Collection]) -> None:
    for collection in collections:
        connection.execute(
            f'CREATE TABLE IF NOT EXISTS "{collection.name}"'
            " (id PRIMARY KEY NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL)"
        )
        for index in collection.indexes:
            name, sql = f"{collection.name}.{index.name}", _create_index(collection.name, index)
            row = connection.execute(
                "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?", (name,)
            ).fetchone()
            if row is not None and row[0] != sql:
                connection.execute(f'DROP INDEX "{name}"')
            if row is None or row[0] != sql:
                connection.execute(sql)


def _create_index(collection: str, index: Index) -> str:
    terms = [term(field) for field in index.fields]
    if not index.unique and "_id" not in index.fields:
        terms.append("id")  # rows of equal fields then lie in order of id, as keyset pages want them
    unique = "UNIQUE " if index.unique else ""
    return f'CREATE {unique}INDEX "{collection}.{index.name}" ON "{collection}" ({", ".join(terms)})'


def _index_of(error: sqlite3.IntegrityError, collection: str) -> str:
    if error.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY":
        return "_id"
    # UNIQUE constraint failed: index 'accounts.email'
    return str(error).rsplit("'", 2)[-2].removeprefix(f"{collection}.")


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """A read transaction, so that the steps of one page see one state."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()
