"""The portal's client of the public API: it is given a declared endpoint, and gives back what that one answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar, overload

import aiohttp
from aiohttp import web
from pydantic import BaseModel

from services.chassis.http.arrival import ARRIVED
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.problem import Problem
from services.contracts.languages import Language

WITHIN_SECONDS: Final = 30.0
MOST_CONNECTIONS: Final = 100

B = TypeVar("B", bound=BaseModel)
A = TypeVar("A", bound=BaseModel | None)


class ApiUnavailable(Exception):
    """The API did not answer, or not as it should."""


class Api:
    """Asks the public API on behalf of the browser at hand; an async context manager."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        self._session = aiohttp.ClientSession(
            self._address,
            timeout=aiohttp.ClientTimeout(total=WITHIN_SECONDS),
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close it."""
        if self._session is not None:
            await self._session.close()

    @overload
    async def ask(
        self,
        request: web.Request,
        language: Language,
        endpoint: Endpoint[None, A],
        *,
        key: str | None = ...,
        parameters: Mapping[str, str] | None = ...,
        query: BaseModel | None = ...,
    ) -> A | Problem: ...

    @overload
    async def ask(
        self,
        request: web.Request,
        language: Language,
        endpoint: Endpoint[B, A],
        *,
        body: B,
        key: str | None = ...,
        parameters: Mapping[str, str] | None = ...,
        query: BaseModel | None = ...,
    ) -> A | Problem: ...

    async def ask(
        self,
        request: web.Request,
        language: Language,
        endpoint: Endpoint[Any, Any],
        *,
        body: BaseModel | None = None,
        key: str | None = None,
        parameters: Mapping[str, str] | None = None,
        query: BaseModel | None = None,
    ) -> Any:
        """What the API answers, or why it refuses, in the reader's language; raises ApiUnavailable.

        `parameters` are those of the path. Body and query are sent as they are, unchecked: the API says what is wrong with
        them.
        """
        if self._session is None:
            raise ApiUnavailable("not connected")
        # The services throttle per address of the person, which only the portal sees.
        forwarded = [*request.headers.getall("X-Forwarded-For", ()), request.remote or ""]
        out = {"Accept-Language": language, "X-Forwarded-For": ", ".join(filter(None, forwarded))}
        if (arrived := request.headers.get(ARRIVED)) is not None:
            out[ARRIVED] = arrived
        if key is not None:
            out["Idempotency-Key"] = key
        asking = self._session.request(
            endpoint.method,
            endpoint.at(**parameters or {}),
            params=None if query is None else _of_address(query),
            json=None if body is None else body.model_dump(exclude_unset=True),
            headers=out,
            allow_redirects=False,
        )
        try:
            async with asking as response:
                if response.status < 400:
                    return await _answer(endpoint, response)
                return Problem.model_validate(await response.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ApiUnavailable(type(error).__name__) from error


def _of_address(query: BaseModel) -> dict[str, str]:
    """What was set, as it stands behind the `?`."""
    given = query.model_dump(mode="json", exclude_unset=True, warnings=False)
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}


async def _answer(endpoint: Endpoint[Any, Any], response: aiohttp.ClientResponse) -> BaseModel | None:
    """What the endpoint declares; raises ValidationError, a ValueError, for anything else."""
    if endpoint.answer is None:
        return None
    answer: BaseModel = endpoint.answer.model_validate_json(await response.read())
    return answer
