"""HTTP of applications: what staff fill in in a candidate's place, by the candidate's own use cases."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.applications.routes.candidate import CandidateRoutes
from services.applications.usecases import answers, in_place, pieces, submission
from services.applications.views.in_place import seen_by_staff, to_fill_in
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import applications as views
from services.contracts.api import in_place as api
from services.contracts.api.endpoints import in_place as endpoints


def routes(routes: CandidateRoutes) -> Sequence[Route]:
    """The routes by which staff fill in a file."""
    return [
        Route(endpoints.FILES, partial(_files, routes)),
        Route(endpoints.SEE, partial(_see, routes)),
        Route(endpoints.DEPOSIT, lambda request: _deposit(routes, request)),
        Route(endpoints.REMOVE, lambda request: _remove(routes, request)),
        Route(endpoints.DECLARE, lambda request: _declare(routes, request)),
        Route(endpoints.ANSWER, lambda request: _answer(routes, request)),
        Route(endpoints.SUBMIT, lambda request: _submit(routes, request)),
    ]


async def _files(routes: CandidateRoutes, request: Request) -> Response[api.FilesToFillIn]:
    whose = request.query(api.Whose)
    account = await in_place.account_of(routes.app, whose.account, whose.file_number)
    found = await in_place.fillable(routes.app, request.actor, account) if account is not None else []
    return Response(to_fill_in(found, request.language))


async def _see(routes: CandidateRoutes, request: Request) -> Response[api.FileInPlace]:
    app, id = routes.app, request.path["id"]
    whose = await in_place.whose(app, request.actor, id)
    view = await routes.views.one(whose, id, request.language, routes.moment(request))
    return Response(await seen_by_staff(app.cards, whose, view), etag=view.version)


async def _deposit(routes: CandidateRoutes, request: Posted[api.DepositInPlace]) -> Response[views.ApplicationView]:
    app, body, id, code = routes.app, request.body, request.path["id"], request.path["code"]
    place = await in_place.standing_in(app, request.actor, id, request.command, body.reason)
    done = pieces.deposit(app, place.whose, id, code, place.command, receipt=body.receipt, hand=place.hand)
    return await routes.after(request, done, place.whose)


async def _remove(routes: CandidateRoutes, request: Posted[api.InPlace]) -> Response[views.ApplicationView]:
    app, id, code = routes.app, request.path["id"], request.path["code"]
    place = await in_place.standing_in(app, request.actor, id, request.command, request.body.reason)
    done = pieces.remove(app, place.whose, id, code, place.command, hand=place.hand)
    return await routes.after(request, done, place.whose)


async def _declare(routes: CandidateRoutes, request: Posted[api.DeclareInPlace]) -> Response[views.ApplicationView]:
    app, body, id, code = routes.app, request.body, request.path["id"], request.path["code"]
    place = await in_place.standing_in(app, request.actor, id, request.command, body.reason)
    done = pieces.declare(
        app, place.whose, id, code, place.command, not_applicable=body.not_applicable, hand=place.hand
    )
    return await routes.after(request, done, place.whose)


async def _answer(routes: CandidateRoutes, request: Posted[api.AnswerInPlace]) -> Response[views.ApplicationView]:
    app, given, id, question = routes.app, request.body.answer, request.path["id"], request.path["question"]
    place = await in_place.standing_in(app, request.actor, id, request.command, request.body.reason)
    if given is None:
        done = answers.take_back(app, place.whose, id, question, place.command, hand=place.hand)
    else:
        done = answers.answer(app, place.whose, id, question, place.command, given=given, hand=place.hand)
    return await routes.after(request, done, place.whose)


async def _submit(routes: CandidateRoutes, request: Posted[api.InPlace]) -> Response[views.SubmissionView]:
    app, id = routes.app, request.path["id"]
    place = await in_place.standing_in(app, request.actor, id, request.command, request.body.reason)
    done = submission.submit(app, place.whose, id, place.command, hand=place.hand)
    outcome = await routes.told(request, done, place.whose)
    submitted = await routes.views.submissions.submitted(place.whose, outcome)
    return Response(submitted, etag=outcome.saved.version, events=outcome.events)
