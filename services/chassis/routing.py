"""Typed routes: what a handler is given and gives back, and which declaration of the API it is bound to."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

import typing_extensions
from aiohttp import web
from pydantic import BaseModel

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext, EventRef
from services.chassis.following import Line
from services.chassis.refusals import TOKEN_MISSING
from services.contracts.api.endpoint import Api, Endpoint
from services.contracts.languages import Language
from services.contracts.refusals import FieldError

M = TypeVar("M", bound=BaseModel)
B = TypeVar("B", bound=BaseModel | None)
A = typing_extensions.TypeVar("A", bound=BaseModel | None, default=Any)


@dataclass(frozen=True, slots=True)
class Response(Generic[A]):
    """What a handler gives back: to an endpoint that answers an `A`, a `Response[A]`.

    `view` is the JSON body, or `content` the same already as bytes, or `stream` bytes of another type (`Content-Type` in
    `headers`), or `line` what is told over minutes. `etag` is the opaque tag or version, without quotes. `events` become
    `Parvis-Seen`.
    """

    view: A | None = None
    etag: str | int | None = None
    events: Sequence[EventRef] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    stream: AsyncIterator[bytes] | None = None
    content: bytes | None = None
    line: Line | None = None


@dataclass(slots=True)
class Request:
    """One request, its parts parsed and checked.

    `command.now` is its arrival. `if_match` are the opaque tags of If-Match (None if absent or `*`); `command.expected` is
    the version that they name. `last_event` is the version that was told last. `client` is the line that it came over.
    """

    http: web.Request
    path: Mapping[str, str]
    language: Language
    command: CommandContext
    who: Actor | None = None
    parsed_body: BaseModel | None = None
    parsed_query: BaseModel | None = None
    if_match: tuple[str, ...] | None = None
    client: Client | None = None
    last_event: int | None = None

    @property
    def actor(self) -> Actor:
        """Who asks; raises TOKEN_MISSING on a public route without a token."""
        if self.who is None:
            raise TOKEN_MISSING()
        return self.who

    def query(self, model: type[M]) -> M:
        """The parsed query; `model` is the one that the endpoint declares."""
        return _as(model, self.parsed_query)


class Posted(Request, Generic[B]):
    """A request with the body that its endpoint declares."""

    __slots__ = ()

    @property
    def body(self) -> B:
        """The parsed body."""
        return cast("B", self.parsed_body)


def _as(model: type[M], parsed: BaseModel | None) -> M:
    if not isinstance(parsed, model):
        raise TypeError(f"the endpoint does not declare {model.__name__}")
    return parsed


class Route:
    """A declared endpoint and the handler that a service binds to it: it takes the body and answers what is declared.

    `depends`, for public GETs, tells what a good answer depends on beside path, query and language: while that is the
    same, the answer is given again without asking the handler.

    `rules`, for bodies that must keep more than their form, tells which rules a body breaks, and changes nothing. It is
    asked about a body of which some members have not their form, with others in their place: one refusal names all.
    """

    def __init__(
        self,
        endpoint: Endpoint[B, A],
        handler: Callable[[Posted[B]], Awaitable[Response[A]]],
        *,
        depends: Callable[[], Hashable] | None = None,
        rules: Callable[[Posted[B]], Awaitable[Sequence[FieldError]]] | None = None,
    ) -> None:
        self.endpoint: Final[Endpoint[Any, Any]] = endpoint
        self.handler: Final[Callable[[Posted[Any]], Awaitable[Response]]] = handler
        self.depends: Final = depends
        self.rules: Final[Callable[[Posted[Any]], Awaitable[Sequence[FieldError]]] | None] = rules


def check_bound(api: Api, routes: Sequence[Route]) -> None:
    """Raises ValueError unless each endpoint of the API has exactly one handler, and no other has any."""
    bound = Counter(route.endpoint for route in routes)
    wrong = [f"{each} is bound to nothing" for each in api if not bound[each]]
    wrong += [f"{each} is bound {times} times" for each, times in bound.items() if times > 1]
    wrong += [f"{each} is not declared by {api.service}" for each in bound if each not in set(api)]
    if wrong:
        raise ValueError("; ".join(wrong))
