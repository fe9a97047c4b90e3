"""HTTP of the suite: mounts the routes of services, and what each says of itself: documents and public keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from aiohttp import web
from pydantic_core import to_json

from services.chassis.http import asyncapi, docs_page, jsonbody, openapi, replies
from services.chassis.http.connections import Bounds
from services.chassis.http.declared import path_expression
from services.chassis.http.following import OPEN
from services.chassis.http.middleware import LONG_FORMS, UPLOADS, Middleware
from services.chassis.http.problems import Texts
from services.chassis.http.response_cache import ResponseCache
from services.chassis.http.served import JSON, ServedRoute
from services.chassis.http.server import expect
from services.chassis.languages import preferred
from services.chassis.security.tokens import Signer
from services.chassis.service.service import Running
from services.chassis.settings import Settings
from services.contracts.languages import Language

JWKS_CACHE: Final = "public, max-age=300"


def root_application(settings: Settings, services: Sequence[Running]) -> web.Application:
    """The application of one process: every service below `/api/<name>`; pages are added by the caller."""
    ports = services[0].service.ports if services else None  # a process of pages alone has nobody to tell
    counted = None if ports is None else (ports.answered, ports.clock)
    middleware = Middleware(settings, Bounds.of(settings).following, counted)
    app = web.Application(middlewares=[middleware.middleware], client_max_size=jsonbody.MAX_BODY_BYTES)
    app[UPLOADS], app[LONG_FORMS] = middleware.uploads, middleware.long_forms
    app[OPEN] = middleware.open
    app.on_response_prepare.append(middleware.prepare)
    app.router.add_get("/api/events/asyncapi.json", _document(lambda language: _events(), JSON))
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
    texts, remembered = Texts(service.name, service.texts, service.ports.settings.zone), ResponseCache()
    for route in service.routes:
        served, endpoint = ServedRoute(route, running, middleware, texts, remembered), route.endpoint
        path = path_expression(endpoint)
        if endpoint.method == "GET":
            router.add_get(path, served.handle, allow_head=True, expect_handler=expect)
        else:
            added = router.add_route(endpoint.method, path, served.handle, expect_handler=expect)
            if endpoint.upload is not None:
                middleware.uploads.add(added)
    # Made for the first who asks: it takes longer than all else that a start does here.
    document = cache(lambda: openapi.document(service.api, texts))
    page = _document(lambda language: docs_page.render(document(), texts, language), "text/html; charset=utf-8")
    router.add_get(f"{prefix}/openapi.json", _document(lambda language: to_json(document()), JSON))
    router.add_get(f"{prefix}/docs", page)
    if service.signer is not None:
        router.add_get(f"{prefix}/jwks.json", _key_set(service.signer))


def _document(make: Callable[[Language], bytes], media_type: str) -> Any:
    """A handler for bytes that are made once per language and cached by clients by their tag."""
    made: dict[Language, bytes] = {}
    making = asyncio.Lock()

    async def handle(request: web.Request) -> web.Response:
        language = preferred(request.headers.get("Accept-Language"))
        async with making:
            if language not in made:
                made[language] = await asyncio.to_thread(make, language)
        body = made[language]
        out = {
            "Content-Type": media_type,
            "Content-Language": language,
            "Vary": "Accept-Language",
            "Cache-Control": "public, max-age=300",
        }
        if media_type.startswith("text/html"):
            out["Content-Security-Policy"] = docs_page.POLICY
        return replies.tagged(request, web.Response(body=body, headers=out), replies.digest(body))

    return handle


def _key_set(signer: Signer) -> Any:
    async def handle(request: web.Request) -> web.Response:
        await signer.refresh()
        body = to_json(signer.jwks())
        response = web.Response(body=body, headers={"Content-Type": JSON, "Cache-Control": JWKS_CACHE})
        return replies.tagged(request, response, replies.digest(body))

    return handle
