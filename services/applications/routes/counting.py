"""HTTP of applications: counts of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.usecases.app import App
from services.applications.views.counting import CountViews
from services.chassis.routing import Request, Response, Route
from services.contracts.api import counts as api
from services.contracts.api.endpoints import counts as endpoints


def routes(app: App) -> Sequence[Route]:
    """The route of counts."""
    return [Route(endpoints.STATISTICS, partial(_counts, CountViews(app.counts, app.programmes, app.zone)))]


async def _counts(views: CountViews, request: Request) -> Response[api.CampaignCounts]:
    query = request.query(api.CountsPage)
    return Response(await views.page(request.actor, query, request.language))
