"""HTTP of pre-enrolments that staff look after."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.usecases import retries
from services.applications.usecases.app import App
from services.applications.views.retries import Retriable, retries_view
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import pre_enrolments as api
from services.contracts.api.endpoints import pre_enrolments as endpoints
from services.contracts.premises import confirmed


def routes(app: App) -> Sequence[Route]:
    """The routes of a list, and of a dry run or of what it has foreseen."""
    views = Retriable(app.pre_enrolments, app.applications, app.programmes, app.cards, app.comparisons, app.hands_over)
    return [
        Route(endpoints.PRE_ENROLMENTS, partial(_listed, views)),
        Route(endpoints.COMPARISONS, partial(_compared, views)),
        Route(endpoints.RETRY_PRE_ENROLMENTS, lambda request: _retry(app, request)),
    ]


async def _listed(views: Retriable, request: Request) -> Response[api.PreEnrolmentList]:
    return Response(await views.page(request.actor, request.query(api.PreEnrolmentPage), request.language))


async def _compared(views: Retriable, request: Request) -> Response[api.Comparisons]:
    return Response(await views.comparisons(request.actor, request.language))


async def _retry(app: App, request: Posted[api.Retries]) -> Response[api.RetriesView]:
    body = request.body
    if (digest := confirmed(dry_run=body.dry_run, digest=body.digest)) is None:
        items = await retries.foresee(app, request.actor, body.ids, request.command)
    else:
        items = await retries.carry_out(app, request.actor, body.ids, request.command, digest=digest)
    return Response(await retries_view(app.cards, items, request.language, confirmed=digest))
