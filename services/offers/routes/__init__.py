"""HTTP of offers: what anyone may read and keep for some seconds, and what the institution sets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import offers as api
from services.contracts.api.endpoints import offers as endpoints
from services.contracts.api.maintenance import Maintenance
from services.offers.domain.deadlines import Deadlines, scope_of
from services.offers.domain.programmes import PDF
from services.offers.routes import campaigns, imports, parts, programmes
from services.offers.routes import parameters as parameter_routes
from services.offers.usecases import deadlines, parameters
from services.offers.usecases.app import App
from services.offers.views import serializers
from services.offers.views.public import Views


def routes(app: App, views: Views) -> Sequence[Route]:
    """All routes of offers."""
    public = partial(Route, depends=views.state)
    return [
        Route(endpoints.INSTITUTION, partial(_institution, app)),
        Route(endpoints.MAINTENANCE, partial(_maintenance, app)),
        public(endpoints.CAMPAIGNS, partial(_campaigns, views)),
        public(endpoints.CURRENT_CAMPAIGN, partial(_current_campaign, views)),
        public(endpoints.PROGRAMMES, partial(_programmes, views)),
        public(endpoints.PROGRAMME, partial(_programme, views)),
        public(endpoints.TREE, partial(_tree, views)),
        public(endpoints.FACETS, partial(_facets, views)),
        Route(endpoints.MODEL, partial(_model, views)),
        Route(endpoints.DEADLINES, partial(_deadlines, app, views)),
        Route(endpoints.MOVE_DEADLINE, partial(_move_deadline, app, views)),
        *programmes.routes(app, views),
        *parts.routes(app, views),
        *imports.routes(app, views),
        *campaigns.routes(app),
        *parameter_routes.routes(app),
    ]


async def _institution(app: App, request: Request) -> Response[api.Institution]:
    sheet = await parameters.parameters(app)
    return Response(serializers.institution(sheet.parameters, request.language))


async def _maintenance(app: App, request: Request) -> Response[Maintenance]:
    sheet = await parameters.parameters(app)
    rules = sheet.parameters.maintenance
    return Response(serializers.maintenance(rules, app.zone, request.command.now, request.language))


async def _campaigns(views: Views, request: Request) -> Response[api.Campaigns]:
    return Response(views.catalogue.campaign_list(request.language))


async def _current_campaign(views: Views, request: Request) -> Response[api.Campaign]:
    return Response(views.catalogue.current_campaign(request.language))


async def _programmes(views: Views, request: Request) -> Response[api.Programmes]:
    return Response(
        content=views.catalogue.programmes(request.query(api.ProgrammesQuery), request.language, views.today(request))
    )


async def _programme(views: Views, request: Request) -> Response[api.ProgrammeDetail]:
    return Response(content=views.catalogue.programme(request.path["code"], request.language, views.today(request)))


async def _tree(views: Views, request: Request) -> Response[api.Tree]:
    return Response(content=views.catalogue.tree(request.query(api.TreeQuery), request.language, views.today(request)))


async def _facets(views: Views, request: Request) -> Response[api.Facets]:
    return Response(views.catalogue.facets(request.query(api.Filter), request.language, views.today(request)))


async def _model(views: Views, request: Request) -> Response[None]:
    name = request.path["name"]
    content = views.models.get(name)
    headers = {"Content-Type": PDF, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content=content, headers=headers)


async def _deadlines(app: App, views: Views, request: Request) -> Response[api.DeadlineMoves]:
    return Response(_moves(views, await deadlines.deadlines_moved(app, request.command), request))


def _moves(views: Views, shown: Deadlines, request: Request) -> api.DeadlineMoves:
    return serializers.deadline_moves(shown, lambda code: views.catalogue.title(code, request.language))


async def _move_deadline(app: App, views: Views, request: Posted[api.MoveDeadline]) -> Response[api.DeadlineMoves]:
    wanted, grants = request.body, request.actor.grants
    scope = scope_of(wanted.centre, wanted.programme)
    moved = await deadlines.move_deadline(
        app, scope, wanted.submission_deadline, wanted.reason.strip(), request.command, grants=grants
    )
    return Response(_moves(views, moved.saved.state, request), events=moved.events)
