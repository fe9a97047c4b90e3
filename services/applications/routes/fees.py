"""HTTP of applications: what staff say of fees, and of codes under which people enrol."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from functools import partial
from typing import Any, TypeVar

from services.applications.domain.fees import MEMBERS, FeesSaid
from services.applications.routes.review import view_tag
from services.applications.usecases import pre_enrolments, sheets
from services.applications.usecases.app import App
from services.applications.views.fees import lists_view
from services.applications.views.review import ReviewViews
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import fees as api
from services.contracts.api.endpoints import fees as endpoints
from services.contracts.api.enrolments import EnrolmentCodeBody
from services.contracts.api.review import ReviewView
from services.contracts.fee_lists import cents_of
from services.contracts.refusals import INVALID_FIELDS, STALE_VERSION, FieldError, RefusedError

T = TypeVar("T")


def routes(app: App, views: ReviewViews) -> Sequence[Route]:
    """The routes of fees."""
    return [
        Route(endpoints.FEE_LISTS, partial(_lists, app)),
        Route(endpoints.SET_FEES, lambda request: _set(app, views, request)),
        Route(endpoints.SET_ENROLMENT_CODE, lambda request: _set_code(app, views, request)),
    ]


def said_of(body: api.FeesGiven, field: str = "") -> FeesSaid:
    """What was said of the fees; raises INVALID_FIELDS, `field` being where `body` stands."""
    try:
        amount = None if body.amount is None else cents_of(body.amount)
    except ValueError:
        raise INVALID_FIELDS(fields=[FieldError(f"{field}amount", "not-an-amount")]) from None
    return FeesSaid(body.regime, body.exemption, amount, MEMBERS & body.model_fields_set)


async def _lists(app: App, request: Request) -> Response[api.FeeListsView]:
    return Response(lists_view(sheets.fee_lists(app), request.language))


async def _set(app: App, views: ReviewViews, request: Posted[api.FeesBody]) -> Response[ReviewView]:
    body, id = request.body, request.path["id"]
    with_fees = sheets.set_fees(app, request.actor, id, request.command, said_of(body), seen=body.fees_version)
    await _or_current(views, request, with_fees)
    view = await views.one(request.actor, id, request.language)
    return Response(view, etag=view_tag(view))


async def _set_code(app: App, views: ReviewViews, request: Posted[EnrolmentCodeBody]) -> Response[ReviewView]:
    body, id = request.body, request.path["id"]
    given: dict[str, Any] = {"code": body.code or "", "seen": body.instead_of, "tell": body.tell}
    saved = await _or_current(views, request, pre_enrolments.set_code(app, request.actor, id, request.command, **given))
    view = await views.shown(request.actor, saved, request.language)
    return Response(view, etag=view_tag(view))


async def _or_current(views: ReviewViews, request: Request, command: Awaitable[T]) -> T:
    """What comes of it; who looked at something older is shown what is there."""
    try:
        return await command
    except RefusedError as refusal:
        if refusal.slug == STALE_VERSION:
            there = await views.one(request.actor, request.path["id"], request.language)
            refusal.members["current"] = there.model_dump(mode="json")
        raise
