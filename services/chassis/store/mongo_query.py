"""What MongoDB is asked, and which indexes it is given, in its words; without its driver, which `mongo` alone knows.

A unique index is partial: it holds only rows that have a value in all its fields. A server uses such an index for a
question that says as much, so each condition on these fields does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.chassis.ports import Condition, In, Index, Range, Where
from services.chassis.store.query import Step

_VALUE: Final = {"$type": ["string", "number", "bool"]}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one document; the same in `text` is the same, as 1 and True are not."""

    id: str | int
    text: str
    where: Where = field(compare=False)


def rounds(questions: Sequence[Question]) -> list[dict[str | int, Question]]:
    """Questions by their document, in as few rounds as hold each document once."""
    found: list[dict[str | int, Question]] = []
    for question in questions:
        free = next((asked for asked in found if question.id not in asked), None)
        if free is None:
            found.append(free := {})
        free[question.id] = question
    return found


def filter_of(unique: Sequence[Index], where: Where, step: Step) -> dict[str, Any]:
    """The filter of one step; conditions on all fields of a `unique` index say that they have values."""
    clauses = [{field: _operators(condition)} for field, condition in where.items()]
    for index in unique:
        if all(field in where for field in index.fields):
            clauses += [{field: _VALUE} for field in index.fields]
    clauses += [{field: {"$eq": value}} for field, value in step.equal]
    if step.beyond is not None:
        field, direction, value = step.beyond
        clauses.append({field: {"$ne": None} if value is None else {"$gt" if direction == 1 else "$lt": value}})
    return {"$and": clauses} if clauses else {}


def projection(fields: Sequence[str] | None) -> dict[str, int] | None:
    """The members that are to come back; None: all."""
    return None if fields is None else dict.fromkeys(fields, 1)


def _operators(condition: Condition) -> dict[str, Any]:
    match condition:
        case In(values):
            return {"$in": list(values)}
        case Range(gt, ge, lt, le):
            bounds = {"$gt": gt, "$gte": ge, "$lt": lt, "$lte": le}
            return {operator: bound for operator, bound in bounds.items() if bound is not None}
        case _:
            return {"$eq": condition}


def definitions(index: Index) -> list[dict[str, Any]]:
    """What to give `create_index`: a unique index over several fields has one beside it to be searched by."""
    keys = [(field, 1) for field in index.fields]
    if not index.unique:
        return [{"keys": keys if "_id" in index.fields else [*keys, ("_id", 1)], "name": index.name}]
    filled = dict.fromkeys(index.fields, _VALUE)
    unique = {"keys": keys, "name": index.name, "unique": True, "partialFilterExpression": filled}
    if len(index.fields) == 1:
        return [unique]
    return [unique, {"keys": [*keys, ("_id", 1)], "name": f"{index.name}_search"}]


def not_held(indexes: Sequence[Index], held: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The `definitions` of which a server has no index of that name that is the same, by its answer to `listIndexes`.

    That answer also names what is still being built; so unique ones are always ordered, which waits for them.
    """
    there = {index["name"]: index for index in held}
    wanted = [options for index in indexes for options in definitions(index)]
    return [
        options for options in wanted if options.get("unique") or not _is_same(there.get(options["name"], {}), options)
    ]


def _is_same(index: Mapping[str, Any], options: Mapping[str, Any]) -> bool:
    return (
        list(index.get("key", {}).items()) == options["keys"]
        and bool(index.get("unique")) == options.get("unique", False)
        and index.get("partialFilterExpression") == options.get("partialFilterExpression")
    )
