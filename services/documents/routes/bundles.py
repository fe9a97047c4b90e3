"""HTTP of bundles: many files in one download."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.chassis.objects.whole import whole
from services.chassis.routing import Posted, Request, Response, Route
from services.chassis.texts.catalogues import catalogues
from services.chassis.work.views import WorkStates
from services.contracts.api import bundles as api
from services.contracts.api.documents import attachment
from services.contracts.api.endpoints import bundles as endpoints
from services.documents.domain.bundles import Bundle
from services.documents.usecases import bundles
from services.documents.usecases.app import App
from services.documents.usecases.bundle_keeping import background
from services.documents.usecases.bundle_parts import MEDIA_TYPES, ZIP, read
from services.documents.views import bundle_view, pieces

_States = WorkStates[Bundle, api.BundleView]


def routes(app: App) -> Sequence[Route]:
    """The routes of bundles."""
    states = WorkStates(app.bundles, bundle_view)
    return [
        Route(endpoints.ASK, lambda request: _ask(app, request)),
        Route(endpoints.PIECES, lambda request: _pieces(app, request)),
        Route(endpoints.OWN, partial(_own, states)),
        Route(endpoints.ONE, partial(_one, states)),
        Route(endpoints.FILE, partial(_file, app)),
        Route(endpoints.DELETE, partial(_delete, app)),
    ]


async def _ask(app: App, request: Posted[api.NewBundle]) -> Response[api.BundleView]:
    saved = await bundles.ask(app, request.actor, request.body, request.language, request.command)
    return Response(bundle_view(saved, request.language), headers={"Location": endpoints.ONE.at(id=saved.id)})


async def _pieces(app: App, request: Posted[api.Chosen]) -> Response[api.PieceChoices]:
    return Response(await pieces(app.papers, request.actor, request.body.applications, request.language))


async def _own(states: _States, request: Request) -> Response[api.BundleList]:
    items = await states.own(request.actor, request.language, request.command.now)
    return Response(api.BundleList(items=items))


async def _one(states: _States, request: Request) -> Response[api.BundleView]:
    return Response(await states.one(request.actor, request.path["id"], request.language, request.command.now))


async def _file(app: App, request: Request) -> Response[None]:
    saved = await bundles.take(app, request.actor, request.path["id"], request.command)
    bundle = saved.state
    name = catalogues().text(
        "documents.bundle.filename", request.language, day=f"{bundle.asked_at.astimezone(app.zone):%Y-%m-%d}"
    )
    chunks = read(app.objects, background(app).key_of(saved), bundle.parts)
    headers = {
        "Content-Type": MEDIA_TYPES.get(bundle.kind, ZIP),
        "Content-Length": str(bundle.size),
        "Content-Language": bundle.language,
        "Content-Disposition": attachment(f"{name}.{'pdf' if bundle.kind in MEDIA_TYPES else 'zip'}"),
    }
    return Response(stream=whole(chunks, size=bundle.size, sha256=bundle.sha256), headers=headers)


async def _delete(app: App, request: Request) -> Response[None]:
    await background(app).let_go(request.actor.id, request.path["id"], request.command)
    return Response()
