"""HTTP of applications: incidents, and the last days that are moved because of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from services.applications.domain.incidents import IncidentState, check_hours, declared, prolonged_until
from services.applications.usecases import incidents
from services.applications.usecases.app import App
from services.applications.views.incidents import IncidentViews
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import incidents as api
from services.contracts.api.endpoints import incidents as endpoints
from services.contracts.premises import confirmed
from services.contracts.refusals import NOT_FOUND


def routes(app: App) -> Sequence[Route]:
    """The routes; an incident concerns everybody, so that they are for who administers all centres."""
    views = IncidentViews(app.touched, app.programmes, app.staff)
    return [
        Route(endpoints.INCIDENTS, partial(_listed, app, views)),
        Route(endpoints.PROLONGED, partial(_prolonged, app)),
        Route(endpoints.DECLARE, lambda request: _declare(app, views, request)),
        Route(endpoints.EXTEND, lambda request: _extend(app, views, request)),
        Route(endpoints.DISMISS, lambda request: _dismiss(app, views, request)),
    ]


async def _listed(app: App, views: IncidentViews, request: Request) -> Response[api.IncidentList]:
    _require_all(request)
    found = await app.incidents.newest(incidents.SHOWN + 1)
    items = [
        await views.shown(saved, incidents.later_days(app, saved.state, saved.state.least_hours, request.command))
        for saved in found[: incidents.SHOWN]
    ]
    return Response(api.IncidentList(items=items, more=len(found) > incidents.SHOWN))


async def _prolonged(app: App, request: Request) -> Response[api.ProlongedView]:
    """From what each process knows anyway: it is asked for each home page."""
    return Response(api.ProlongedView(until=prolonged_until(app.extensions.felt, app.moment(request.command).day)))


async def _declare(app: App, views: IncidentViews, request: Posted[api.DeclaredIncident]) -> Response[api.IncidentView]:
    _require_all(request)
    body, command = request.body, request.command
    near = timedelta(hours=app.parameters.in_force.applications.incident_hours)
    incident = declared(body.begins, body.ends, body.reason, near, now=command.now, by=command.acting)
    saved = await incidents.declare(app, incident, command)
    days = incidents.later_days(app, saved.state, saved.state.least_hours, command)
    return Response(await views.shown(saved, days))


async def _extend(app: App, views: IncidentViews, request: Posted[api.ExtensionBody]) -> Response[api.ExtensionView]:
    _require_all(request)
    body, command, id = request.body, request.command, request.path["incident"]
    digest = confirmed(dry_run=body.dry_run, digest=body.digest)
    saved = await incidents.load(app, id)
    if saved.state.state is IncidentState.OPEN:
        check_hours(saved.state, body.hours)
    with app.incident_places.take():
        if digest is not None:
            saved = await incidents.extend(app, id, command, hours=body.hours, reason=body.reason, digest=digest)
        days = incidents.later_days(app, saved.state, body.hours, command)
        return Response(await views.foreseen(saved, body.hours, days, request.language, dry_run=body.dry_run))


async def _dismiss(app: App, views: IncidentViews, request: Posted[api.DismissalBody]) -> Response[api.IncidentView]:
    _require_all(request)
    saved = await incidents.dismiss(app, request.path["incident"], request.command, reason=request.body.reason)
    return Response(await views.shown(saved, {}))


def _require_all(request: Request) -> None:
    """Raises NOT_FOUND for who administers some centres alone."""
    if not any(grant.centres is None and grant.commissions is None for grant in request.actor.grants):
        raise NOT_FOUND()
