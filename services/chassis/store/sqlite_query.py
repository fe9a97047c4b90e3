"""What sqlite is asked, in its words: conditions, order and bounds of a question, with the values apart."""
# Names of collections, indexes and fields in the SQL below are words that `query.Schema` has let pass.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.chassis.ports import Condition, In, Range, Scalar
from services.chassis.store.query import Step, StoreQuery


def columns(fields: Sequence[str] | None) -> str:
    """What is to come back: the document with id and version, or these members of it."""
    return "doc, id, version" if fields is None else ", ".join(f"doc -> '$.{field}'" for field in fields)


def term(field: str) -> str:
    """The SQL of a field: booleans are blobs: no numbers, and sorted behind strings, as in BSON."""
    if field == "_id":
        return "id"
    path = f"'$.{field}'"
    return f"CASE json_type(doc, {path}) WHEN 'true' THEN x'01' WHEN 'false' THEN x'00' ELSE doc ->> {path} END"


def select(collection: str, query: StoreQuery, step: Step) -> tuple[str, tuple[Any, ...]]:
    """The SQL of one step of a question, and its values but for the last one, the limit."""
    clauses, values = conditions(query.where, step)
    for field, value in step.equal:
        clauses.append(f"{term(field)} IS NULL" if value is None else f"{term(field)} = ?")
        values.extend(() if value is None else (_bind(value),))
    if step.beyond is not None:
        field, direction, value = step.beyond
        if value is None:
            clauses.append(f"{term(field)} IS NOT NULL")
        else:
            clauses.append(f"{term(field)} {'>' if direction == 1 else '<'} ?")
            values.append(_bind(value))
    # A field that stands still orders nothing; left in, it would keep sqlite from reading in index order.
    order = ", ".join(
        f"{term(field)} {'ASC' if direction == 1 else 'DESC'}"
        for field, direction in step.order
        if not isinstance(query.where.get(field), Scalar)
    )
    where = " AND ".join(clauses)
    return f'SELECT {columns(query.fields)} FROM "{collection}" WHERE {where} ORDER BY {order or "id"} LIMIT ?', tuple(
        values
    )


def conditions(where: Mapping[str, Condition], step: Step) -> tuple[list[str], list[Any]]:
    """The clauses that a question's conditions are, one at least, and their values."""
    clauses: list[str] = ["1"]
    values: list[Any] = []
    for field, condition in where.items():
        asked = term(field)
        match condition:
            case In(choices):
                clauses.append(f"{asked} IN ({', '.join('?' * len(choices))})")
                values.extend(_bind(choice) for choice in choices)
            case Range():
                for operator, bound in _bounds(condition):
                    # Where the keyset is closer, a plus keeps sqlite from taking the index's range from here.
                    clauses.append(f"{'+' * _is_closer(step, field, operator)}{asked} {operator} ?")
                    values.append(bound)
            case _:
                clauses.append(f"{asked} = ?")
                values.append(_bind(condition))
    return clauses, values


def _is_closer(step: Step, field: str, operator: str) -> bool:
    """Whether a step holds a field at least as closely, on that side, as any condition can."""
    if step.beyond is not None and step.beyond[0] == field:
        return operator[0] == (">" if step.beyond[1] == 1 else "<")
    return any(field == pinned for pinned, _ in step.equal)


def _bounds(condition: Range) -> list[tuple[str, Any]]:
    """The bounds of a range, closed at the end of its type: sqlite sorts numbers < strings < blobs."""
    given = (("> ", condition.gt), (">=", condition.ge), ("< ", condition.lt), ("<=", condition.le))
    bounds: list[tuple[str, Any]] = [(operator, bound) for operator, bound in given if bound is not None]
    text = isinstance(bounds[0][1], str)
    if text and condition.gt is None and condition.ge is None:
        bounds.append((">=", ""))
    if condition.lt is None and condition.le is None:
        bounds.append(("<", b"" if text else ""))
    return bounds


def _bind(value: Scalar) -> str | int | bytes:
    return bytes([value]) if isinstance(value, bool) else value
