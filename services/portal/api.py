"""The portal's client of the public API: it is given a declared endpoint, and gives back what that one answers."""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar, overload
from urllib.parse import quote

import aiohttp
from aiohttp import web
from pydantic import BaseModel

from services.chassis.http.arrival import ARRIVED
from services.chassis.http.headers import SEEN, traceparent
from services.chassis.http.places import ACCOUNT_SHARE, Party, Places
from services.chassis.http.problems import generic_texts
from services.chassis.http.problems import problem as problem_of
from services.chassis.telemetry import tracing
from services.contracts.api import accounts
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.accounts import REFRESH
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.contracts.refusals import RefusedError
from services.portal.kept import Answers
from services.portal.visits import LoginNeeded, Session, Visit, Visits

WITHIN_SECONDS: Final = 30.0
MOST_CONNECTIONS: Final = 100
MOST_TRANSFERS: Final = 100
"""Files on their way through a process at once, up and down, for however long their lines take."""
BUSY_SECONDS: Final = 5
"""When to come back who finds all of them under way."""
FILE_SECONDS: Final = 150.0
"""How long the API may be silent about a file: it looks into it once all of it has come."""

_TAG: Final = "".join(each for each in string.punctuation if each != '"')
"""Marks that an entity tag may have. One with others was never given: with those escaped it is that of no version."""

B = TypeVar("B", bound=BaseModel)
A = TypeVar("A", bound=BaseModel | None)
V = TypeVar("V")


class ApiUnavailable(Exception):
    """The API did not answer, or not as it should."""


class Refused(Exception):
    """The API has refused, and the page has nothing of its own to say about that: `guarded` shows why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.slug)
        self.problem = problem


def accepted(answer: V | Problem) -> V:
    """The answer; raises Refused for a refusal."""
    if isinstance(answer, Problem):
        raise Refused(answer)
    return answer


async def content_of(response: aiohttp.ClientResponse) -> bytes:
    """All that the API answers; raises ApiUnavailable."""
    try:
        return await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ApiUnavailable(type(error).__name__) from error


class Api:
    """Asks the public API for the browser at hand, with its session where one is needed; an async context manager.

    Files have connections of their own: however many are on slow lines, pages go on.
    """

    def __init__(self, address: str, visits: Visits, transfers: Places | None = None) -> None:
        """`transfers` are the places of files on their way: MOST_TRANSFERS, but where a test wants few."""
        self._address = address
        self._visits = visits
        self._transfers = transfers or Places("transfers", MOST_TRANSFERS, retry_seconds=BUSY_SECONDS)
        self._answers = Answers()
        self._session: aiohttp.ClientSession | None = None
        self._files: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the two pools of connections."""
        self._session = self._pool(MOST_CONNECTIONS, aiohttp.ClientTimeout(total=WITHIN_SECONDS))
        # Those of files are bounded by their places alone, which do not make anybody wait.
        silence = aiohttp.ClientTimeout(total=None, sock_connect=WITHIN_SECONDS, sock_read=FILE_SECONDS)
        self._files = self._pool(0, silence)
        return self

    def _pool(self, most: int, timeout: aiohttp.ClientTimeout) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            self._address,
            timeout=timeout,
            connector=aiohttp.TCPConnector(limit=most),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close them."""
        for pool in (self._session, self._files):
            if pool is not None:
                await pool.close()

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
        if_match: str | None = ...,
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
        if_match: str | None = ...,
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
        if_match: str | None = None,
    ) -> Any:
        """What the API answers, or why it refuses, in the reader's language.

        `parameters` are those of the path; `if_match` is an entity tag without its quotes. Body and query are sent as they
        are, unchecked: the API says what is wrong with them. Raises ApiUnavailable, and LoginNeeded where the endpoint
        needs somebody and nobody is logged in (any more).
        """
        headers = {} if key is None else {"Idempotency-Key": key}
        if if_match is not None:
            headers["If-Match"] = f'"{quote(if_match, safe=_TAG)}"'
        # What people type is no business of a warning, which would tell it to the log.
        content = None if body is None else body.model_dump(exclude_unset=True, warnings=False)
        asking = self._asked(
            self._session, request, language, endpoint, content, headers=headers, parameters=parameters, query=query
        )
        async with asking as response:
            if isinstance(response, Problem):
                return response
            try:
                return self._answers.read(endpoint, await content_of(response))
            except ValueError as error:
                raise ApiUnavailable(type(error).__name__) from error

    @asynccontextmanager
    async def transfer(
        self,
        request: web.Request,
        language: Language,
        endpoint: Endpoint[Any, Any],
        content: AsyncIterator[bytes] | BaseModel | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        query: BaseModel | None = None,
        places: Places | None = None,
        among: Party | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse | Problem]:
        """The answer while a file is on its way or in the making; or the refusal; raises as `ask` does.

        `content` is the file on its way up, sent once, or what it is made of. `places`, `among`: not those of files, whose.

        Where all places of files are taken, or a person's share of them, that is refused at once: `busy`,
        `too-many-at-once`. What is read of the answer raises what aiohttp does (`content_of`, `downloads`).
        """
        session = self._visits.of(request).session
        try:
            place = (places or self._transfers).take(among, Party(session.account, ACCOUNT_SHARE) if session else None)
        except RefusedError as refusal:
            yield problem_for(refusal, language)
            return
        sent = content.model_dump(exclude_unset=True) if isinstance(content, BaseModel) else content
        asking = self._asked(
            self._files, request, language, endpoint, sent, headers=headers, parameters=parameters, query=query
        )
        with place:
            async with asking as response:
                yield response

    @asynccontextmanager
    async def _asked(
        self,
        pool: aiohttp.ClientSession | None,
        request: web.Request,
        language: Language,
        endpoint: Endpoint[Any, Any],
        content: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        query: BaseModel | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse | Problem]:
        """The answer, of which the body is still to be read, or the refusal; raises as `ask` does.

        `content` is JSON (a dict), or what yields bytes. What fails while the answer is in hand passes as it is: it may be
        the line to the browser.
        """
        if pool is None:
            raise ApiUnavailable("not connected")
        visit = self._visits.of(request)
        token = None if endpoint.access.public else await self._token(request, language, visit)
        sent = {**_of_person(request, visit, language), **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        try:
            asked = await pool.request(
                endpoint.method,
                endpoint.at(**parameters or {}),
                params=None if query is None else _of_address(query),
                data=None if isinstance(content, dict) else content,
                json=content if isinstance(content, dict) else None,
                headers=sent,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ApiUnavailable(type(error).__name__) from error
        async with asked as response:
            self._remember(visit, response)
            if response.status < 400:
                yield response
                return
            problem = await _problem(response)
        if problem.status == 401 and token is not None:
            raise _ended(visit, problem)
        yield problem

    async def _token(self, request: web.Request, language: Language, visit: Visit) -> str:
        """An access token of this browser's session, prolonged if need be; raises LoginNeeded, Refused, ApiUnavailable."""
        async with visit.refreshing:
            session = visit.session
            if session is None:
                raise LoginNeeded
            if self._visits.is_stale(session):
                session = await self._prolonged(request, language, visit, session)
            return session.access

    async def prolong(self, request: web.Request, language: Language) -> None:
        """Have this browser's session bear what its holder may do by now; raises LoginNeeded, Refused, ApiUnavailable."""
        visit = self._visits.of(request)
        async with visit.refreshing:
            if visit.session is None:
                raise LoginNeeded
            await self._prolonged(request, language, visit, visit.session)

    async def _prolonged(self, request: web.Request, language: Language, visit: Visit, session: Session) -> Session:
        """The session with its next tokens.

        The key is of the token's making, so that two tabs, a double click and two replicas that do this at once are given
        the same next token, however late: to accounts a token that comes back without it is a thief's.
        """
        body = accounts.Refresh(refresh_token=session.refresh)
        key = hashlib.sha256(f"refresh\n{session.refresh}".encode()).hexdigest()
        answer = await self.ask(request, language, REFRESH, body=body, key=key)
        if isinstance(answer, Problem):
            if answer.status in (401, 403):
                raise _ended(visit, answer)
            raise Refused(answer)
        begun = self._visits.begun(answer)
        visit.begin(begun)
        return begun

    def _remember(self, visit: Visit, response: aiohttp.ClientResponse) -> None:
        """Keep for the browser what the API wants to be shown again."""
        if response.status < 400 and (mark := response.headers.get(SEEN)):
            visit.see(mark)
        if device := response.headers.get(accounts.DEVICE_HEADER):
            visit.know(device)


def _of_person(request: web.Request, visit: Visit, language: Language) -> dict[str, str]:
    """The headers that speak for the person: the services throttle per address, which only the portal sees.

    The trace of the page goes on, or that of whoever asks for it.
    """
    forwarded = [*request.headers.getall("X-Forwarded-For", ()), request.remote or ""]
    headers = {"Accept-Language": language, "X-Forwarded-For": ", ".join(filter(None, forwarded))}
    if (arrived := request.headers.get(ARRIVED)) is not None:
        headers[ARRIVED] = arrived
    if (trace := tracing.current() or traceparent(request.headers.get("traceparent"))) is not None:
        headers["traceparent"] = trace
    if visit.seen:
        headers[SEEN] = ",".join(visit.seen)
    return headers


def _of_address(query: BaseModel) -> dict[str, str]:
    """What was set, as it stands behind the `?`."""
    given = query.model_dump(mode="json", exclude_unset=True, warnings=False)
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}


def _ended(visit: Visit, problem: Problem) -> LoginNeeded:
    """The session is over, and the browser need not keep it."""
    account = visit.session.account if visit.session is not None else ""
    visit.end()
    return LoginNeeded(problem, account)


async def _problem(response: aiohttp.ClientResponse) -> Problem:
    """Why the API refuses, with `retry_after` in seconds where it says when to come back; raises ApiUnavailable."""
    try:
        document = json.loads(await content_of(response))
        if (wait := response.headers.get("Retry-After", "")).isdigit():
            document["retry_after"] = int(wait)
        return Problem.model_validate(document)
    except (ValueError, TypeError) as error:
        raise ApiUnavailable(type(error).__name__) from error


def problem_for(refusal: RefusedError, language: Language) -> Problem:
    """A refusal of the portal's own, as one of the API."""
    return Problem.model_validate(problem_of(refusal, language, generic_texts()) | {"retry_after": refusal.retry_after})
