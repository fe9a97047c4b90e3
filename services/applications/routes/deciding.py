"""HTTP of applications: what staff decide."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.domain.conditioned import SaidCondition
from services.applications.domain.decision_model import Appointment
from services.applications.domain.decisions import Said
from services.applications.domain.states import DecisionKind
from services.applications.routes.review import examined, view_tag
from services.applications.usecases import decisions, pre_enrolments
from services.applications.usecases.app import App
from services.applications.views.decisions import shown_types
from services.applications.views.review import ReviewViews
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import decisions as api
from services.contracts.api import review as review_api
from services.contracts.api.endpoints import review as endpoints


def routes(app: App, views: ReviewViews) -> Sequence[Route]:
    """The routes of decisions."""
    return [
        Route(endpoints.DECISION_TYPES, partial(_types, app)),
        Route(endpoints.ENTER_DECISION, lambda request: _enter_decision(app, views, request)),
        Route(endpoints.DELETE_DECISION, partial(_delete_decision, app, views)),
        Route(endpoints.VALIDATE_DECISION, lambda request: _validate_decision(app, views, request)),
        Route(endpoints.RETRY_PRE_ENROLMENT, partial(_retry_pre_enrolment, app, views)),
    ]


async def _types(app: App, request: Request) -> Response[api.DecisionTypes]:
    return Response(shown_types(decisions.types_in_force(app), request.language))


def said_of(body: api.DecisionGiven) -> Said:
    """What was said of a decision."""
    where = body.appointment
    return Said(
        kind=None if body.kind is None else DecisionKind(body.kind),
        type=body.type,
        reason=body.reason,
        rank=body.rank,
        group=body.group,
        comment=body.comment,
        appointment=None if where is None else Appointment(where.place, where.day, where.time),
        conditions=tuple(SaidCondition(each.code, each.text, each.until) for each in body.conditions),
    )


async def _enter_decision(
    app: App, views: ReviewViews, request: Posted[api.DecisionBody]
) -> Response[review_api.ReviewView]:
    body, command = request.body, request.command
    id, instead_of = request.path["id"], body.instead_of
    saved = await decisions.enter(app, request.actor, id, command, said_of(body), instead_of=instead_of)
    view = await views.shown(request.actor, saved, request.language)
    return Response(view, etag=view_tag(view))


async def _delete_decision(app: App, views: ReviewViews, request: Request) -> Response[review_api.ReviewView]:
    id, decision = request.path["id"], request.query(api.DecisionQuery).decision
    saved = await decisions.delete(app, request.actor, id, request.command, decision=decision)
    view = await views.shown(request.actor, saved, request.language)
    return Response(view, etag=view_tag(view))


async def _retry_pre_enrolment(app: App, views: ReviewViews, request: Request) -> Response[review_api.ReviewView]:
    saved = await pre_enrolments.retry(app, request.actor, request.path["id"], request.command)
    view = await views.shown(request.actor, saved, request.language)
    return Response(view, etag=view_tag(view))


async def _validate_decision(
    app: App, views: ReviewViews, request: Posted[api.DecisionValidation]
) -> Response[review_api.ReviewView]:
    body, id = request.body, request.path["id"]
    validated = decisions.validate(
        app, request.actor, id, request.command, decision=body.decision, until=body.answer_deadline
    )
    return await examined(views, request, validated)
