"""What stands in front of every answer: correlation, bound on requests at once, security headers, refusals, log line."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic_core import to_json
from yarl import URL

from services.chassis.clients import Client, client_of
from services.chassis.http import headers, jsonbody
from services.chassis.http.following import Open
from services.chassis.http.places import Party, Place, Places, network
from services.chassis.http.problems import Texts, generic_texts, problem
from services.chassis.http.raw_bodies import RawBody
from services.chassis.languages import preferred
from services.chassis.ports import Clock
from services.chassis.refusals import (
    BODY_TOO_LARGE,
    INTERNAL_ERROR,
    MALFORMED_REQUEST,
    METHOD_NOT_ALLOWED,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOO_SLOW,
)
from services.chassis.settings import Settings
from services.chassis.telemetry import metrics
from services.chassis.telemetry.answering import Answered
from services.chassis.telemetry.loglines import Sampled
from services.contracts.api.problem import MEDIA_TYPE
from services.contracts.refusals import BUSY, MAINTENANCE, NOT_FOUND, ErrorKind, RefusedError

log = structlog.get_logger()


@dataclass(slots=True)
class Context:
    """What is known of a request from its first moment; `again` if it is answered as it was before.

    `answered` is when an answer that goes on for minutes began.

    `place` is there once the request is: as long as it lacks, its client is waited for. `traceparent` is what is told to
    whoever works because of it. `shed` is what was refused on purpose, which is no failure. `asker` is who is logged in.
    """

    correlation: str
    started: float
    client: Client | None
    again: bool = False
    place: Place | None = None
    traceparent: str | None = None
    shed: bool = False
    answered: float | None = None
    asker: str = ""


CONTEXT: Final = web.RequestKey("context", Context)

MISSING_PAGE: Final[web.AppKey[Callable[[web.Request], web.Response]]] = web.AppKey("missing_page")
"""What browsers are shown at an address that does not exist, if the process serves pages."""

UPLOADS: Final[web.AppKey[set[web.AbstractRoute]]] = web.AppKey("uploads")
"""Routes that read their bodies themselves, and bound them; pages add theirs."""

LONG_FORMS: Final[web.AppKey[dict[web.AbstractRoute, int]]] = web.AppKey("long_forms")
"""Routes of forms that may be longer than other bodies, with their bytes; pages add theirs."""

PAGES: Final = "portal"
"""Whose routes are those that are no service's."""
SHED: Final = frozenset({BUSY, MAINTENANCE})
"""What is refused on purpose, so that who is served is served, or as it was told beforehand."""

LONG_BODY: Final = web.RequestKey("long_body", bytes)
"""What came to one of them, if it is longer than other bodies may be, or did not say."""


class Middleware:
    """What every request passes: correlation, bound on requests at once, refusals of aiohttp itself, log line, metrics."""

    def __init__(self, settings: Settings, most_following: int, counted: tuple[Answered, Clock] | None = None) -> None:
        self._counted = counted
        self._headers = headers.security_headers(https=settings.base_url.startswith("https:"))
        self._proxies = settings.proxies
        self._body_seconds = settings.body_seconds
        self._places = Places("requests", settings.max_in_flight)
        self._refused = Sampled("http.request")
        self._waiting = Places("waiting", settings.max_in_flight)
        self.streams = Places("streams", settings.max_streams)
        """Those of answers that are sent for as long as their client takes to read them."""
        self.open = Open(most_following)
        """The connections over which clients are told of changes."""
        self.uploads: set[web.AbstractRoute] = set()
        self.long_forms: dict[web.AbstractRoute, int] = {}
        self._arriving = Places("long-forms", max(1, settings.max_in_flight // 8))

    @web.middleware
    async def middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Answer one request; whatever happens the answer is a whole one.

        One line of the log tells of it, but for public answers that were given before: those are counted, or the crowd at
        the catalogue would be all that the log tells of.
        """
        client = client_of(request, self._proxies)
        context = Context(headers.correlation(request.headers.get(headers.REQUEST_ID)), time.perf_counter(), client)
        request[CONTEXT] = context
        structlog.contextvars.bind_contextvars(correlation=context.correlation)
        status = 499
        try:
            response = await self._answer(request, handler, context)
            status = response.status
            return response
        finally:
            if context.place is not None:
                context.place.leave()
            answered = context.answered or time.perf_counter()
            self._tell(request, status, answered - context.started, aloud=not context.again)
            self._count(request, status, context)

    async def _answer(self, request: web.Request, handler: Any, context: Context) -> web.StreamResponse:
        try:
            await self._arrive(request, context)
            context.place = self._places.take(network(context.client))
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            if isinstance(error, web.HTTPMethodNotAllowed):
                return await _other_method(request, error)
            return _plain(request, error)
        except RefusedError as refusal:
            return refuse(request, refusal)
        except ConnectionError:
            raise
        except Exception:  # whatever failed, the client gets a problem document and the log the traceback
            log.exception("http.failed", method=request.method, route=_template(request))
            return refuse(request, INTERNAL_ERROR(request_id=context.correlation))
        return response

    @asynccontextmanager
    async def aside(self, context: Context, person: Party | None) -> AsyncIterator[None]:
        """Have a request wait in a place among those that wait, and then work in one of its own again.

        Raises BUSY, TOO_MANY_AT_ONCE.
        """
        parties = (network(context.client), person)
        with self._waiting.take(*parties) as place:
            if context.place is not None:
                context.place.leave()
            context.place = place
            yield
        context.place = self._places.take(*parties)

    async def _arrive(self, request: web.Request, context: Context) -> None:
        """Wait for the whole request: who sends the head alone takes nobody's place. Only uploads are larger than memory.

        Of long forms few arrive at once, for strangers send them too. Raises BODY_TOO_LARGE, TOO_SLOW, MALFORMED_REQUEST,
        UNSUPPORTED_ENCODING, BUSY, TOO_MANY_AT_ONCE.
        """
        route, announced = request.match_info.route, request.content_length
        if not request.can_read_body or route in self.uploads:
            return
        if route in self.long_forms and (announced is None or announced > jsonbody.MAX_BODY_BYTES):
            body, most = RawBody(request), self.long_forms[route]
            with self._arriving.take(network(context.client)):
                request[LONG_BODY] = await body.whole(most, self._body_seconds, BODY_TOO_LARGE)
            return
        if (announced or 0) > jsonbody.MAX_BODY_BYTES:
            raise BODY_TOO_LARGE(max_bytes=jsonbody.MAX_BODY_BYTES)
        try:
            async with asyncio.timeout(self._body_seconds):
                await request.read()
        except TimeoutError:
            raise TOO_SLOW(seconds=math.ceil(self._body_seconds)) from None
        except web.RequestPayloadError:
            raise MALFORMED_REQUEST() from None

    def _tell(self, request: web.Request, status: int, seconds: float, *, aloud: bool) -> None:
        route = _template(request)
        service = _service_of(route)
        _observe(service, request.method if route != "-" else "-", route, status)(seconds)
        if status >= 400:
            method = request.method if route != "-" else "-"
            self._refused.tell(service=service, method=method, route=route, status=status)
        elif aloud:
            ms = round(seconds * 1e3, 1)
            log.info("http.request", service=service, method=request.method, route=route, status=status, ms=ms)

    def _count(self, request: web.Request, status: int, context: Context) -> None:
        """Count what was asked of a service; what pages pass on of others is counted where it was answered."""
        route = _template(request)
        if self._counted is None or route == "-" or route.endswith((".json", "/docs")) or route.startswith("/static"):
            return
        service, (answered, clock) = _service_of(route), self._counted
        failed = status == 500 if service == PAGES else status >= 500
        who = context.asker or ("" if context.client is None else context.client.address)
        answered.count(service, clock.now(), failed=failed and not context.shed, who=who)

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Put the headers of every answer on this one."""
        out = response.headers
        for name, value in self._headers.items():
            out.setdefault(name, value)
        out.popall("Server", None)
        context = request.get(CONTEXT)
        if context is not None:
            out[headers.REQUEST_ID] = context.correlation


def _template(request: web.Request) -> str:
    """The route, not the path: paths hold ids and tokens."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "-"


@lru_cache(maxsize=1024)
def _service_of(route: str) -> str:
    parts = route.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "api" else PAGES


@lru_cache(maxsize=4096)
def _observe(service: str, method: str, route: str, status: int) -> Callable[[float], None]:
    """The histogram of these labels; looking it up costs more than observing."""
    observe: Callable[[float], None] = metrics.REQUESTS.labels(service, method, route, status).observe
    return observe


def _plain(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """A problem document in place of aiohttp's own plain text; redirections and the like pass."""
    if error.status < 400:
        return error
    if error.status == 404:
        page = _missing_page(request)
        return page(request) if page is not None else refuse(request, NOT_FOUND())
    if error.status == 413:
        return refuse(request, BODY_TOO_LARGE(max_bytes=jsonbody.MAX_BODY_BYTES))
    return refuse(request, MALFORMED_REQUEST(), status=error.status)


async def _other_method(request: web.Request, error: web.HTTPMethodNotAllowed) -> web.StreamResponse:
    allow = ", ".join(sorted({*error.allowed_methods, "OPTIONS"}))
    if request.method == "OPTIONS":
        return web.Response(status=204, headers={"Allow": allow})
    if request.method in ("GET", "HEAD") and _missing_page(request) is not None:
        return web.Response(status=303, headers={"Location": str(await _page_above(request))})
    response = refuse(request, METHOD_NOT_ALLOWED())
    response.headers["Allow"] = allow
    return response


async def _page_above(request: web.Request) -> URL:
    """The page with the button, for a form's own address that is loaded again or was kept by a browser."""
    above = request.rel_url.parent
    while above.path != "/":
        found = await request.app.router.resolve(request.clone(method="GET", rel_url=above))
        if found.http_exception is None:
            break
        above = above.parent
    return above


def _missing_page(request: web.Request) -> Callable[[web.Request], web.Response] | None:
    """That of the process, for who reads pages; None for programs."""
    reads_html = "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")
    return request.config_dict.get(MISSING_PAGE) if reads_html else None


def refuse(
    request: web.BaseRequest, refusal: RefusedError, texts: Texts | None = None, *, status: int | None = None
) -> web.Response:
    """The answer that a refusal becomes, in the reader's language."""
    language = preferred(request.headers.get("Accept-Language"))
    document = problem(refusal, language, texts or generic_texts())
    if refusal.slug in SHED and (context := request.get(CONTEXT)) is not None:
        context.shed = True
    if status is not None:
        document["status"] = status
    response = web.Response(body=to_json(document), status=document["status"])
    out = response.headers
    out["Content-Type"] = MEDIA_TYPE
    out["Content-Language"] = language
    out["Vary"] = "Accept-Language"
    out["Cache-Control"] = "no-store"
    if refusal.retry_after is not None:
        out["Retry-After"] = str(refusal.retry_after)
    if refusal.slug.kind is ErrorKind.UNAUTHENTICATED:
        out["WWW-Authenticate"] = _challenge(refusal)
    return response


def _challenge(refusal: RefusedError) -> str:
    """RFC 6750 section 3: an error is named only when a token was sent."""
    error = ', error="invalid_token"' if refusal.slug in (TOKEN_EXPIRED, TOKEN_INVALID) else ""
    return f'Bearer realm="parvis"{error}'
