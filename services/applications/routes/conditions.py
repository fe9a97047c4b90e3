"""HTTP of applications: the conditions of an admission."""

from __future__ import annotations

from collections.abc import Sequence

from services.applications.domain.condition_states import ConditionState
from services.applications.routes.review import examined
from services.applications.usecases import conditions
from services.applications.usecases.app import App
from services.applications.views.review import ReviewViews
from services.chassis.routing import Posted, Response, Route
from services.contracts.api import review as review_api
from services.contracts.api.conditions import ConditionMark
from services.contracts.api.endpoints.conditions import MARK_CONDITION


def routes(app: App, views: ReviewViews) -> Sequence[Route]:
    """The route by which they are followed."""
    return [Route(MARK_CONDITION, lambda request: _mark(app, views, request))]


async def _mark(app: App, views: ReviewViews, request: Posted[ConditionMark]) -> Response[review_api.ReviewView]:
    body, path = request.body, request.path
    marked = conditions.mark(
        app,
        request.actor,
        path["id"],
        int(path["number"]),
        request.command,
        decision=body.decision,
        state=ConditionState(body.state),
        on=body.on,
        reason=body.reason,
        seen=body.seen,
    )
    return await examined(views, request, marked)
