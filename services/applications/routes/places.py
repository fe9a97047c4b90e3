"""HTTP of applications: the places of programmes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.usecases import places
from services.applications.usecases.app import App
from services.applications.views.places import PlacesViews
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import places as api
from services.contracts.api.endpoints import places as endpoints


def routes(app: App) -> Sequence[Route]:
    """The routes of places."""
    return [
        Route(endpoints.PLACES, partial(_places, app)),
        Route(endpoints.PROMOTE, lambda request: _promote(app, request)),
        Route(endpoints.STOP, lambda request: _stop(app, request)),
    ]


async def _places(app: App, request: Request, promoted: str | None = None) -> Response[api.PlacesView]:
    known = await places.managed(app, request.actor, request.path["programme"])
    automatic = app.parameters.in_force.applications.promotes == "at-once"
    views = PlacesViews(app.ranks, app.places, app.cards, app.applications, app.closed)
    return Response(
        await views.shown(known, app.moment(request.command), request.language, automatic=automatic, promoted=promoted)
    )


async def _promote(app: App, request: Posted[api.PromoteNext]) -> Response[api.PlacesView]:
    programme, application = request.path["programme"], request.body.application
    promoted = await places.promote(app, request.actor, programme, request.command, application=application)
    return await _places(app, request, promoted)


async def _stop(app: App, request: Posted[api.PromotionStop]) -> Response[api.PlacesView]:
    programme, until = request.path["programme"], request.body.promotes_until
    await places.stop(app, request.actor, programme, request.command, until=until)
    return await _places(app, request)
