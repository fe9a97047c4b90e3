"""Typed routes: what a service declares of its HTTP face, what a handler is given, what it gives back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext, EventRef
from services.chassis.languages import Language
from services.chassis.refusals import TOKEN_MISSING
from services.contracts.events.catalogue import Event
from services.contracts.refusals import ErrorCode

M = TypeVar("M", bound=BaseModel)


class Auth(Enum):
    """Who may call a route: anyone, or the bearer of a valid access token."""

    PUBLIC = "public"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class RawBody:
    """A body of raw bytes, which the handler reads by `call.http.content` and bounds itself.

    `headers` are the request headers that the handler reads, by name, with one sentence each for the documentation.
    """

    media_types: tuple[str, ...]
    max_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What a handler gives back.

    `view` is the JSON body, or `content` the same already as bytes, or `stream` bytes of another type (`Content-Type` in
    `headers`). `etag` is the opaque tag or version, without quotes. `events` become `Parvis-Seen`.
    """

    view: BaseModel | None = None
    etag: str | int | None = None
    events: Sequence[EventRef] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    stream: AsyncIterator[bytes] | None = None
    content: bytes | None = None


@dataclass(slots=True)
class Request:
    """One request, its parts parsed and checked.

    `command.now` is its arrival. `if_match` are the opaque tags of If-Match (None if absent or `*`); `command.expected` is
    the version that they name. `client` is the line that it came over.
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

    @property
    def actor(self) -> Actor:
        """Who asks; raises TOKEN_MISSING on a public route without a token."""
        if self.who is None:
            raise TOKEN_MISSING()
        return self.who

    def body(self, model: type[M]) -> M:
        """The parsed body; `model` is the one that the route declares."""
        return _as(model, self.parsed_body)

    def query(self, model: type[M]) -> M:
        """The parsed query; `model` is the one that the route declares."""
        return _as(model, self.parsed_query)


def _as(model: type[M], parsed: BaseModel | None) -> M:
    if not isinstance(parsed, model):
        raise TypeError(f"the route does not declare {model.__name__}")
    return parsed


RouteHandler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path (below `/api/<service>`), and all that is documented of it.

    `refusals` are those beside the generic ones. `path_params` holds patterns of path parameters: one that does not fit is
    answered 404. `answer` None means no body (status 204), unless `download` names the media types that are streamed;
    `answer_headers` are own headers of a good answer, each with what it means.
    `cache` is the Cache-Control of good answers; those of a cacheable route get an entity tag from their bytes if the
    handler gives none.

    `whose`, where anybody may send an Idempotency-Key, is the member of the body that says whose it is (an address, a
    secret): the same key of somebody else is another one.

    `depends`, for public GETs, tells what a good answer depends on beside path, query and language: while that is the
    same, the answer is given again without asking the handler.

    `heeds` are the events of other services that an answer depends on, None for all that the service listens to: for no
    others is a client made to wait that has seen them (`Parvis-Seen`).
    """

    method: str
    path: str
    handler: RouteHandler
    summary: str
    auth: Auth = Auth.ACCOUNT
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    path_params: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    answer_headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    refusals: tuple[ErrorCode, ...] = ()
    takes_key: bool = False
    whose: str = ""
    takes_if_match: bool = False
    cache: str = "no-store"
    upload: RawBody | None = None
    download: tuple[str, ...] = ()
    depends: Callable[[], Hashable] | None = None
    heeds: tuple[type[Event], ...] | None = None

    def __post_init__(self) -> None:
        """Refuse, by ValueError, a public route on which one stranger's key could be another's."""
        if self.takes_key and self.auth is Auth.PUBLIC and self.whose not in getattr(self.body, "model_fields", {}):
            raise ValueError(f"{self.method} {self.path} takes a key and does not say whose")

    @property
    def good_status(self) -> int:
        """The status of a good answer."""
        return 204 if self.status == 200 and self.answer is None and not self.download else self.status
