"""HTTP of applications: what staff do in the place of a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.routes.review import view_tag
from services.applications.usecases import behalf
from services.applications.usecases.app import App
from services.applications.views.review import ReviewViews, person_view
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import behalf as api
from services.contracts.api import review as review_api
from services.contracts.api.endpoints import behalf as endpoints
from services.contracts.api.endpoints.review import FILE
from services.contracts.refusals import INVALID_FIELDS, FieldError


def routes(app: App, views: ReviewViews) -> Sequence[Route]:
    """The routes of applications that staff open."""
    return [
        Route(endpoints.PERSON, partial(_person, app)),
        Route(endpoints.OPEN_FOR, lambda request: _open_for(app, views, request)),
    ]


async def _person(app: App, request: Request) -> Response[api.Person]:
    whom = request.query(api.Whom)
    return Response(person_view(await behalf.person(app, whom.account, whom.file_number)))


async def _open_for(app: App, views: ReviewViews, request: Posted[api.OpenFor]) -> Response[review_api.ReviewView]:
    body = request.body
    said = {"type": body.type, "reason": body.reason, "comment": body.comment, "group": body.group}
    if not body.offer and (faults := [FieldError(name, "not-of-kind") for name, value in said.items() if value]):
        raise INVALID_FIELDS(fields=faults)
    card = await behalf.person(app, body.account, body.file_number)
    outcome = await behalf.open_for(
        app,
        request.actor,
        card,
        body.programme,
        request.command,
        offer=behalf.Offer(**said) if body.offer else None,
        until=body.submission_deadline,
    )
    view = await views.shown(request.actor, outcome.saved, request.language)
    headers = {"Location": FILE.at(id=view.id)}
    return Response(view, etag=view_tag(view), events=outcome.events, headers=headers)
