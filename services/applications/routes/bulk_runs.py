"""HTTP of acts for many files that are under way, and of what undoes them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.domain.bulk import BulkAct
from services.applications.domain.bulk_runs import BulkRun
from services.applications.routes.bulk import act_asked
from services.applications.usecases import bulk_runs, bulk_undoing
from services.applications.usecases.app import App
from services.applications.views.bulk import file_views
from services.applications.views.bulk_runs import RunViews
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import bulk_runs as api
from services.contracts.api.bulk import BulkArgs, BulkItemView, BulkView
from services.contracts.api.endpoints import bulk_runs as endpoints
from services.contracts.premises import confirmed, counted


def routes(app: App) -> Sequence[Route]:
    """The routes of runs."""
    views = RunViews(
        app.bulk_runs,
        app.run_files,
        app.applications,
        app.programmes,
        app.cards,
        app.languages,
        app.staff,
        act_of,
    )
    return [
        Route(endpoints.START, lambda request: _start(app, views, request)),
        Route(endpoints.OWN, partial(_own, views)),
        Route(endpoints.ONE, partial(_one, app, views)),
        Route(endpoints.UNDO, lambda request: _undo(app, views, request)),
    ]


def act_of(run: BulkRun) -> BulkAct:
    """The act of a run, of what the API was asked for."""
    return act_asked(run.action, BulkArgs.model_validate_json(run.args))


async def _start(app: App, views: RunViews, request: Posted[api.NewRun]) -> Response[api.RunView]:
    body = request.body
    wanted = bulk_runs.Wanted(body.action, body.args.model_dump_json(exclude_unset=True), request.language)
    act = act_asked(body.action, body.args)
    saved = await bulk_runs.start(
        app, request.actor, request.command, wanted, ids=body.ids, act=act, digest=body.digest
    )
    headers = {"Location": endpoints.ONE.at(run=saved.id)}
    return Response(await views.shown(request.actor, saved, request.language), headers=headers)


async def _own(views: RunViews, request: Request) -> Response[api.RunList]:
    return Response(await views.own(request.actor, request.language, request.command.now))


async def _one(app: App, views: RunViews, request: Request) -> Response[api.RunView]:
    saved = await bulk_undoing.reached_run(app, request.actor, request.path["run"], request.command)
    return Response(await views.shown(request.actor, saved, request.language))


async def _undo(app: App, views: RunViews, request: Posted[api.UndoBody]) -> Response[api.UndoView]:
    body, actor, id, language = request.body, request.actor, request.path["run"], request.language
    if (digest := confirmed(dry_run=body.dry_run, digest=body.digest)) is not None:
        saved = await bulk_runs.undo(app, actor, id, act_of, request.command, digest=digest, language=language)
        return Response(api.UndoView(run=await views.shown(actor, saved, language)))
    undone, items = await bulk_runs.foresee_undo(app, actor, id, act_of, request.command)
    told = await file_views(app.cards, app.languages, undone.act, items, language, staff=app.staff)
    preview = BulkView(
        dry_run=True,
        digest=bulk_undoing.premises(id, items).digest,
        **counted(items),
        items=[BulkItemView(result=item.result, **view) for item, view in zip(items, told, strict=True)],
    )
    return Response(api.UndoView(preview=preview))
