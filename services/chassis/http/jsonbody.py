"""Reads what clients send, strictly: JSON bodies and query strings, and names every wrong field by a stable slug."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from services.chassis.refusals import (
    DUPLICATE_MEMBER,
    MALFORMED_JSON,
    NOT_UTF8,
    UNSUPPORTED_ENCODING,
    UNSUPPORTED_MEDIA_TYPE,
)
from services.contracts.refusals import INVALID_FIELDS, FieldError, RefusedError

M = TypeVar("M", bound=BaseModel)

MAX_BODY_BYTES: Final = 65536
MAX_DEPTH: Final = 16
MAX_CONTAINERS: Final = 1024
"""Objects and lists of one body."""
MAX_MEMBERS: Final = 256
"""Members of one object."""
MAX_FIELD_ERRORS: Final = 100

_NAME: Final = re.compile(r"[a-z0-9_]{1,64}")
_QUOTED: Final = re.compile(r"'([^']*)'")
# A string, or what is left of one: it always fits, so that nothing is looked at twice.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_ALIKE: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))

_RULES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "missing": ("required", {}),
    "extra_forbidden": ("unknown-field", {}),
    "string_too_long": ("too-long", {"max": "max_length"}),
    "string_too_short": ("too-short", {"min": "min_length"}),
    "string_pattern_mismatch": ("malformed", {}),
    "string_unicode": ("malformed", {}),
    "too_long": ("too-many", {"max": "max_length"}),
    "too_short": ("too-few", {"min": "min_length"}),
    "less_than_equal": ("too-big", {"max": "le"}),
    "less_than": ("too-big", {"max": "lt"}),
    "greater_than_equal": ("too-small", {"min": "ge"}),
    "greater_than": ("too-small", {"min": "gt"}),
    "literal_error": ("not-a-choice", {"allowed": "expected"}),
    "enum": ("not-a-choice", {"allowed": "expected"}),
    "union_tag_invalid": ("not-a-choice", {"allowed": "expected_tags"}),
    "union_tag_not_found": ("required", {}),
    "value_error": ("malformed", {}),
    "assertion_error": ("malformed", {}),
    "int_parsing_size": ("malformed", {}),
    "finite_number": ("malformed", {}),
}


class Nothing(BaseModel):
    """The body of a command that needs none: an empty object, if anything."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _DuplicateMemberError(ValueError):
    """An object names a member twice."""


async def read_body(request: web.Request) -> bytes:
    """The bytes of the body, which have come already; raises UNSUPPORTED_ENCODING."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UNSUPPORTED_ENCODING()
    return await request.read() if request.body_exists else b""


def check_content_type(request: web.Request) -> None:
    """Let through JSON in UTF-8 alone; raises UNSUPPORTED_MEDIA_TYPE."""
    charset = (request.charset or "utf-8").lower()
    if request.content_type != "application/json" or charset not in ("utf-8", "utf8"):
        raise UNSUPPORTED_MEDIA_TYPE(expected=["application/json; charset=utf-8"])


def parse_body(model: type[M], body: bytes) -> M:
    """The body as `model`; raises NOT_UTF8, MALFORMED_JSON, DUPLICATE_MEMBER, INVALID_FIELDS."""
    _check_json(body)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise invalid_fields(error) from None


def parse_query(model: type[M] | None, request: web.Request) -> M | None:
    """The query as `model`; raises INVALID_FIELDS, also for unknown and repeated parameters."""
    if model is None and not request.query_string:
        return None
    query = request.query
    given = Counter(name for name, _ in query.items())
    if len(query) != len(given):
        repeated = sorted({_name(model, name) for name, times in given.items() if times > 1})
        raise INVALID_FIELDS(fields=[FieldError(name, "repeated") for name in repeated])
    if model is None:
        if query:
            raise INVALID_FIELDS(fields=[FieldError("", "unknown-field")])
        return None
    try:
        return model.model_validate_strings(dict(query))
    except ValidationError as error:
        raise invalid_fields(error) from None


def _name(model: type[BaseModel] | None, name: str) -> str:
    """The name if it is one of ours: what a client made up is not echoed."""
    return name if model is not None and name in model.model_fields else ""


def _check_json(body: bytes) -> None:
    """What pydantic lets pass and we do not: members named twice, NaN and infinities, depth beyond `MAX_DEPTH`."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NOT_UTF8() from None
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and not _is_shallow(body):
        raise MALFORMED_JSON()
    try:
        json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant, parse_float=_finite)
    except _DuplicateMemberError:
        raise DUPLICATE_MEMBER() from None
    except ValueError:
        raise MALFORMED_JSON() from None


def _is_shallow(body: bytes) -> bool:
    """Whether the body has few enough brackets, none too deep; told without reading it."""
    brackets = _STRING.sub(b"", body).translate(_ALIKE, _NO_BRACKETS)
    if len(brackets) > 2 * MAX_CONTAINERS:
        return False
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return not brackets


def _once(pairs: Sequence[tuple[str, Any]]) -> None:
    if len(pairs) > MAX_MEMBERS:
        raise ValueError("too many members")
    if len({name for name, _ in pairs}) != len(pairs):
        raise _DuplicateMemberError


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("out of range")
    return number


def invalid_fields(error: ValidationError) -> RefusedError:
    """The refusal of a body or query, naming every wrong field (up to 100) and the rule, never what was sent."""
    details = error.errors(include_url=False, include_input=False)
    if any(detail["type"] == "json_invalid" for detail in details):
        return MALFORMED_JSON()
    found: dict[tuple[str, str], FieldError] = {}
    for detail in details[:MAX_FIELD_ERRORS]:
        wrong = _field_error(detail["type"], detail["loc"], detail.get("ctx") or {})
        found.setdefault((wrong.field, wrong.slug), wrong)
    return INVALID_FIELDS(fields=list(found.values()))


def _field_error(kind: str, location: Sequence[int | str], context: Mapping[str, Any]) -> FieldError:
    # The name of an unknown field is input like any other: its place is told, not its name.
    ours = location[:-1] if kind == "extra_forbidden" else location
    parts = list(takewhile(_NAME.fullmatch, map(str, ours)))
    slug, names = _rule(kind)
    if "-" in kind:
        params = {name: value for name, value in context.items() if isinstance(value, str | int | float | list)}
    else:
        params = {name: context[theirs] for name, theirs in names.items()}
    if isinstance(allowed := params.get("allowed"), str):
        params["allowed"] = _QUOTED.findall(allowed)
    return FieldError(".".join(parts), slug, params)


def _rule(kind: str) -> tuple[str, Mapping[str, str]]:
    """Our slug of a pydantic error type; a type with a hyphen is a rule of our own (PydanticCustomError)."""
    if "-" in kind:
        return kind, {}
    if kind in _RULES:
        return _RULES[kind]
    if kind.startswith("date_"):
        return "not-a-date", {}
    if kind.startswith(("datetime_", "timezone_")):
        return "not-an-instant", {}
    return "wrong-type", {}
