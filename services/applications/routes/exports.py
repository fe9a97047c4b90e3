"""HTTP of lists that are made into files in the background."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.domain.exports import Export
from services.applications.usecases import exports
from services.applications.usecases.app import App
from services.applications.views.exports import export_view
from services.applications.views.reaching import CampaignViews, asked_by, sorting_of, within_reach
from services.chassis.objects.whole import whole
from services.chassis.routing import Posted, Request, Response, Route
from services.chassis.work.views import WorkStates
from services.contracts.api import exports as api
from services.contracts.api import filters
from services.contracts.api.documents import attachment
from services.contracts.api.endpoints import exports as endpoints

_States = WorkStates[Export, api.ExportView]


def routes(app: App) -> Sequence[Route]:
    """The routes of exports."""
    states = WorkStates(app.exports, export_view)
    return [
        Route(endpoints.ASK, lambda request: _ask(app, request)),
        Route(endpoints.OWN, partial(_own, states)),
        Route(endpoints.ONE, partial(_one, states)),
        Route(endpoints.FILE, partial(_file, app)),
        Route(endpoints.DELETE, partial(_delete, app)),
    ]


async def _ask(app: App, request: Posted[api.NewExport]) -> Response[api.ExportView]:
    given = request.body.model_dump(exclude_none=True, exclude={"format", "columns"})
    if request.body.columns:
        given["columns"] = ",".join(request.body.columns)
    query = filters.ReviewExport(**given)
    sorting_of(query, query.sort)
    campaigns = CampaignViews(app.campaigns, app.listing)
    asked = asked_by(query, request.actor, await campaigns.of(query))
    await within_reach(app.programmes, campaigns, request.actor, asked)
    wanted = exports.Wanted(request.body.format, given, request.language)
    saved = await exports.ask(app, request.actor, request.command, wanted)
    headers = {"Location": endpoints.ONE.at(id=saved.id)}
    return Response(export_view(saved, request.language), headers=headers)


async def _own(states: _States, request: Request) -> Response[api.ExportList]:
    items = await states.own(request.actor, request.language, request.command.now)
    return Response(api.ExportList(items=items))


async def _one(states: _States, request: Request) -> Response[api.ExportView]:
    return Response(await states.one(request.actor, request.path["id"], request.language, request.command.now))


async def _file(app: App, request: Request) -> Response[None]:
    saved = await exports.take(app, request.actor, request.path["id"], request.command)
    export = saved.state
    name = f"export-{export.asked_at.astimezone(app.zone):%Y-%m-%d}.{export.format}"
    headers = {
        "Content-Type": exports.MEDIA_TYPES[export.format],
        "Content-Language": export.language,
        "Content-Disposition": attachment(name),
    }
    chunks = whole(app.objects.read(exports.key_of(app, saved)), size=export.size, sha256=export.sha256)
    return Response(stream=chunks, headers=headers)


async def _delete(app: App, request: Request) -> Response[None]:
    await exports.background(app).let_go(request.actor.id, request.path["id"], request.command)
    return Response()
