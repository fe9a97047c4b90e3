"""Examples of bodies, made of their schemas: what a type says of itself, else what a member of that name holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from services.contracts.api.examples import EXAMPLES

Schema = Mapping[str, Any]

_INSTANT: Final = "2027-02-01T09:30:00.000Z"
_DAY: Final = "2027-02-01"
_TYPES: Final[Mapping[str, type]] = {"string": str, "integer": int, "array": list}
_NOTHING: Final = object()


def example(schema: Schema, definitions: Mapping[str, Schema]) -> Any:
    """A value that fits a schema, whose references lead into `definitions`."""
    return _example("", schema, definitions)


def _example(name: str, schema: Schema, definitions: Mapping[str, Schema]) -> Any:  # noqa: PLR0911 - one for each kind
    plain = _plain(schema, definitions)
    known = _known(name, plain)
    if known is not _NOTHING:
        return known
    match plain:
        case {"examples": [value, *_]} | {"const": value} | {"enum": [value, *_]}:
            return value
        case {"properties": members}:
            made = {at: _member(plain, at, members[at], definitions) for at in members}
            return {at: value for at, value in made.items() if value is not _NOTHING}
        case {"type": "array", "items": items}:
            return [_example(name.removesuffix("s"), items, definitions)]
        case {"type": "object"}:
            return {}
        case {"type": "integer"}:
            return plain.get("minimum", 1)
        case {"type": "boolean"}:
            return True
        case {"type": "null"}:
            return None
    return _text(name.rpartition(".")[2], plain.get("format", ""))


def _member(whole: Schema, name: str, schema: Schema, definitions: Mapping[str, Schema]) -> Any:
    """The value of a member; one that may be absent is there if its name or type tells what it holds, or its default."""
    plain, dotted = _plain(schema, definitions), f"{whole.get('title', '')}.{name}"
    if name in whole.get("required", ()) or "examples" in plain or _known(dotted, plain) is not _NOTHING:
        return _example(dotted, schema, definitions)
    return schema.get("default", _NOTHING)


def _plain(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """The schema behind references and alternatives to `null`; what stands beside them goes before, but for a title."""
    beside = {name: value for name, value in schema.items() if name not in ("$ref", "anyOf", "title")}
    if "$ref" in schema:
        return {**_plain(definitions[schema["$ref"].rpartition("/")[2]], definitions), **beside}
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    return {**_plain(choices[0], definitions), **beside} if choices else schema


def _known(name: str, schema: Schema) -> Any:
    """What a member of this name holds, if the schema allows it."""
    for word in (name, name.rpartition(".")[2]):
        if word in EXAMPLES and _fits(EXAMPLES[word], schema):
            return EXAMPLES[word]
    return _NOTHING


def _fits(value: Any, schema: Schema) -> bool:
    """Whether a value by name is one of this schema's."""
    if "enum" in schema:
        return value in schema["enum"]
    kind = schema.get("type", "")
    if kind not in _TYPES or not isinstance(value, _TYPES[kind]) or "format" in schema or "const" in schema:
        return False
    return not isinstance(value, str) or re.search(schema.get("pattern", ""), value) is not None


def _text(name: str, form: str) -> str:
    if form == "date-time" or name.endswith("_at"):
        return _INSTANT
    if form == "date" or name.endswith(("_on", "deadline", "day")):
        return _DAY
    return name.replace("_", " ") or "text"
