"""Forms as they come in: read, bounded, and known to be from one of our own pages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from services.chassis.http.middleware import LONG_BODY
from services.contracts.api.problem import Problem

MAX_FORM_BYTES: Final = 16384
MAX_LONG_FORM_BYTES: Final = 65536
"""Of a form with a long text: one that is far too long comes back with all that was typed."""
MAX_FORM_FIELDS: Final = 256
MAX_PATH_CHARACTERS: Final = 1000
KEY: Final = "key"
"""The field of what makes a form one: pressed twice it is one command."""
SECRETS: Final = ("password", "repeated", "current_password", "one_time_code", "recovery_code")
"""Fields that are never shown again."""

LONGEST: Final = web.RequestKey("longest", int)
"""How many bytes a form may have that comes to this page, whoever reads it."""
FIELDS: Final = web.RequestKey("fields", list[tuple[str, str]])
"""The fields of the form that came with this request, once they are read and known to be ours."""


@dataclass(frozen=True, slots=True)
class TypedForm:
    """What was typed into a form: the `account` it was made for (empty: nobody's), where it goes, its fields.

    `onward` is the page of that form, empty if it has none.
    """

    account: str
    path: str
    onward: str
    fields: list[tuple[str, str]]


async def read_fields(request: web.Request, longest: int = MAX_FORM_BYTES) -> list[tuple[str, str]] | None:
    """The fields of a posted form in order; None if it is no such form, or longer than `longest` bytes."""
    if (
        request.content_type != "application/x-www-form-urlencoded"
        or (request.charset or "utf-8").lower() not in ("utf-8", "utf8")
        or (request.content_length or 0) > longest
    ):
        return None
    body = await _body(request, longest)
    if body is None:
        return None
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        return None


async def _body(request: web.Request, longest: int) -> bytes | None:
    """All of it, which has come already; None for more."""
    body = request[LONG_BODY] if LONG_BODY in request else await request.read()
    return body if len(body) <= longest else None


def command_key(form: Mapping[str, str], *content: str) -> str:
    """The idempotency key of a pressed button: pressing twice is pressing once, unless something else was filled in."""
    return hashlib.sha256("\n".join((form.get(KEY, ""), *content)).encode(errors="replace")).hexdigest()


def errors_of(problem: Problem) -> dict[str, str]:
    """What is wrong with each field, as forms show it; all of it, at no field, where the refusal names none."""
    if not problem.fields:
        return {"": problem.detail}
    return {error.field: error.message for error in problem.fields}


def own_path(text: str) -> str | None:
    """A path of this site with its query, such as where to go after logging in; None for anything that may lead away."""
    if not text.startswith("/") or len(text) > MAX_PATH_CHARACTERS or not text.isascii() or not text.isprintable():
        return None
    if "\\" in text or " " in text or text.startswith("//"):
        return None
    return text
