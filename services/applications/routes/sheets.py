"""HTTP of applications: what staff keep beside files, and what was done to them."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from functools import partial

from services.applications.domain.sheets import Sheet
from services.applications.routes.review import view_tag
from services.applications.usecases import sheets
from services.applications.usecases.app import App
from services.applications.views.audit import AuditViews
from services.applications.views.review import ReviewViews
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import sheets as api
from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.review import ReviewView


def routes(app: App, views: ReviewViews) -> Sequence[Route]:
    """The routes of notes, tags, assignee and audit."""
    trail = AuditViews(
        app.applications,
        app.sheets,
        app.decisions,
        app.pre_enrolments,
        app.recusals,
        app.programmes,
        app.staff,
        app.trail,
        app.zone,
    )
    return [
        Route(endpoints.ADD_NOTE, lambda request: _add_note(app, views, request)),
        Route(endpoints.SET_TAGS, lambda request: _set_tags(app, views, request)),
        Route(endpoints.ASSIGN, lambda request: _assign(app, views, request)),
        Route(endpoints.AUDIT, partial(_audit, trail)),
    ]


async def _add_note(app: App, views: ReviewViews, request: Posted[api.NewNote]) -> Response[ReviewView]:
    return await _kept(views, request, sheets.add_note(app, *_of(request), text=request.body.text))


async def _set_tags(app: App, views: ReviewViews, request: Posted[api.TagSet]) -> Response[ReviewView]:
    return await _kept(views, request, sheets.set_tags(app, *_of(request), tags=request.body.tags))


async def _assign(app: App, views: ReviewViews, request: Posted[api.Assignment]) -> Response[ReviewView]:
    return await _kept(views, request, sheets.assign(app, *_of(request), assignee=request.body.assignee))


def _of(request: Request) -> tuple[Actor, str, CommandContext]:
    return request.actor, request.path["id"], request.command


async def _kept(views: ReviewViews, request: Request, command: Awaitable[Outcome[Sheet]]) -> Response[ReviewView]:
    """The file with what staff keep beside it, as a command left that."""
    await command
    view = await views.one(request.actor, request.path["id"], request.language)
    return Response(view, etag=view_tag(view))


async def _audit(views: AuditViews, request: Request) -> Response[api.AuditList]:
    return Response(await views.page(request.actor, request.path["id"], request.query(api.AuditPage)))
