"""HTTP of applications: votes of a board's meeting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.domain.voting import Choice
from services.applications.usecases import votes
from services.applications.usecases.app import App
from services.applications.views.votes import VoteViews
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import votes as api
from services.contracts.api.endpoints import votes as endpoints


def routes(app: App) -> Sequence[Route]:
    """The routes of votes."""
    views = VoteViews(app.convening, app.applications, app.recusals, app.ballots)
    return [
        Route(endpoints.VOTES, partial(_shown, views)),
        Route(endpoints.VOTE, lambda request: _vote(app, views, request)),
        Route(endpoints.CLOSE_VOTE, partial(_close, app, views)),
    ]


async def _shown(views: VoteViews, request: Request) -> Response[api.MeetingVotes]:
    return Response(await views.of(request.actor, request.path["meeting"]))


async def _vote(app: App, views: VoteViews, request: Posted[api.VoteBody]) -> Response[api.MeetingVotes]:
    meeting, file, choice = request.path["meeting"], request.path["file"], Choice(request.body.vote)
    await votes.vote(app, request.actor, meeting, request.command, file=file, choice=choice)
    return await _shown(views, request)


async def _close(app: App, views: VoteViews, request: Request) -> Response[api.MeetingVotes]:
    await votes.close(app, request.actor, request.path["meeting"], request.command, file=request.path["file"])
    return await _shown(views, request)
