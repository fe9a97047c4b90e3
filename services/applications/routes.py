"""HTTP of applications: what a candidate asks for, answered in the candidate's language."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from services.applications import usecases
from services.applications.domain import refusals
from services.applications.domain.model import Application, Moment
from services.applications.usecases import Applications
from services.applications.views.applications import Views, blocks_in, tagged
from services.chassis.events.aggregates import Outcome
from services.chassis.http.application import Answer, Call, Route
from services.contracts.api import applications as api
from services.contracts.refusals import NOT_FOUND, STALE_VERSION, Refusal

_LATE: Final = (refusals.DEADLINE_PASSED,)
_PIECE: Final = (NOT_FOUND, refusals.FILE_FROZEN, refusals.PIECE_VALIDATED, refusals.PIECE_NOT_APPLICABLE, *_LATE)
_DEPOSIT: Final = (
    *_PIECE,
    refusals.PIECE_ALREADY_DEPOSITED,
    refusals.TOO_LARGE_FOR_PIECE,
    refusals.TYPE_NOT_ALLOWED,
)
_DECLARE: Final = (
    *_LATE,
    NOT_FOUND,
    refusals.FILE_FROZEN,
    refusals.PIECE_NOT_CONDITIONAL,
    refusals.PIECE_ALREADY_DEPOSITED,
    refusals.PIECE_VALIDATED,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the routes of a candidate ask."""

    app: Applications
    views: Views

    def moment(self, call: Call) -> Moment:
        """The arrival of the request."""
        return usecases.moment_of(call.command.now, self.app.zone)

    async def after(self, call: Call, command: Awaitable[Outcome[Application]]) -> Answer:
        """The application as a command left it."""
        outcome = await self.told(call, command)
        view = await self.views.shown(call.actor, outcome.saved, call.language, self.moment(call))
        return _tagged(call, view, events=outcome.events)

    async def created(self, call: Call, command: Awaitable[Outcome[Application]]) -> Answer:
        """The application that a command made, and where it is."""
        outcome = await self.told(call, command)
        view = await self.views.shown(call.actor, outcome.saved, call.language, self.moment(call))
        headers = {"Location": f"/api/applications/applications/{view.id}"}
        return _tagged(call, view, events=outcome.events, headers=headers)

    async def told(self, call: Call, command: Awaitable[Outcome[Application]]) -> Outcome[Application]:
        """A command's outcome; a refusal gets what the client needs to go on, in its language."""
        try:
            return await command
        except Refusal as refusal:
            if "blocking" in refusal.members:
                blocks = blocks_in(refusal.members["blocking"], call.language)
                refusal.members["blocking"] = [block.model_dump() for block in blocks]
            if refusal.slug == STALE_VERSION:
                view = await self.views.one(call.actor, call.path["id"], call.language, self.moment(call))
                refusal.members["current"] = view.model_dump(mode="json")
            raise


def routes(app: Applications, views: Views) -> Sequence[Route]:
    """The routes of a candidate."""
    desk = Candidate(app, views)
    one, piece = "/applications/{id}", "/applications/{id}/pieces/{code}"
    read = partial(Route, "GET", answer=api.ApplicationView)
    post = partial(Route, "POST", path_params=api.ApplicationPath, takes_key=True, takes_if_match=True)
    change = partial(Route, path_params=api.PiecePath, answer=api.ApplicationView, takes_if_match=True)
    return [
        Route(
            "POST",
            "/applications",
            partial(_open, desk),
            "Apply to a programme: opens a draft with the pieces that it asks for.",
            body=api.OpenApplication,
            answer=api.ApplicationView,
            status=201,
            takes_key=True,
            refusals=(
                NOT_FOUND,
                refusals.PROFILE_INCOMPLETE,
                refusals.PROGRAMME_CLOSED,
                refusals.ALREADY_APPLIED,
                refusals.TOO_MANY_APPLICATIONS,
                refusals.TOO_MANY_OPENINGS,
            ),
        ),
        read(
            "/applications",
            partial(_page, desk),
            "One's own applications, the one opened last first.",
            query=api.ApplicationPage,
            answer=api.ApplicationList,
        ),
        read(
            one,
            partial(_one, desk),
            "One of one's own applications.",
            path_params=api.ApplicationPath,
            refusals=(NOT_FOUND,),
        ),
        change(
            "PUT",
            piece,
            partial(_deposit, desk),
            "Put an uploaded document into a piece.",
            body=api.DepositPiece,
            refusals=(*_DEPOSIT, refusals.INVALID_RECEIPT, refusals.RECEIPT_EXPIRED),
        ),
        change("DELETE", piece, partial(_remove, desk), "Take the document out of a piece.", refusals=_PIECE),
        change(
            "PUT",
            f"{piece}/not-applicable",
            partial(_declare, desk, not_applicable=True),
            "Declare a conditional piece not applicable.",
            refusals=_DECLARE,
        ),
        change(
            "DELETE",
            f"{piece}/not-applicable",
            partial(_declare, desk, not_applicable=False),
            "Take that back.",
            refusals=_DECLARE,
        ),
        change(
            "PUT",
            f"{piece}/reuse",
            partial(_reuse, desk),
            "Put the document in that was given for the same common piece of another application.",
            refusals=(*_DEPOSIT, refusals.NOTHING_TO_REUSE),
        ),
        post(
            f"{one}/submission",
            partial(_submit, desk),
            "Hand the file over; the answer holds the signed receipt.",
            answer=api.SubmissionView,
            refusals=(NOT_FOUND, refusals.NOT_READY, refusals.WRONG_STATE, *_LATE),
        ),
        post(
            f"{one}/cancellation",
            partial(_cancel, desk),
            "Give a draft up.",
            answer=api.ApplicationView,
            refusals=(NOT_FOUND, refusals.WRONG_STATE),
        ),
        read(
            f"{one}/receipt",
            partial(_record, desk),
            "What was submitted, and its signed receipt.",
            path_params=api.ApplicationPath,
            answer=api.SubmissionRecord,
            refusals=(NOT_FOUND, refusals.NOT_SUBMITTED),
        ),
    ]


def _tagged(call: Call, view: api.ApplicationView, **answer: Any) -> Answer:
    content, tag = tagged(view, call.language)
    return Answer(content=content, etag=tag, **answer)


async def _open(desk: Candidate, call: Call) -> Answer:
    programme = call.body(api.OpenApplication).programme
    opening = usecases.open_application(desk.app, call.actor, programme, call.command)
    return await desk.created(call, opening)


async def _page(desk: Candidate, call: Call) -> Answer:
    query = call.query(api.ApplicationPage)
    return Answer(await desk.views.page(call.actor, query.limit, query.after, call.language, desk.moment(call)))


async def _one(desk: Candidate, call: Call) -> Answer:
    answer = await desk.views.read(call.actor, call.path["id"], call.language, desk.moment(call))
    return Answer(content=answer.body, etag=answer.etag)


async def _deposit(desk: Candidate, call: Call) -> Answer:
    receipt = call.body(api.DepositPiece).receipt
    id, code = call.path["id"], call.path["code"]
    return await desk.after(call, usecases.deposit(desk.app, call.actor, id, code, call.command, receipt=receipt))


async def _remove(desk: Candidate, call: Call) -> Answer:
    id, code = call.path["id"], call.path["code"]
    return await desk.after(call, usecases.remove(desk.app, call.actor, id, code, call.command))


async def _declare(desk: Candidate, call: Call, *, not_applicable: bool) -> Answer:
    id, code = call.path["id"], call.path["code"]
    declared = usecases.declare(desk.app, call.actor, id, code, call.command, not_applicable=not_applicable)
    return await desk.after(call, declared)


async def _reuse(desk: Candidate, call: Call) -> Answer:
    id, code = call.path["id"], call.path["code"]
    return await desk.after(call, usecases.reuse(desk.app, call.actor, id, code, call.command))


async def _submit(desk: Candidate, call: Call) -> Answer:
    outcome = await desk.told(call, usecases.submit(desk.app, call.actor, call.path["id"], call.command))
    submitted = await desk.views.submitted(call.actor, outcome)
    return Answer(submitted, etag=outcome.saved.version, events=outcome.events)


async def _cancel(desk: Candidate, call: Call) -> Answer:
    return await desk.after(call, usecases.cancel(desk.app, call.actor, call.path["id"], call.command))


async def _record(desk: Candidate, call: Call) -> Answer:
    return Answer(await desk.views.record(call.actor, call.path["id"]))
