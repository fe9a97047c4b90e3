"""The line over which people of a campaign that is played reach its suite: the public API, by its declared endpoints."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

import aiohttp
from pydantic import BaseModel

from services.contracts.api import accounts
from services.contracts.api.documents import FILENAME_HEADER, Upload, encode_filename
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.accounts import LOG_IN
from services.contracts.api.endpoints.documents import UPLOAD
from services.contracts.api.problem import Problem

A = TypeVar("A", bound=BaseModel | None)

INSIST_SECONDS: Final = 600.0
"""For so long people try again while nobody answers: a suite is stopped, or killed, in the middle of what they do."""
PAUSE: Final = 0.1
BUSY: Final = (502, 503, 504)
MOST_SEEN: Final = 4
PASSWORD: Final = "un chat sur un mur de pierre"  # noqa: S105 - of people who are made up


class Refused(Exception):
    """The suite refuses what the play foresees as possible."""

    def __init__(self, endpoint: Endpoint[Any, Any], problem: Problem) -> None:
        fields = ", ".join(f"{each.field}: {each.slug}" for each in problem.fields or ())
        super().__init__(f"{endpoint}: {problem.status} {problem.slug}{f' ({fields})' if fields else ''}")
        self.problem = problem


class Caller:
    """Somebody who asks: logs in again when that is over, and insists with the same key where the line breaks."""

    def __init__(self, client: aiohttp.ClientSession, base: Callable[[], str], email: str, address: str) -> None:
        """`address` is the one of the network from which they ask."""
        self._client = client
        self._base = base
        self._address = address
        self._seen: list[str] = []
        self._token = ""
        self.email = email

    def log_out(self) -> None:
        """Begin anew, as days later."""
        self._token = ""
        self._seen = []

    async def ask(
        self,
        endpoint: Endpoint[Any, A],
        body: BaseModel | None = None,
        *,
        query: BaseModel | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **parameters: str,
    ) -> A:
        """What the endpoint answers; raises Refused, TimeoutError."""
        sent = {"Accept-Language": "fr", "X-Forwarded-For": self._address, **(headers or {})}
        if endpoint.takes_key:
            sent["Idempotency-Key"] = secrets.token_hex(16)
        request: dict[str, Any] = {"params": _asked(query), "data": content}
        if body is not None:
            request["json"] = body.model_dump(mode="json", exclude_unset=True)
        path = endpoint.at(**parameters)
        async with asyncio.timeout(INSIST_SECONDS):
            while True:
                if not endpoint.access.public:
                    sent["Authorization"] = f"Bearer {await self._bearer()}"
                answer = await self._once(endpoint, path, sent, request)
                if not isinstance(answer, Problem):
                    return answer
                if answer.slug == "token-expired":
                    self._token = ""
                elif answer.status in BUSY or answer.slug == "busy":
                    await asyncio.sleep(PAUSE)
                else:
                    raise Refused(endpoint, answer)

    async def upload(self, content: bytes, name: str, media_type: str) -> Upload:
        """Send the bytes of a document; raises as `ask` does."""
        headers = {"Content-Type": media_type, FILENAME_HEADER: encode_filename(name)}
        return await self.ask(UPLOAD, content=content, headers=headers)

    async def _bearer(self) -> str:
        if not self._token:
            tokens = await self.ask(LOG_IN, accounts.Credentials(login=self.email, password=PASSWORD))
            self._token = tokens.access_token
        return self._token

    async def _once(
        self, endpoint: Endpoint[Any, A], path: str, headers: dict[str, str], request: Mapping[str, Any]
    ) -> A | Problem:
        """What is answered, once somebody answers."""
        while True:
            seen = {"Parvis-Seen": ", ".join(self._seen)} if self._seen else {}
            try:
                async with self._client.request(
                    endpoint.method, self._base() + path, headers=headers | seen, **request
                ) as response:
                    text = await response.text()
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                await asyncio.sleep(PAUSE)
                continue
            if response.status >= 400:
                return _problem(response, text)
            if mark := response.headers.get("Parvis-Seen"):
                self._seen = [*self._seen, mark][-MOST_SEEN:]
            shown: Any = endpoint.answer
            return cast("A", None if shown is None else shown.model_validate_json(text))


def _problem(response: aiohttp.ClientResponse, text: str) -> Problem:
    if response.content_type.endswith("json"):
        return Problem.model_validate_json(text)
    reason = response.reason or ""
    return Problem(type="", title=reason, status=response.status, detail=reason, slug=f"status-{response.status}")


def _asked(query: BaseModel | None) -> Mapping[str, str]:
    given = {} if query is None else query.model_dump(mode="json", exclude_unset=True)
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}
