"""HTTP of applications: the places of programmes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from services.applications.usecases import foreseeing, places
from services.applications.usecases.app import App
from services.applications.views.foreseeing import ForeseeingViews
from services.applications.views.places import PlacesViews
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import places as api
from services.contracts.api.endpoints import places as endpoints
from services.contracts.refusals import STALE_VERSION, RefusedError


def routes(app: App) -> Sequence[Route]:
    """The routes of places."""
    return [
        Route(endpoints.PLACES, partial(_places, app)),
        Route(endpoints.SIMULATION, partial(_simulation, app)),
        Route(endpoints.PROMOTE, lambda request: _promote(app, request)),
        Route(endpoints.STOP, lambda request: _stop(app, request)),
    ]


async def _places(app: App, request: Request, promoted: str | None = None) -> Response[api.PlacesView]:
    known = await places.managed(app, request.actor, request.path["programme"])
    automatic = app.parameters.in_force.applications.promotes == "at-once"
    views = PlacesViews(app.ranks, app.places, app.cards, app.applications, app.closed, app.closed_accounts)
    view = await views.shown(
        known, app.moment(request.command), request.language, automatic=automatic, promoted=promoted
    )
    return Response(view, etag=_tag(view))


async def _promote(app: App, request: Posted[api.PromoteNext]) -> Response[api.PlacesView]:
    programme, application = request.path["programme"], request.body.application
    promoted = await places.promote(app, request.actor, programme, request.command, application=application)
    return await _places(app, request, promoted)


async def _stop(app: App, request: Posted[api.PromotionStop]) -> Response[api.PlacesView]:
    programme, until = request.path["programme"], request.body.promotes_until
    try:
        await places.stop(app, request.actor, programme, request.command, until=until)
    except RefusedError as refusal:
        if refusal.slug == STALE_VERSION:
            refusal.members["current"] = _json(await _places(app, request))
        raise
    return await _places(app, request)


async def _simulation(app: App, request: Request) -> Response[api.SimulationView]:
    asked, programme = request.query(api.WithdrawalsForeseen), request.path["programme"]
    ids, moment = None if asked.ids is None else asked.ids.split(","), app.moment(request.command)
    found = await foreseeing.foresee(
        app, request.actor, programme, moment, ids=ids, count=asked.count, group=asked.group
    )
    return Response(await ForeseeingViews(app.ranks, app.cards, app.applications).shown(found, request.language))


def _tag(view: api.PlacesView) -> str:
    """The tag of all that is shown, most of which is not of the version; it ends in that."""
    shown = view.model_copy(update={"promoted": None}).model_dump_json()
    return f"p{hashlib.sha256(shown.encode()).hexdigest()[:16]}-{view.version}"


def _json(answer: Response[api.PlacesView]) -> Mapping[str, Any] | None:
    return None if answer.view is None else answer.view.model_dump(mode="json")
