"""One route as it is served: from the bytes of a request to its handler, and from what that answers back to bytes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from services.chassis.context import NOBODY, Actor, CommandContext
from services.chassis.following import Line
from services.chassis.http import consistency, following, headers, jsonbody, replies, stand_ins
from services.chassis.http.access import admitted
from services.chassis.http.arrival import ARRIVED, arrival
from services.chassis.http.declared import path_params, refusals_of
from services.chassis.http.middleware import CONTEXT, Middleware, refuse
from services.chassis.http.places import asker, network
from services.chassis.http.problems import Texts
from services.chassis.http.response_cache import CachedResponse, ResponseCache
from services.chassis.languages import preferred
from services.chassis.ports import DuplicateKey, PortError
from services.chassis.refusals import INTERNAL_ERROR, UNAVAILABLE
from services.chassis.routing import Posted, Request, Response, Route
from services.chassis.security.bearer import authenticate
from services.chassis.service.service import Running
from services.chassis.telemetry import metrics, tracing
from services.chassis.telemetry.spans import Attributes, SpanKind
from services.contracts.instants import instant_text
from services.contracts.maintenance import closed
from services.contracts.refusals import INVALID_FIELDS, MAINTENANCE, NOT_FOUND, STALE_VERSION, RefusedError
from services.contracts.spans import Attribute

log = structlog.get_logger()

JSON: Final = "application/json"
_REPEATED: Final = ("PUT", "DELETE")
"""Methods that clients and gateways send again by themselves when a line breaks (RFC 9110 section 9.2.2)."""
_NEVER: Final = -1
"""A version that no aggregate has: what a foreign entity tag in If-Match asks for."""


class ServedRoute:
    """Takes one route's requests from bytes to the handler and its answer back to bytes."""

    def __init__(
        self, route: Route, running: Running, middleware: Middleware, texts: Texts, remembered: ResponseCache
    ) -> None:
        self._route = route
        self._endpoint = route.endpoint
        self._middleware = middleware
        self._remembered = remembered
        self._running = running
        self._ports = running.service.ports
        self._texts = texts
        self._scope = f"{route.endpoint.service} {route.endpoint.method} {route.endpoint.path}"
        self._name = f"{route.endpoint.method} {route.endpoint.full_path}"
        self._handling = f"handle {self._name}"
        self._attributes: Attributes = {
            Attribute.SERVICE: route.endpoint.service,
            Attribute.METHOD: route.endpoint.method,
            Attribute.ROUTE: route.endpoint.full_path,
        }
        self._path_params = path_params(route.endpoint) if route.endpoint.parameters else None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; every refusal becomes a problem document with this service's texts."""
        context, parent = request[CONTEXT], headers.traceparent(request.headers.get("traceparent"))
        with tracing.span(self._name, SpanKind.SERVER, self._attributes, parent) as span:
            context.traceparent = span.traceparent
            span.set(Attribute.CORRELATION, context.correlation)
            response = await self._answer(request)
            span.set(Attribute.STATUS, response.status)
        return response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self._route.depends is None or headers.SEEN in request.headers:
            return await self._handle(request)
        path, language = request.raw_path, preferred(request.headers.get("Accept-Language"))
        stamp = self._route.depends()
        kept = self._remembered.get(path, language, stamp)
        if kept is not None:
            request[CONTEXT].again = True
            try:
                return replies.tagged(request, web.Response(body=kept.body, headers=kept.headers), kept.etag)
            except RefusedError as refusal:
                return refuse(request, refusal, self._texts)
        response = await self._handle(request)
        if response.status == 200 and isinstance(response, web.Response) and isinstance(response.body, bytes):
            out = dict(response.headers)
            self._remembered.put(path, language, CachedResponse(stamp, response.body, out.pop("ETag"), out))
        return response

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        with ExitStack() as held:
            return await self._handle_in(request, held)

    async def _handle_in(self, request: web.Request, held: ExitStack) -> web.StreamResponse:
        try:
            incoming, tags = await self._admit(request)
            if self._endpoint.tells is not None:
                parties = network(incoming.client), asker(incoming.actor)
                held.enter_context(self._middleware.open.places.take(*parties))
            answer = await self._ask(incoming, tags)
        except RefusedError as refusal:
            return refuse(request, self._declared(request, refusal), self._texts)
        except DuplicateKey:
            raise
        except PortError as error:
            log.warning("http.port-unavailable", service=self._running.service.name, error=type(error).__name__)
            return refuse(request, UNAVAILABLE(retry_after=2), self._texts)
        return await self._reply(request, incoming, answer)

    async def _admit(self, request: web.Request) -> tuple[Posted[Any], Sequence[int | None]]:
        """Check and parse all but what the handler itself reads; answer the call and the versions If-Match allows."""
        endpoint = self._endpoint
        now = self._arrival(request)
        path = self._check_path(request.match_info)
        actor = await self._who(request)
        self._check_open(now)
        place = request[CONTEXT].place
        if actor is not None and place is not None:
            place.count_for(asker(actor))
        tags = headers.entity_tags("If-Match", request.headers.get("If-Match")) if endpoint.takes_if_match else None
        headers.entity_tags("If-None-Match", request.headers.get("If-None-Match"))
        query = jsonbody.parse_query(endpoint.query, request)
        raw = await self._bytes(request)
        body = None if raw is None else await self._parsed(request, path, raw, now, actor)
        key = digest = None
        if endpoint.takes_key:
            whose = f"{actor.asker}\n" if actor else f"\n{str(getattr(body, endpoint.whose)).strip().lower()}\n"
            key = headers.idempotency_key(request.headers.get("Idempotency-Key"), scope=f"{whose}{self._scope}")
        if key is not None and endpoint.upload is None:
            digest = hashlib.sha256(request.raw_path.encode() + b"\n" + (raw or b"")).hexdigest()
        if (value := request.headers.getall(headers.SEEN, None)) is not None:
            await self._catch_up(request, ",".join(value), now, actor)
        if endpoint.upload is not None and (place := request[CONTEXT].place) is not None:
            place.leave()  # the use case counts uploads
        command = CommandContext(
            now=now,
            correlation=request[CONTEXT].correlation,
            actor=NOBODY if actor is None else actor.deputy or actor,
            on_behalf_of=actor if actor is not None and actor.deputy is not None else None,
            key=key,
            digest=digest,
            personal=actor is not None,
            traceparent=request[CONTEXT].traceparent,
            written=replies.digest(request.path.encode()) if key is None and endpoint.method in _REPEATED else "",
            began=time.monotonic() - (self._ports.clock.now() - now).total_seconds(),
        )
        strong = [tag for tag, weak in tags or () if not weak]
        versions: Sequence[int | None] = [None]
        if tags:
            versions = [version for tag in strong if (version := headers.version_of(tag)) is not None] or [_NEVER]
        incoming = Posted[Any](
            request,
            path,
            preferred(request.headers.get("Accept-Language")),
            command,
            actor,
            body,
            query,
            tuple(strong) if tags else None,
            request[CONTEXT].client,
            headers.last_event(request.headers.get(headers.LAST_EVENT)) if endpoint.tells is not None else None,
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
        if self._endpoint.access.public:
            return None
        actor = await authenticate(authorization, self._ports.keysets)
        request[CONTEXT].asker = actor.asker
        await self._running.revocations.check(actor)
        return admitted(actor, self._endpoint.access)

    def _check_open(self, now: datetime) -> None:
        """Raises MAINTENANCE for a command of candidates that arrives in a window of the institution's."""
        parameters = self._running.service.parameters
        if parameters is None or not self._endpoint.pauses:
            return
        rules = parameters.in_force.maintenance
        if (window := closed(rules.windows, self._ports.settings.zone, now)) is not None:
            raise MAINTENANCE(until=instant_text(window.ends), retry_after=window.seconds_left(now))

    def _declared(self, request: web.Request, refusal: RefusedError) -> RefusedError:
        """The refusal if the endpoint declares it; else one that says that the fault is ours, told to operations.

        No client could know what it means, and who wrote the endpoint has not thought of it.
        """
        if refusal.slug in refusals_of(self._endpoint):
            return refusal
        service, slug = self._endpoint.service, refusal.slug.name
        log.error("http.undeclared-refusal", service=service, route=self._endpoint.full_path, slug=slug)
        metrics.UNDECLARED_REFUSALS.labels(service).inc()
        return INTERNAL_ERROR(request_id=request[CONTEXT].correlation)

    async def _catch_up(self, request: web.Request, value: str, now: datetime, actor: Actor | None) -> None:
        """Wait for what the client has seen, in nobody's way: anybody can name events that never were."""
        if ids := self._awaited(value, now):
            async with self._middleware.aside(request[CONTEXT], asker(actor) if actor else None):
                await consistency.catch_up(ids, self._running.inbox, self._ports.settings.catch_up_seconds)

    def _awaited(self, value: str, now: datetime) -> Sequence[str]:
        return consistency.awaited(value, now, self._running.inbox, self._endpoint.service, self._endpoint.heeds)

    async def _bytes(self, request: web.Request) -> bytes | None:
        """The JSON that was sent; None where the handler takes none, or reads for itself."""
        endpoint = self._endpoint
        if endpoint.upload is not None or endpoint.method in ("GET", "HEAD"):
            return None
        raw = await jsonbody.read_body(request)
        if endpoint.body is None and not raw:
            return None
        jsonbody.check_content_type(request)
        return raw

    async def _parsed(
        self, request: web.Request, path: Mapping[str, str], raw: bytes, now: datetime, actor: Actor | None
    ) -> BaseModel:
        """The body; its refusal names what is wrong by its form and by the rules of the route at once."""
        model: type[BaseModel] = self._endpoint.body or jsonbody.Nothing
        try:
            return jsonbody.parse_body(model, raw)
        except RefusedError as refusal:
            if self._route.rules is None or refusal.slug != INVALID_FIELDS:
                raise
            if (mended := stand_ins.with_stand_ins(model, raw)) is None:
                raise
            form = refusal.fields
        command = CommandContext(now, request[CONTEXT].correlation, NOBODY if actor is None else actor)
        language = preferred(request.headers.get("Accept-Language"))
        rules = await self._route.rules(Posted[Any](request, path, language, command, actor, mended))
        raise INVALID_FIELDS(fields=stand_ins.together(form, rules))

    async def _ask(self, incoming: Posted[Any], versions: Sequence[int | None]) -> Response:
        """Ask the handler, for every version that If-Match allows until one is the right one."""
        command = incoming.command
        with tracing.span(self._handling, SpanKind.INTERNAL, self._attributes, command.traceparent) as span:
            if span.traceparent != command.traceparent:
                command = replace(command, traceparent=span.traceparent)
            return await self._ask_handler(incoming, versions, command)

    async def _ask_handler(
        self, incoming: Posted[Any], versions: Sequence[int | None], command: CommandContext
    ) -> Response:
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
        endpoint = self._endpoint
        status = answer.status or endpoint.good_status
        out = {"Cache-Control": endpoint.cache, "Vary": "Accept-Language", **answer.headers}
        if answer.events:
            out[headers.SEEN] = consistency.write(answer.events, incoming.command.now)
        etag = None if answer.etag is None else f'"{answer.etag}"'
        if answer.line is not None:
            return await self._follow(incoming, answer.line, web.StreamResponse(headers={**out, **following.HEADERS}))
        if answer.stream is not None:
            return await self._send(incoming, answer.stream, web.StreamResponse(status=status, headers=out), etag)
        body = answer.content
        if body is None and answer.view is not None:
            body = answer.view.__pydantic_serializer__.to_json(answer.view, by_alias=True)
        if body is not None:
            out.setdefault("Content-Type", JSON)
            out["Content-Language"] = incoming.language
            if etag is None and endpoint.cache != "no-store":
                etag = replies.digest(body)
        response = web.Response(body=body, status=status, headers=out)
        return response if etag is None else replies.tagged(request, response, etag)

    async def _follow(self, incoming: Request, line: Line, response: web.StreamResponse) -> web.StreamResponse:
        """Tell of changes until there is a reason to stop, in the place that was taken before."""
        request = incoming.http
        if (place := request[CONTEXT].place) is not None:
            place.leave()

        async def check() -> None:
            await self._who(request)  # neither has the token expired since

        try:
            with self._middleware.open.until_stopped(line.end):
                said = following.said(request, line, clock=self._ports.clock, check=check)
                return await replies.stream(request, said, response, None, lasting=True)
        finally:
            line.close()

    async def _send(
        self, incoming: Request, chunks: AsyncIterator[bytes], response: web.StreamResponse, etag: str | None
    ) -> web.StreamResponse:
        """Stream an answer, in a place among those that are sent: how fast its client reads is no business of others."""
        request, context = incoming.http, incoming.http[CONTEXT]
        try:
            place = self._middleware.streams.take(
                network(context.client), asker(incoming.who) if incoming.who else None
            )
        except RefusedError as refusal:
            await replies.close(chunks)
            return refuse(request, refusal, self._texts)
        with place:
            if context.place is not None:
                context.place.leave()
            return await replies.stream(request, chunks, response, etag)


def _expecting(command: CommandContext, version: int | None) -> CommandContext:
    if version is None:
        return command
    return replace(command, expected=version)
