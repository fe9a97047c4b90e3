"""Stored documents outlive the code that wrote them: older ones are brought up to date, newer ones keep what is new.

A release may write members that the one before does not know. What an older process does not know it keeps when it saves:
members of objects, however deep, and of the elements of lists that it has not changed or that keep their identity.
Lists whose elements mean something by their place cannot grow; what is new goes beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from services.chassis.ports import Document
from services.chassis.store.query import look_up

Upcaster = Callable[[Document], Document]
"""Makes of a document of one schema another of the next; pure, and the document that it is given stays as it was."""

FIRST: Final = 1
"""The schema of a document that names none, as 0.1.0 wrote them."""


def schema_of(document: Mapping[str, Any]) -> int:
    """The number of the schema that a document was written by."""
    return int(document.get("schema", FIRST))


def upcast(document: Document, upcasters: Sequence[Upcaster]) -> Document:
    """The document in the newest schema, one step after the other; of a newer one yet, as it is."""
    for step in upcasters[schema_of(document) - FIRST :]:
        document = step(document)
    return document


def members(kind: type, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says of a dataclass; what it says beyond that is for a newer release."""
    return {name: row[name] for name in kind.__dataclass_fields__ if name in row}  # type: ignore[attr-defined]


def with_unknown(
    fresh: Mapping[str, Any],
    stored: Mapping[str, Any],
    known: Mapping[str, Any],
    identities: Mapping[str, str],
    path: str = "",
) -> Document:
    """A document about to be saved, with what the stored one holds beyond what is known here of it.

    `known` is what this process would write if nothing had changed. `identities` names, for the path of a list (dotted), the
    field by which a changed element is still the same.
    """
    kept = dict(fresh)
    for name, value in stored.items():
        if name not in known:
            kept.setdefault(name, value)
        elif name in fresh and value != known[name]:
            kept[name] = _merged(fresh[name], value, known[name], identities, f"{path}{name}")
    return kept


def _merged(fresh: Any, stored: Any, known: Any, identities: Mapping[str, str], path: str) -> Any:
    if all(isinstance(each, Mapping) for each in (fresh, stored, known)):
        return with_unknown(fresh, stored, known, identities, f"{path}.")
    if all(isinstance(each, list) for each in (fresh, stored, known)) and len(stored) == len(known):
        return _elements(fresh, list(zip(stored, known, strict=True)), identities, path)
    return fresh


def _elements(fresh: list[Any], there: list[tuple[Any, Any]], identities: Mapping[str, str], path: str) -> list[Any]:
    kept = []
    for element in fresh:
        at = _place(element, [known for _, known in there], identities.get(path))
        if at is None:
            kept.append(element)
        else:
            stored, known = there.pop(at)
            kept.append(_merged(element, stored, known, identities, path))
    return kept


def _place(element: Any, known: Sequence[Any], identity: str | None) -> int | None:
    """Where the element was: unchanged, or else by its identity."""
    if element in known:
        return known.index(element)
    if identity is None or not isinstance(element, dict):
        return None
    name = look_up(element, identity)
    return next((at for at, each in enumerate(known) if name is not None and look_up(each, identity) == name), None)
