"""HTTP of applications: a file as it was."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.usecases.app import App
from services.applications.views.past import PastViews
from services.chassis.routing import Request, Response, Route
from services.contracts.api import past as api
from services.contracts.api.endpoints import past as endpoints


def routes(app: App) -> Sequence[Route]:
    """The route of a file's past."""
    views = PastViews(app.applications, app.sheets, app.decisions, app.programmes, app.staff, app.trail)
    return [Route(endpoints.FILE_AT, partial(_past, views))]


async def _past(views: PastViews, request: Request) -> Response[api.PastView]:
    asked = request.query(api.PastAsked)
    return Response(await views.at(request.actor, request.path["id"], asked.at, request.language, request.command.now))
