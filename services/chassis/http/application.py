"""HTTP of the suite: mounts the routes of services, and makes every answer whole: context, headers, refusals, log line."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from services.chassis.context import Actor, CommandContext
from services.chassis.http import asyncapi, consistency, docs_page, headers, jsonbody, openapi
from services.chassis.http.arrival import ARRIVED, arrival
from services.chassis.http.middleware import CONTEXT, Middleware, refuse
from services.chassis.http.places import account, network
from services.chassis.http.problems import Texts
from services.chassis.http.response_cache import CachedResponse, ResponseCache
from services.chassis.http.server import expect
from services.chassis.languages import Language, preferred
from services.chassis.ports import DuplicateKey, ObjectsUnavailable, PortError
from services.chassis.refusals import UNAVAILABLE
from services.chassis.routing import Auth, Request, Response, Route
from services.chassis.security.tokens import Signer, authenticate
from services.chassis.service.service import Running
from services.chassis.settings import Settings
from services.contracts.refusals import NOT_FOUND, STALE_VERSION, RefusedError

log = structlog.get_logger()

JWKS_CACHE: Final = "public, max-age=300"
_REPEATED: Final = ("PUT", "DELETE")
"""Methods that clients and gateways send again by themselves when a line breaks (RFC 9110 section 9.2.2)."""
_JSON: Final = "application/json"
_NEVER: Final = -1
"""A version that no aggregate has: what a foreign entity tag in If-Match asks for."""


def root_application(settings: Settings, services: Sequence[Running]) -> web.Application:
    """The application of one process: every service below `/api/<name>`; pages are added by the caller."""
    middleware = Middleware(settings)
    app = web.Application(middlewares=[middleware.middleware], client_max_size=jsonbody.MAX_BODY_BYTES)
    app.on_response_prepare.append(middleware.prepare)
    app.router.add_get("/api/events/asyncapi.json", _document(lambda language: _events(), _JSON))
    for running in services:
        _mount(app.router, running, middleware)
    return app


@cache
def _events() -> bytes:
    return to_json(asyncapi.document())


# --- one service ------------------------------------------------------------------------------------------------


def _mount(router: web.UrlDispatcher, running: Running, middleware: Middleware) -> None:
    """Add the routes of a service. Not as an application of its own: one inside another doubles the cost of a request."""
    service = running.service
    prefix = f"/api/{service.name}"
    texts, remembered = Texts(service.refusals), ResponseCache()
    for route in service.routes:
        endpoint = _Endpoint(route, running, middleware, texts, remembered)
        path = prefix + openapi.path_expression(route)
        if route.method == "GET":
            router.add_get(path, endpoint.handle, allow_head=True, expect_handler=expect)
        else:
            added = router.add_route(route.method, path, endpoint.handle, expect_handler=expect)
            if route.upload is not None:
                middleware.uploads.add(added)
    document = openapi.document(service)
    described = to_json(document)
    router.add_get(f"{prefix}/openapi.json", _document(lambda language: described, _JSON))
    router.add_get(f"{prefix}/docs", _document(partial(docs_page.render, document, texts), "text/html; charset=utf-8"))
    if service.signer is not None:
        router.add_get(f"{prefix}/jwks.json", _key_set(service.signer))


def _document(make: Callable[[Language], bytes], media_type: str) -> Any:
    """A handler for bytes that are made once per language and cached by clients by their tag."""
    made: dict[Language, bytes] = {}

    async def handle(request: web.Request) -> web.Response:
        language = preferred(request.headers.get("Accept-Language"))
        if language not in made:
            made[language] = make(language)
        body = made[language]
        out = {
            "Content-Type": media_type,
            "Content-Language": language,
            "Vary": "Accept-Language",
            "Cache-Control": "public, max-age=300",
        }
        if media_type.startswith("text/html"):
            out["Content-Security-Policy"] = docs_page.POLICY
        return _tagged(request, web.Response(body=body, headers=out), _digest(body))

    return handle


def _key_set(signer: Signer) -> Any:
    async def handle(request: web.Request) -> web.Response:
        await signer.refresh()
        body = to_json(signer.jwks())
        response = web.Response(body=body, headers={"Content-Type": _JSON, "Cache-Control": JWKS_CACHE})
        return _tagged(request, response, _digest(body))

    return handle


class _Endpoint:
    """Takes one route's requests from bytes to the handler and its answer back to bytes."""

    def __init__(
        self, route: Route, running: Running, middleware: Middleware, texts: Texts, remembered: ResponseCache
    ) -> None:
        self._route = route
        self._middleware = middleware
        self._remembered = remembered
        self._running = running
        self._ports = running.service.ports
        self._texts = texts
        self._scope = f"{running.service.name} {route.method} {route.path}"
        self._path_params = openapi.path_params(route) if "{" in route.path else None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; every refusal becomes a problem document with this service's texts."""
        if self._route.depends is None or headers.SEEN in request.headers:
            return await self._handle(request)
        path, language = request.raw_path, preferred(request.headers.get("Accept-Language"))
        stamp = self._route.depends()
        kept = self._remembered.get(path, language, stamp)
        if kept is not None:
            request[CONTEXT].again = True
            try:
                return _tagged(request, web.Response(body=kept.body, headers=kept.headers), kept.etag)
            except RefusedError as refusal:
                return refuse(request, refusal, self._texts)
        response = await self._handle(request)
        if response.status == 200 and isinstance(response, web.Response) and isinstance(response.body, bytes):
            out = dict(response.headers)
            self._remembered.put(path, language, CachedResponse(stamp, response.body, out.pop("ETag"), out))
        return response

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            incoming, tags = await self._admit(request)
            answer = await self._ask(incoming, tags)
        except RefusedError as refusal:
            return refuse(request, refusal, self._texts)
        except DuplicateKey:
            raise
        except PortError as error:
            log.warning("http.port-unavailable", service=self._running.service.name, error=type(error).__name__)
            return refuse(request, UNAVAILABLE(retry_after=2), self._texts)
        return await self._reply(request, incoming, answer)

    async def _admit(self, request: web.Request) -> tuple[Request, Sequence[int | None]]:
        """Check and parse all but what the handler itself reads; answer the call and the versions If-Match allows."""
        route = self._route
        now = self._arrival(request)
        path = self._check_path(request.match_info)
        actor = await self._who(request)
        place = request[CONTEXT].place
        if actor is not None and place is not None:
            place.count_for(account(actor.account))
        tags = headers.entity_tags("If-Match", request.headers.get("If-Match")) if route.takes_if_match else None
        headers.entity_tags("If-None-Match", request.headers.get("If-None-Match"))
        query = jsonbody.parse_query(route.query, request)
        raw, body = await self._body(request)
        key = digest = None
        if route.takes_key:
            whose = f"{actor.account}\n" if actor else f"\n{str(getattr(body, route.whose)).strip().lower()}\n"
            key = headers.idempotency_key(request.headers.get("Idempotency-Key"), scope=f"{whose}{self._scope}")
        if key is not None and route.upload is None:
            digest = hashlib.sha256(request.raw_path.encode() + b"\n" + raw).hexdigest()
        if (value := request.headers.getall(headers.SEEN, None)) is not None:
            await self._catch_up(request, ",".join(value), now, actor)
        if route.upload is not None and (place := request[CONTEXT].place) is not None:
            place.leave()  # the use case counts uploads
        command = CommandContext(
            now=now,
            correlation=request[CONTEXT].correlation,
            key=key,
            digest=digest,
            personal=actor is not None,
            traceparent=headers.traceparent(request.headers.get("traceparent")),
            written=_digest(request.path.encode()) if key is None and route.method in _REPEATED else "",
            began=time.monotonic() - (self._ports.clock.now() - now).total_seconds(),
        )
        strong = [tag for tag, weak in tags or () if not weak]
        versions: Sequence[int | None] = [None]
        if tags:
            versions = [version for tag in strong if (version := headers.version_of(tag)) is not None] or [_NEVER]
        incoming = Request(
            request,
            path,
            preferred(request.headers.get("Accept-Language")),
            command,
            actor,
            body,
            query,
            tuple(strong) if tags else None,
            request[CONTEXT].client,
        )
        return incoming, versions

    def _arrival(self, request: web.Request) -> datetime:
        now = self._ports.clock.now()
        if not self._ports.settings.behind_gateway:
            return now
        return arrival(request.headers.get(ARRIVED), now, time.time())

    def _check_path(self, path: Mapping[str, str]) -> Mapping[str, str]:
        if self._path_params is None:
            return path
        try:
            self._path_params.model_validate_strings(dict(path))
        except ValidationError:
            raise NOT_FOUND() from None
        return path

    async def _who(self, request: web.Request) -> Actor | None:
        authorization = request.headers.get("Authorization")
        if self._route.auth is Auth.PUBLIC:
            return None
        actor = await authenticate(authorization, self._ports.keysets)
        await self._running.revocations.check(actor)
        return actor

    async def _catch_up(self, request: web.Request, value: str, now: datetime, actor: Actor | None) -> None:
        """Wait for what the client has seen, in nobody's way: anybody can name events that never were."""
        if ids := consistency.awaited(value, now, self._running.inbox, self._route.heeds):
            async with self._middleware.aside(request[CONTEXT], account(actor.account) if actor else None):
                await consistency.catch_up(ids, self._running.inbox)

    async def _body(self, request: web.Request) -> tuple[bytes, BaseModel | None]:
        route = self._route
        if route.upload is not None or route.method in ("GET", "HEAD"):
            return b"", None
        raw = await jsonbody.read_body(request)
        if route.body is None and not raw:
            return raw, None
        jsonbody.check_content_type(request)
        return raw, jsonbody.parse_body(route.body or jsonbody.Nothing, raw)

    async def _ask(self, incoming: Request, versions: Sequence[int | None]) -> Response:
        """Ask the handler, for every version that If-Match allows until one is the right one."""
        command = incoming.command
        for version in versions[:-1]:
            incoming.command = _expecting(command, version)
            try:
                return await self._route.handler(incoming)
            except RefusedError as refusal:
                if refusal.slug != STALE_VERSION:
                    raise
        incoming.command = _expecting(command, versions[-1])
        return await self._route.handler(incoming)

    async def _reply(self, request: web.Request, incoming: Request, answer: Response) -> web.StreamResponse:
        route = self._route
        status = answer.status or route.good_status
        out = {"Cache-Control": route.cache, "Vary": "Accept-Language", **answer.headers}
        if answer.events:
            out[headers.SEEN] = consistency.write(answer.events, incoming.command.now)
        etag = None if answer.etag is None else f'"{answer.etag}"'
        if answer.stream is not None:
            return await self._send(incoming, answer.stream, web.StreamResponse(status=status, headers=out), etag)
        body = answer.content
        if body is None and answer.view is not None:
            body = answer.view.__pydantic_serializer__.to_json(answer.view, by_alias=True)
        if body is not None:
            out.setdefault("Content-Type", _JSON)
            out["Content-Language"] = incoming.language
            if etag is None and route.cache != "no-store":
                etag = _digest(body)
        response = web.Response(body=body, status=status, headers=out)
        return response if etag is None else _tagged(request, response, etag)

    async def _send(
        self, incoming: Request, chunks: AsyncIterator[bytes], response: web.StreamResponse, etag: str | None
    ) -> web.StreamResponse:
        """Stream an answer, in a place among those that are sent: how fast its client reads is no business of others."""
        request, context = incoming.http, incoming.http[CONTEXT]
        try:
            place = self._middleware.streams.take(
                network(context.client), account(incoming.who.account) if incoming.who else None
            )
        except RefusedError as refusal:
            await _close(chunks)
            return refuse(request, refusal, self._texts)
        with place:
            if context.place is not None:
                context.place.leave()
            return await _stream(request, chunks, response, etag)


def _expecting(command: CommandContext, version: int | None) -> CommandContext:
    if version is None:
        return command
    return replace(command, expected=version)


def _digest(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _tagged(request: web.Request, response: web.Response, etag: str) -> web.Response:
    """The response with its tag, or 304 if the client has it already (RFC 9110 section 13)."""
    response.headers["ETag"] = etag
    return _unchanged(response.headers) if response.status == 200 and _has(request, etag) else response


def _has(request: web.Request, etag: str) -> bool:
    """Whether the client says that the copy of this tag is at hand."""
    wanted = request.headers.get("If-None-Match")
    if wanted is None or request.method not in ("GET", "HEAD"):
        return False
    tags = headers.entity_tags("If-None-Match", wanted)
    return tags is not None and (not tags or etag.removeprefix("W/")[1:-1] in {tag for tag, _ in tags})


def _unchanged(out: Mapping[str, str]) -> web.Response:
    return web.Response(status=304, headers={name: value for name, value in out.items() if name in _KEPT_BY_304})


_KEPT_BY_304: Final = frozenset({"Cache-Control", "Content-Language", "ETag", "Vary"})


async def _stream(
    request: web.Request, chunks: AsyncIterator[bytes], response: web.StreamResponse, etag: str | None
) -> web.StreamResponse:
    if etag is not None:
        response.headers["ETag"] = etag
        if response.status == 200 and _has(request, etag):
            return _unchanged(response.headers)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        sent = 0
        async for chunk in chunks:
            await response.write(chunk)
            sent += len(chunk)
        if response.content_length not in (None, sent):
            raise ObjectsUnavailable(f"{sent} bytes, and not as many as the answer has promised")
        await response.write_eof()
    except (PortError, KeyError) as error:
        # The status is gone already: only a broken connection tells the client that bytes are missing.
        log.warning("http.stream-broken", error=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
    finally:
        await _close(chunks)
    return response


async def _close(chunks: AsyncIterator[bytes]) -> None:
    if isinstance(chunks, AsyncGenerator):
        await chunks.aclose()
