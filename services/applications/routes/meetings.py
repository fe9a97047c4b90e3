"""HTTP of applications: meetings of boards."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial

from services.applications.domain.meetings import Plan
from services.applications.domain.outcomes import Wanted
from services.applications.domain.states import DecisionKind
from services.applications.usecases import meetings, outcomes
from services.applications.usecases.app import App
from services.applications.views.meetings import MeetingViews, outcome_view
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import meetings as api
from services.contracts.api.endpoints import meetings as endpoints


def routes(app: App) -> Sequence[Route]:
    """The routes of meetings."""
    views = MeetingViews(app.convening, app.applications, app.decisions, app.sheets, app.recusals, app.cards)
    return [
        Route(endpoints.MEETINGS, partial(_meetings, views)),
        Route(endpoints.BOARDS, partial(_boards, views)),
        Route(endpoints.PLAN, lambda request: _plan(app, views, request)),
        Route(endpoints.MEETING, partial(_meeting, views)),
        Route(endpoints.CHANGE, lambda request: _change(app, views, request)),
        Route(endpoints.ADD_FILES, lambda request: _add(app, views, request)),
        Route(endpoints.REMOVE_FILE, partial(_remove, app, views)),
        Route(endpoints.MARK, lambda request: _mark(app, views, request)),
        Route(endpoints.RECUSE, lambda request: _recuse(app, views, request)),
        Route(endpoints.TAKE_BACK_RECUSAL, partial(_take_back, app, views)),
        Route(endpoints.OUTCOME, lambda request: _outcome(app, request)),
    ]


async def _meetings(views: MeetingViews, request: Request) -> Response[api.MeetingList]:
    return Response(await views.page(request.actor, request.query(api.MeetingPage), request.language))


async def _boards(views: MeetingViews, request: Request) -> Response[api.BoardList]:
    return Response(await views.boards(request.actor, request.language))


async def _shown(views: MeetingViews, request: Request, id: str | None = None) -> Response[api.MeetingView]:
    view = await views.one(request.actor, id or request.path["meeting"], request.language)
    return Response(view, etag=_tag(view))


def _tag(view: api.MeetingView) -> str:
    """The tag of all that is shown: decisions, notes and recusals are not of the version; it ends in that."""
    return f"m{hashlib.sha256(view.model_dump_json().encode()).hexdigest()[:16]}-{view.version}"


async def _meeting(views: MeetingViews, request: Request) -> Response[api.MeetingView]:
    return await _shown(views, request)


def _plan_of(body: api.MeetingPlan) -> Plan:
    return Plan(body.title, body.day, body.time, body.place, tuple(dict.fromkeys(body.programmes)))


def _asked(body: api.MeetingPlan) -> meetings.Asked:
    return body.voting, body.quorum


async def _plan(app: App, views: MeetingViews, request: Posted[api.NewMeeting]) -> Response[api.MeetingView]:
    body = request.body
    planned = await meetings.plan(
        app, request.actor, body.commission, _plan_of(body), request.command, asked=_asked(body)
    )
    return await _shown(views, request, planned.saved.id)


async def _change(app: App, views: MeetingViews, request: Posted[api.MeetingPlan]) -> Response[api.MeetingView]:
    body, id = request.body, request.path["meeting"]
    await meetings.change(app, request.actor, id, _plan_of(body), request.command, asked=_asked(body))
    return await _shown(views, request)


async def _add(app: App, views: MeetingViews, request: Posted[api.MeetingFiles]) -> Response[api.MeetingView]:
    await meetings.add(app, request.actor, request.path["meeting"], request.body.files, request.command)
    return await _shown(views, request)


async def _remove(app: App, views: MeetingViews, request: Request) -> Response[api.MeetingView]:
    await meetings.remove(app, request.actor, request.path["meeting"], request.path["file"], request.command)
    return await _shown(views, request)


async def _mark(app: App, views: MeetingViews, request: Posted[api.MeetingMark]) -> Response[api.MeetingView]:
    body, id = request.body, request.path["meeting"]
    if body.state == "held":
        marked = await meetings.hold(app, request.actor, id, body.present, request.command)
    else:
        marked = await meetings.close(app, request.actor, id, request.command)
    shown = await _shown(views, request)
    return Response(shown.view, etag=shown.etag, events=marked.events)


async def _recuse(app: App, views: MeetingViews, request: Posted[api.RecusalBody]) -> Response[api.MeetingView]:
    body = request.body
    await meetings.recuse(
        app, request.actor, request.path["meeting"], request.command, file=body.file, member=body.member
    )
    return await _shown(views, request)


async def _take_back(app: App, views: MeetingViews, request: Request) -> Response[api.MeetingView]:
    path = request.path
    await meetings.take_back_recusal(
        app, request.actor, path["meeting"], request.command, file=path["file"], member=path["member"]
    )
    return await _shown(views, request)


async def _outcome(app: App, request: Posted[api.Outcome]) -> Response[api.OutcomeView]:
    body = request.body
    wanted = [
        Wanted(each.file, DecisionKind(each.kind), each.type, each.reason, each.instead_of, each.rank, each.group)
        for each in body.items
    ]
    came = await outcomes.enter(
        app,
        request.actor,
        request.path["meeting"],
        request.command,
        programme=body.programme,
        wanted=wanted,
        first=body.first_rank,
    )
    return Response(outcome_view(came, request.language))
