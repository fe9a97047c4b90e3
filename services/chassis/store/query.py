"""What every store checks before it asks its database: declared fields, scalars, bounded pages."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, dropwhile, takewhile
from typing import Any, Final, Literal

from services.chassis.ports import MAX_FIND, Collection, Condition, Document, In, Index, Range, Scalar, Sort, Where

MAX_IN: Final = 1000
MAX_APPEND: Final = 1000
MOST_FORMS: Final = 1024
"""Forms of questions that are remembered as served by an index; of others it is found out each time."""
_MAX_INTEGER: Final = 2**63 - 1
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TOP_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_BY_ID: Final = Index("_id_", ("_id",))

Direction = Literal[1, -1]


@dataclass(frozen=True, slots=True)
class StoreQuery:
    """A question that has passed the checks; `order` always ends in `_id`; `fields` are all that is to come back."""

    where: Mapping[str, Condition]
    order: tuple[tuple[str, Direction], ...]
    limit: int
    after: tuple[Scalar | None, ...] | None
    fields: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One run of rows: the `equal` fields stand still, `beyond` goes on behind its value."""

    equal: tuple[tuple[str, Scalar | None], ...]
    beyond: tuple[str, Direction, Scalar | None] | None
    order: tuple[tuple[str, Direction], ...]


def steps(query: StoreQuery) -> Iterator[Step]:
    """Cut a question into runs that one index range each answers, in order of the sort; null is lowest."""
    if query.after is None:
        yield Step((), None, query.order)
        return
    keys = [(field, direction, value) for (field, direction), value in zip(query.order, query.after, strict=True)]
    for depth in range(len(keys) - 1, -1, -1):
        equal = tuple((field, value) for field, _, value in keys[:depth])
        field, direction, value = keys[depth]
        if direction == 1:
            yield Step(equal, keys[depth], query.order[depth:])
        elif value is not None:
            yield Step(equal, keys[depth], query.order[depth:])
            if field != "_id":
                yield Step((*equal, (field, None)), None, query.order[depth + 1 :])


class Schema:
    """The collections that a store was told of, and what may be asked of them."""

    def __init__(self) -> None:
        self._fields: dict[str, tuple[str, ...]] = {}
        self._indexes: dict[str, tuple[Index, ...]] = {}
        self._served: set[Hashable] = set()

    def declare(self, collections: Iterable[Collection]) -> None:
        """Learn collections; raises ValueError for a name or a field that no store can have."""
        for collection in collections:
            for name in (collection.name, *(index.name for index in collection.indexes)):
                if not _NAME.fullmatch(name):
                    raise ValueError(f"not a name for a collection or index: {name!r}")
            fields = dict.fromkeys(chain.from_iterable(index.fields for index in collection.indexes))
            for field in fields:
                if not _FIELD.fullmatch(field):
                    raise ValueError(f"not a field: {field!r}")
            self._fields[collection.name] = tuple(field for field in fields if field != "_id")
            self._indexes[collection.name] = (_BY_ID, *collection.indexes)
        self._served.clear()

    def known(self, collection: str) -> tuple[str, ...]:
        """The indexed fields of a collection, `_id` apart; raises ValueError if it was not declared."""
        try:
            return self._fields[collection]
        except KeyError:
            raise ValueError(f"collection {collection!r} was not prepared") from None

    def document(self, collection: str, document: Document) -> None:
        """Refuse, by ValueError, a document whose id, version or indexed fields no store can keep."""
        check_id(document.get("_id"))
        version = document.get("version")
        if type(version) is not int:
            raise ValueError("version must be an integer")
        _check_scalar("version", version)
        for field in self.known(collection):
            value = look_up(document, field)
            if value is not None and type(value) is not float:
                _check_scalar(field, value)

    def append(self, collection: str, documents: Sequence[Document]) -> None:
        """Refuse, by ValueError, more documents than may be added at once, or one that cannot be kept."""
        self._several("append", collection, documents)

    def refresh(self, collection: str, documents: Sequence[Document]) -> None:
        """Refuse, by ValueError, more documents than may be put anew at once, or one that cannot be kept."""
        self._several("refresh", collection, documents)

    def _several(self, verb: str, collection: str, documents: Sequence[Document]) -> None:
        self.known(collection)
        if len(documents) > MAX_APPEND:
            raise ValueError(f"{verb} takes {MAX_APPEND} documents at most")
        for document in documents:
            self.document(collection, document)

    def one(self, collection: str, id: str | int, where: Where, fields: Sequence[str] | None) -> tuple[str, ...] | None:
        """Check a question for the document of an id; answers the fields that are to come back."""
        check_id(id)
        self.where(collection, where)
        return _check_fields(fields)

    def number(self, collection: str, where: Where) -> Where:
        """Refuse, by ValueError, to count what no index finds."""
        self._check_served(collection, self.where(collection, where), ())
        return where

    def where(self, collection: str, where: Where) -> Where:
        """Refuse, by ValueError, a condition on a field that is not indexed or a value that is no scalar."""
        fields = self.known(collection)
        for field, condition in where.items():
            _check_declared(collection, field, fields)
            match condition:
                case In(values):
                    if len(values) > MAX_IN:
                        raise ValueError(f"In takes {MAX_IN} values at most")
                    for value in values:
                        _check_scalar(field, value)
                case Range():
                    _check_range(field, condition)
                case _:
                    _check_scalar(field, condition)
        return where

    def query(
        self,
        collection: str,
        where: Where,
        sort: Sort,
        limit: int,
        after: Sequence[Scalar | None] | None,
        *,
        fields: Sequence[str] | None = None,
    ) -> StoreQuery:
        """Check a question and complete its order by `_id`, in the direction of the field before it."""
        if not 1 <= limit <= MAX_FIND:
            raise ValueError(f"limit must be 1..{MAX_FIND}")
        self.where(collection, where)
        order = list(sort)
        if "_id" not in (field for field, _ in order):
            order.append(("_id", order[-1][1] if order else 1))
        for field, direction in order:
            _check_declared(collection, field, self.known(collection))
            if direction not in {1, -1}:
                raise ValueError("a sort direction is 1 or -1")
        self._check_served(collection, where, order)
        if after is not None:
            if len(after) != len(order):
                raise ValueError(f"after needs {len(order)} values, one for each sort field and _id")
            for (field, _), value in zip(order, after, strict=True):
                if value is not None:
                    _check_scalar(field, value)
        return StoreQuery(
            where, tuple(order), limit, tuple(after) if after is not None else None, _check_fields(fields)
        )

    def _check_served(self, collection: str, where: Where, order: Sequence[tuple[str, Direction]]) -> None:
        """Refuse what no index finds; of what one does the form is remembered, for the code asks but so many."""
        form = collection, tuple((field, type(condition)) for field, condition in where.items()), tuple(order)
        if form in self._served:
            return
        if not any(_serves(index, where, order) for index in self._indexes[collection]):
            asked = ", ".join([*where, *(f"sort {field}" for field, _ in order)])
            raise ValueError(f"no index of {collection!r} serves {asked}")
        if len(self._served) < MOST_FORMS:
            self._served.add(form)


def _serves(index: Index, where: Where, order: Sequence[tuple[str, Direction]]) -> bool:
    """Whether one run along the index meets all conditions and comes in order: equal fields, then the sort and its range."""
    equal = {field for field, condition in where.items() if isinstance(condition, Scalar)}
    filled = index.unique and all(field in where for field in index.fields)
    if "_id" in equal or (filled and equal.issuperset(index.fields)):
        return True  # one document at most
    if index.unique and len(index.fields) == 1 and not filled:
        return False  # a unique index may hold only the documents that have its field
    fields = index.fields if filled or "_id" in index.fields else (*index.fields, "_id")
    rest = list(dropwhile(equal.__contains__, fields))
    met = equal.intersection(fields[: len(fields) - len(rest)])
    for field in takewhile(where.__contains__, rest):
        met.add(field)
        if isinstance(where[field], Range):
            break
    wanted = [(field, direction) for field, direction in order if field not in equal]
    if filled:
        wanted = wanted[: len(rest)]  # no two documents are alike in these
    return (
        met.issuperset(where)
        and [field for field, _ in wanted] == rest[: len(wanted)]
        and len({direction for _, direction in wanted}) <= 1
    )


def _check_fields(fields: Sequence[str] | None) -> tuple[str, ...] | None:
    for field in fields or ():
        if not _TOP_FIELD.fullmatch(field):
            raise ValueError(f"not a field at the top: {field!r}")
    return None if fields is None else tuple(dict.fromkeys(["_id", *fields]))


def check_id(id: object) -> None:
    """Refuse, by ValueError, what cannot be an `_id`: it is a string or an integer."""
    if type(id) is not str and type(id) is not int:
        raise ValueError("_id must be a string or an integer")
    _check_scalar("_id", id)


def look_up(document: Document, field: str) -> Any:
    """The value of a dotted field, None where it is missing."""
    value: Any = document
    for part in field.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _check_declared(collection: str, field: str, fields: tuple[str, ...]) -> None:
    if field != "_id" and field not in fields:
        raise ValueError(f"{field!r} is in no index of {collection!r}")


def _check_scalar(field: str, value: object) -> None:
    # By exact type: a filter built from what a client sent must never carry a mapping to the database.
    kind = type(value)
    if kind is str:
        if "\x00" in value:  # type: ignore[operator]
            raise ValueError(f"{field!r} must not contain NUL")
    elif kind is int:
        if not -_MAX_INTEGER - 1 <= value <= _MAX_INTEGER:  # type: ignore[operator]
            raise ValueError(f"{field!r} must fit in 64 bits")
    elif kind is not bool:
        raise ValueError(f"{field!r} must be a string, an integer or a boolean")


def _check_range(field: str, condition: Range) -> None:
    bounds = [bound for bound in (condition.gt, condition.ge, condition.lt, condition.le) if bound is not None]
    if not bounds:
        raise ValueError(f"a range of {field!r} without bounds")
    if len({type(bound) for bound in bounds}) > 1 or type(bounds[0]) is bool:
        raise ValueError(f"bounds of {field!r} must be all strings or all integers")
    for bound in bounds:
        _check_scalar(field, bound)
