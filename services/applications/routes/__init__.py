"""HTTP of applications: what a candidate asks for, answered in the candidate's language; and what staff do with files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.domain.asked import FormAnswer
from services.applications.domain.states import PlaceAction
from services.applications.routes import (
    behalf,
    bulk,
    bulk_runs,
    conditions,
    counting,
    deciding,
    deliberation,
    exporting,
    exports,
    fees,
    in_place,
    incidents,
    meetings,
    past,
    retries,
    review,
    sheets,
    shelves,
    votes,
)
from services.applications.routes import places as programme_places
from services.applications.routes.candidate import CandidateRoutes
from services.applications.usecases import answers, decisions, forms, opening, pieces, places, submission
from services.applications.usecases.app import App
from services.applications.views.applications import Views
from services.applications.views.forms import received
from services.applications.views.review import ReviewViews
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import applications as api
from services.contracts.api import decisions as decisions_api
from services.contracts.api import forms as forms_api
from services.contracts.api.endpoints import applications as endpoints


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes of a candidate, and those of staff."""
    routes = CandidateRoutes(app, views)
    shown = ReviewViews(
        app.applications,
        app.programmes,
        app.boards,
        app.cards,
        app.submissions,
        app.decisions,
        app.sheets,
        app.staff,
        app.closed_accounts,
        app.parameters,
        views.pre_enrolments,
        app.closed,
        app.languages,
    )
    return [
        *review.routes(app, shown),
        *deciding.routes(app, shown),
        *conditions.routes(app, shown),
        *behalf.routes(app, shown),
        *in_place.routes(routes),
        *bulk.routes(app),
        *bulk_runs.routes(app),
        *deliberation.routes(app),
        *sheets.routes(app, shown),
        *fees.routes(app, shown),
        *exporting.routes(app),
        *exports.routes(app),
        *shelves.routes(app),
        *programme_places.routes(app),
        *counting.routes(app),
        *past.routes(app),
        *retries.routes(app),
        *meetings.routes(app),
        *votes.routes(app),
        *incidents.routes(app),
        Route(endpoints.OPEN, lambda request: _open(routes, request)),
        Route(endpoints.OWN, partial(_page, routes)),
        Route(endpoints.ONE, partial(_one, routes)),
        Route(endpoints.FOLLOW, partial(_follow, routes)),
        Route(endpoints.DEPOSIT, lambda request: _deposit(routes, request)),
        Route(endpoints.REMOVE, partial(_remove, routes)),
        Route(endpoints.DECLARE_NOT_APPLICABLE, partial(_declare, routes, not_applicable=True)),
        Route(endpoints.DECLARE_APPLICABLE, partial(_declare, routes, not_applicable=False)),
        Route(endpoints.REUSE, partial(_reuse, routes)),
        Route(endpoints.ANSWER, lambda request: _answer(routes, request)),
        Route(endpoints.TAKE_BACK, partial(_take_back, routes)),
        Route(endpoints.FORM, partial(_form, routes)),
        Route(endpoints.CALL_BACK, lambda request: _call_back(routes, request)),
        Route(endpoints.SUBMIT, partial(_submit, routes)),
        Route(endpoints.CANCEL, partial(_cancel, routes)),
        Route(endpoints.ANSWER_PLACE, lambda request: _answer_place(routes, request)),
        Route(endpoints.LEAVE_WAITLIST, partial(_leave_waitlist, routes)),
        Route(endpoints.RECEIPT, partial(_record, routes)),
        Route(endpoints.CHECK_RECEIPT, partial(_checked, routes)),
    ]


async def _open(routes: CandidateRoutes, request: Posted[api.OpenApplication]) -> Response[api.ApplicationView]:
    programme = request.body.programme
    opened = opening.open_application(routes.app, request.actor, programme, request.command)
    return await routes.created(request, opened)


async def _page(routes: CandidateRoutes, request: Request) -> Response[api.ApplicationList]:
    query = request.query(api.ApplicationPage)
    return Response(
        await routes.views.page(request.actor, query.limit, query.after, request.language, routes.moment(request))
    )


async def _one(routes: CandidateRoutes, request: Request) -> Response[api.ApplicationView]:
    answer = await routes.views.read(request.actor, request.path["id"], request.language, routes.moment(request))
    return Response(content=answer.body, etag=answer.etag)


async def _follow(routes: CandidateRoutes, request: Request) -> Response[None]:
    line = await routes.app.followers.follow(request.actor, request.path["id"], request.last_event)
    return Response(line=line)


async def _deposit(routes: CandidateRoutes, request: Posted[api.DepositPiece]) -> Response[api.ApplicationView]:
    receipt = request.body.receipt
    id, code = request.path["id"], request.path["code"]
    return await routes.after(
        request, pieces.deposit(routes.app, request.actor, id, code, request.command, receipt=receipt)
    )


async def _remove(routes: CandidateRoutes, request: Request) -> Response[api.ApplicationView]:
    id, code = request.path["id"], request.path["code"]
    return await routes.after(request, pieces.remove(routes.app, request.actor, id, code, request.command))


async def _declare(routes: CandidateRoutes, request: Request, *, not_applicable: bool) -> Response[api.ApplicationView]:
    id, code = request.path["id"], request.path["code"]
    declared = pieces.declare(routes.app, request.actor, id, code, request.command, not_applicable=not_applicable)
    return await routes.after(request, declared)


async def _reuse(routes: CandidateRoutes, request: Request) -> Response[api.ApplicationView]:
    id, code = request.path["id"], request.path["code"]
    return await routes.after(request, pieces.reuse(routes.app, request.actor, id, code, request.command))


async def _answer(routes: CandidateRoutes, request: Posted[api.AnswerQuestion]) -> Response[api.ApplicationView]:
    given, id, question = request.body.answer, request.path["id"], request.path["question"]
    answered = answers.answer(routes.app, request.actor, id, question, request.command, given=given)
    return await routes.after(request, answered)


async def _take_back(routes: CandidateRoutes, request: Request) -> Response[api.ApplicationView]:
    id, question = request.path["id"], request.path["question"]
    return await routes.after(request, answers.take_back(routes.app, request.actor, id, question, request.command))


async def _form(routes: CandidateRoutes, request: Request) -> Response[forms_api.FilledFormView]:
    id, form = request.path["id"], request.path["form"]
    return Response(await routes.views.form(request.actor, id, form, request.language))


async def _call_back(
    routes: CandidateRoutes, request: Posted[forms_api.FormCallback]
) -> Response[forms_api.FormReceived]:
    app, body = routes.app, request.body
    told = forms.believed(app, request.http.headers, await request.http.read(), request.command)
    answers = [FormAnswer(each.question, each.answer) for each in body.answers]
    outcome = await forms.fill_in(
        app,
        body.application,
        body.form,
        request.command,
        answers=answers,
        filled_in_at=body.filled_in_at,
        told=told,
    )
    return Response(received(outcome.saved, body.form), events=outcome.events)


async def _submit(routes: CandidateRoutes, request: Request) -> Response[api.SubmissionView]:
    outcome = await routes.told(
        request, submission.submit(routes.app, request.actor, request.path["id"], request.command)
    )
    submitted = await routes.views.submissions.submitted(request.actor, outcome)
    return Response(submitted, etag=outcome.saved.version, events=outcome.events)


async def _cancel(routes: CandidateRoutes, request: Request) -> Response[api.ApplicationView]:
    return await routes.after(request, opening.cancel(routes.app, request.actor, request.path["id"], request.command))


async def _answer_place(
    routes: CandidateRoutes, request: Posted[decisions_api.PlaceAnswer]
) -> Response[api.ApplicationView]:
    id, action = request.path["id"], PlaceAction(request.body.answer)
    return await routes.after(request, decisions.answer(routes.app, request.actor, id, request.command, action))


async def _leave_waitlist(routes: CandidateRoutes, request: Request) -> Response[api.ApplicationView]:
    return await routes.after(request, places.leave(routes.app, request.actor, request.path["id"], request.command))


async def _record(routes: CandidateRoutes, request: Request) -> Response[api.SubmissionRecord]:
    return Response(await routes.views.submissions.record(request.actor, request.path["id"]))


async def _checked(routes: CandidateRoutes, request: Request) -> Response[api.ReceiptCheck]:
    return Response(await routes.views.submissions.checked(request.path["receipt"], request.language))
