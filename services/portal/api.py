"""The portal's client of the public API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import aiohttp
from aiohttp import web
from pydantic import ValidationError

from services.chassis.http.arrival import ARRIVED
from services.chassis.languages import Language
from services.contracts.api.problem import Problem

WITHIN_SECONDS: Final = 30.0
MOST_CONNECTIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API said: a good answer has `problem` None."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None

    @property
    def slug(self) -> str | None:
        """The slug of a refusal."""
        return self.problem.slug if self.problem else None


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

    async def look_at_link(self, request: web.Request, language: Language, token: str) -> Reply:
        """The state of a one-time link."""
        return await self._ask(request, language, "GET", f"/api/accounts/validations/{quote(token, safe='')}")

    async def validate(self, request: web.Request, language: Language, token: str, password: str, *, key: str) -> Reply:
        """Press the button of a validation link."""
        body = {"token": token, "password": password}
        return await self._ask(request, language, "POST", "/api/accounts/validations", body=body, key=key)

    async def reset_password(
        self, request: web.Request, language: Language, token: str, password: str, *, key: str
    ) -> Reply:
        """Press the button of a reset link."""
        body = {"token": token, "password": password}
        return await self._ask(request, language, "POST", "/api/accounts/password-resets/confirm", body=body, key=key)

    async def send_new_link(self, request: web.Request, language: Language, email: str, *, key: str) -> Reply:
        """Ask for a new validation link."""
        return await self._ask(
            request, language, "POST", "/api/accounts/validations/resend", body={"email": email}, key=key
        )

    async def send_identifiers(self, request: web.Request, language: Language, email: str, *, key: str) -> Reply:
        """Ask for a mail with the login and a reset link."""
        return await self._ask(
            request, language, "POST", "/api/accounts/password-resets", body={"email": email}, key=key
        )

    async def _ask(
        self,
        request: web.Request,
        language: Language,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Reply:
        if self._session is None:
            raise ApiUnavailable("not connected")
        # The services throttle per address of the person, which only the portal sees.
        forwarded = [*request.headers.getall("X-Forwarded-For", ()), request.remote or ""]
        out = {"Accept-Language": language, "X-Forwarded-For": ", ".join(filter(None, forwarded))}
        if (arrived := request.headers.get(ARRIVED)) is not None:
            out[ARRIVED] = arrived
        if key is not None:
            out["Idempotency-Key"] = key
        try:
            async with self._session.request(method, path, json=body, headers=out, allow_redirects=False) as response:
                content = None if response.status == 204 else await response.json(content_type=None)
                return _reply(response.status, content)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ApiUnavailable(type(error).__name__) from error


def _reply(status: int, content: Any) -> Reply:
    if status < 400:
        return Reply(status, content if isinstance(content, dict) else {})
    try:
        return Reply(status, problem=Problem.model_validate(content))
    except ValidationError as error:
        raise ApiUnavailable("no problem document") from error
