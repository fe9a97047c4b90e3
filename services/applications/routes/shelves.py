"""HTTP of applications: how staff arrange their lists."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.domain.listing import Sorting
from services.applications.domain.shelves import SavedView, key_of
from services.applications.usecases import shelves
from services.applications.usecases.app import App
from services.applications.views.shelves import ShelfViews, columns_view
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import shelves as api
from services.contracts.api.endpoints import shelves as endpoints
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.text import normal, visible


def routes(app: App) -> Sequence[Route]:
    """The routes of columns and views."""
    views = ShelfViews(app.shelves, app.programmes, app.staff)
    return [
        Route(endpoints.COLUMNS, partial(_columns, views)),
        Route(endpoints.CHOOSE_COLUMNS, lambda request: _choose(app, request)),
        Route(endpoints.VIEWS, partial(_views, views)),
        Route(endpoints.WRITE_VIEW, lambda request: _write(app, views, request)),
        Route(endpoints.DELETE_VIEW, partial(_delete, app)),
    ]


async def _columns(views: ShelfViews, request: Request) -> Response[api.ReviewColumns]:
    shown = await views.columns(request.actor, request.language)
    return Response(shown, etag=shown.version)


async def _choose(app: App, request: Posted[api.WrittenColumns]) -> Response[api.ReviewColumns]:
    saved = await shelves.choose_columns(app, request.actor, request.command, columns=request.body.columns)
    return Response(columns_view(saved, request.language), etag=saved.version)


async def _views(views: ShelfViews, request: Request) -> Response[api.ReviewViews]:
    return Response(await views.all(request.actor))


async def _write(app: App, views: ShelfViews, request: Posted[api.WrittenView]) -> Response[api.SavedView]:
    name, body, actor = _name(request), request.body, request.actor
    asked = body.filter
    decided = any(each is not None for each in (asked.decision, asked.answer, asked.conditions, asked.assignee))
    if decided and body.sort in (Sorting.NAME, Sorting.FILE_NUMBER):
        raise INVALID_FIELDS(fields=[FieldError("sort", "not-a-choice")])
    shelf = request.query(api.Shelf)
    place = await shelves.place_of(app, actor, centre=shelf.centre, commission=shelf.commission)
    view = SavedView(
        key=key_of(name),
        name=name,
        filter=body.filter.model_dump(exclude_none=True),
        sort=body.sort,
        columns=tuple(dict.fromkeys(body.columns)),
        by=actor.id,
        at=request.command.now,
    )
    kept = await shelves.write_view(app, actor, request.command, view, place)
    return Response(await views.one(place.id, kept, actor), etag=kept.version)


async def _delete(app: App, request: Request) -> Response[None]:
    shelf = request.query(api.Shelf)
    place = await shelves.place_of(app, request.actor, centre=shelf.centre, commission=shelf.commission)
    await shelves.take_away(app, request.actor, request.command, _name(request), place)
    return Response()


def _name(request: Request) -> str:
    """What the path calls it; raises INVALID_FIELDS for nothing but blanks, and for what leads elsewhere in a path."""
    name = normal("NFC", visible(request.path["name"])).strip()
    if key_of(name).strip() in ("", ".", ".."):
        raise INVALID_FIELDS(fields=[FieldError("name", "required")])
    return name
