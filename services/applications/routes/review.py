"""HTTP of applications: what staff do with files."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from functools import partial

from services.applications.domain.model import Application
from services.applications.domain.receipts import digest_of
from services.applications.domain.states import FileState
from services.applications.routes.exporting import known_files, list_views
from services.applications.usecases import judging, review, sheets
from services.applications.usecases.app import App
from services.applications.views.choosing import ChoiceViews
from services.applications.views.knowing import KnownFiles
from services.applications.views.listing import ListViews
from services.applications.views.review import ReviewViews
from services.chassis.events.aggregates import Outcome
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import filters, narrowing, piece_comments
from services.contracts.api import review as review_api
from services.contracts.api.columns import columns_in
from services.contracts.api.endpoints import review as staff_endpoints
from services.contracts.api.endpoints.piece_comments import COMMENTS
from services.contracts.refusals import STALE_VERSION, RefusedError


def routes(app: App, views: ReviewViews) -> Sequence[Route]:
    """The routes of staff."""
    lists = list_views(app)
    choices = ChoiceViews(app.programmes, app.boards, app.staff, lists.campaigns, partial(sheets.known_fees, app))
    return [
        Route(staff_endpoints.FILES, partial(_files, lists, known_files(app))),
        Route(staff_endpoints.COUNTS, partial(_counts, lists)),
        Route(staff_endpoints.CHOICES, partial(_choices, choices)),
        Route(staff_endpoints.FILE, partial(_file, views)),
        Route(COMMENTS, partial(_comments, app)),
        Route(staff_endpoints.JUDGE, lambda request: _judge(app, views, request)),
        Route(staff_endpoints.JUDGE_SEVERAL, lambda request: _judge_several(app, views, request)),
        Route(staff_endpoints.MARK, lambda request: _mark(app, views, request)),
        Route(staff_endpoints.REOPEN, lambda request: _reopen(app, views, request)),
        Route(staff_endpoints.EXTEND, lambda request: _extend(app, views, request)),
    ]


async def _files(lists: ListViews, files: KnownFiles, request: Request) -> Response[review_api.ReviewList]:
    query = request.query(filters.ReviewPage)
    page = await lists.page(request.actor, query, request.language)
    if query.columns is not None:
        page = await files.with_cells(request.actor, page, columns_in(query.columns), request.language)
    return Response(page)


async def _counts(lists: ListViews, request: Request) -> Response[narrowing.ReviewCounts]:
    return Response(await lists.counts(request.actor, request.query(filters.ReviewFilter), request.language))


async def _choices(views: ChoiceViews, request: Request) -> Response[narrowing.ReviewChoices]:
    return Response(await views.choices(request.actor, request.language))


async def _file(views: ReviewViews, request: Request) -> Response[review_api.ReviewView]:
    view = await views.one(request.actor, request.path["id"], request.language)
    return Response(view, etag=view_tag(view))


async def _comments(app: App, request: Request) -> Response[piece_comments.ListedComments]:
    language, comments = await judging.comments_of(app, request.actor, request.path["id"], request.path["code"])
    items = [piece_comments.ListedComment(code=each.code, text=each.text(language)) for each in comments]
    return Response(piece_comments.ListedComments(language=language, items=items))


async def _judge(app: App, views: ReviewViews, request: Posted[review_api.Verdict]) -> Response[review_api.ReviewView]:
    id, code, body = request.path["id"], request.path["code"], request.body
    judged = judging.judge(
        app,
        request.actor,
        id,
        code,
        request.command,
        verdict=body.verdict,
        comment=body.comment,
        document=body.document,
        comment_code=body.comment_code,
    )
    return await examined(views, request, judged)


async def _judge_several(
    app: App, views: ReviewViews, request: Posted[review_api.Verdicts]
) -> Response[review_api.ReviewView]:
    given = [judging.PieceVerdict(**each.model_dump()) for each in request.body.verdicts]
    judged = judging.judge_several(app, request.actor, request.path["id"], request.command, given)
    return await examined(views, request, judged)


async def _mark(app: App, views: ReviewViews, request: Posted[review_api.FileMark]) -> Response[review_api.ReviewView]:
    body, until = request.body, request.body.submission_deadline
    marked = review.mark(
        app,
        request.actor,
        request.path["id"],
        request.command,
        state=FileState(body.state),
        on=body.on,
        until=until,
    )
    return await examined(views, request, marked)


async def _reopen(
    app: App, views: ReviewViews, request: Posted[review_api.Reopening]
) -> Response[review_api.ReviewView]:
    reason, until = request.body.reason, request.body.submission_deadline
    reopened = review.reopen(app, request.actor, request.path["id"], request.command, reason=reason, until=until)
    return await examined(views, request, reopened)


async def _extend(
    app: App, views: ReviewViews, request: Posted[review_api.Deadlines]
) -> Response[review_api.ReviewView]:
    day = request.body.submission_deadline
    return await examined(
        views, request, review.extend(app, request.actor, request.path["id"], request.command, day=day)
    )


def view_tag(view: review_api.ReviewView) -> str:
    """The tag of a file with what is kept beside it, which is shown with it and not of its version; it ends in that.

    What staff have typed, as a code, is no part of a tag that is read again.
    """
    entered = "" if view.entered_decision is None else view.entered_decision.id
    code = "" if view.enrolment_code is None else view.enrolment_code.code
    beside = digest_of([entered, code])[:16]
    return f"s{view.sheet_version}b{beside}-{view.version}"


async def examined(
    views: ReviewViews, request: Request, command: Awaitable[Outcome[Application]]
) -> Response[review_api.ReviewView]:
    """The file as a command of staff left it."""
    try:
        outcome = await command
    except RefusedError as refusal:
        if refusal.slug == STALE_VERSION:
            there = await views.one(request.actor, request.path["id"], request.language)
            refusal.members["current"] = there.model_dump(mode="json")
        raise
    view = await views.shown(request.actor, outcome.saved, request.language)
    return Response(view, etag=view_tag(view), events=outcome.events)
