"""One call of the public API as it is declared: services bind a handler to it, clients and documents go by it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from services.contracts.api.access import ACCOUNT, Access
from services.contracts.events.catalogue import Event
from services.contracts.refusals import ErrorCode

B = TypeVar("B", bound=BaseModel | None)
A = TypeVar("A", bound=BaseModel | None)

EVENT_STREAM: Final = "text/event-stream"
"""The media type of Server-Sent Events."""

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class RawBody:
    """A body of raw bytes, which the handler reads and bounds itself.

    `media_types` and `most` are all that may be sent; which of them, and how many bytes, is the institution's to say.
    `headers` are the request headers that the handler reads, by name, with one sentence each for the documentation, and
    `example` is one of a body that is JSON.
    """

    media_types: tuple[str, ...]
    most: int
    headers: Mapping[str, str] = field(default_factory=dict)
    example: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint(Generic[B, A]):
    """One method on one path, and all that is promised of it: it takes a body `B` and answers an `A`, or None.

    `path` is below `/api/<service>`. `refusals` are those beside the generic ones. `path_params` holds patterns of path
    parameters: one that does not fit is answered 404. `answer` None means no body (status 204), unless `download` names
    the media types that are streamed; `answer_headers` are own headers of a good answer, each with what it means.
    `cache` is the Cache-Control of good answers; those of a cacheable call get an entity tag from their bytes if the
    handler gives none.

    `whose`, where anybody may send an Idempotency-Key, is the member of the body that says whose it is (an address, a
    secret): the same key of somebody else is another one.

    `signed`: anybody may call, and who is believed is another server, which signs what it says; it tells of many people
    over one line, and strangers must not use up its rate.

    `takes_long`: the answer may take as long as that of an upload, which whoever stands before the service must know.

    `tells`: it answers Server-Sent Events, for minutes, each of whose `data` is one of these as JSON, and whose `id` is a
    version. From `Last-Event-ID` on what is newer is told at once.

    `goes_on`: a command of candidates alone that is taken in a maintenance window too, when others are not.

    `heeds` are the events that an answer depends on, None for all of other services that the service listens to: for no
    others is a client made to wait that has seen them (`Parvis-Seen`).
    """

    method: Method
    path: str
    summary: str
    access: Access = ACCOUNT
    body: type[B] | None = None
    query: type[BaseModel] | None = None
    path_params: type[BaseModel] | None = None
    answer: type[A] | None = None
    answer_headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    refusals: tuple[ErrorCode, ...] = ()
    takes_key: bool = False
    whose: str = ""
    takes_if_match: bool = False
    cache: str = "no-store"
    upload: RawBody | None = None
    signed: bool = False
    takes_long: bool = False
    download: tuple[str, ...] = ()
    tells: type[BaseModel] | None = None
    goes_on: bool = False
    heeds: tuple[type[Event], ...] | None = None
    service: str = ""

    def __post_init__(self) -> None:
        """Refuse, by ValueError, a public call in which one stranger's key could be another's."""
        if self.takes_key and self.access.public and self.whose not in getattr(self.body, "model_fields", {}):
            raise ValueError(f"{self} takes a key and does not say whose")

    def __str__(self) -> str:
        """How documents and logs call it."""
        return f"{self.method} {self.full_path}"

    @property
    def full_path(self) -> str:
        """The path from the root, its parameters in braces."""
        return f"/api/{self.service}{self.path}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def pauses(self) -> bool:
        """Whether it is a command of candidates that a maintenance window refuses."""
        return self.access == ACCOUNT and self.method not in ("GET", "HEAD") and not self.goes_on

    @property
    def good_status(self) -> int:
        """The status of a good answer."""
        has_body = self.answer is not None or self.tells is not None or bool(self.download)
        return self.status if has_body or self.status != 200 else 204

    def at(self, **parameters: str) -> str:
        """The path with its parameters filled in; raises ValueError if they are not those of the path."""
        if parameters.keys() != set(self.parameters):
            raise ValueError(f"{self} has the parameters {', '.join(self.parameters) or 'of nothing'}")
        return _PARAMETER.sub(lambda found: quote(parameters[found[1]], safe=""), self.full_path)


class Api:
    """The public API of one service: all its endpoints, in the order in which documents tell them.

    `signs` says that it signs something, and therefore serves its public keys.
    """

    def __init__(self, service: str, title: str, description: str, *, signs: bool = False) -> None:
        self.service = service
        self.title = title
        self.description = description
        self.signs = signs
        self._endpoints: list[Endpoint[Any, Any]] = []

    def __iter__(self) -> Iterator[Endpoint[Any, Any]]:
        return iter(self._endpoints)

    def declare(self, endpoint: Endpoint[B, A]) -> Endpoint[B, A]:
        """Take an endpoint in, and answer it as it stands in this service; raises ValueError for one that is there."""
        whole = dataclasses.replace(endpoint, service=self.service)
        if any(str(each) == str(whole) for each in self):
            raise ValueError(f"{whole} is declared twice")
        self._endpoints.append(whole)
        return whole
