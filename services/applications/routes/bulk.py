"""HTTP of one act for many files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from services.applications.domain.bulk import BulkAct, BulkAction, BulkReminder, BulkVerdict, SaidVerdict, SheetAction
from services.applications.domain.reminded import ReminderKind
from services.applications.domain.states import DecisionAction, FileAction
from services.applications.routes.deciding import said_of
from services.applications.routes.fees import said_of as fees_said_of
from services.applications.usecases import bulk
from services.applications.usecases.app import App
from services.applications.views.bulk import bulk_pieces, bulk_view
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import bulk as api
from services.contracts.api.endpoints import bulk as bulk_endpoints
from services.contracts.api.endpoints import review as endpoints
from services.contracts.premises import confirmed

_OTHERS: Final[Mapping[str, BulkAction]] = {
    "enter_decision": DecisionAction.ENTER,
    "validate_decision": DecisionAction.VALIDATE,
    "set_fees": SheetAction.SET_FEES,
    "assign": SheetAction.ASSIGN,
    "judge": BulkVerdict.JUDGE,
    "remind": BulkReminder.REMIND,
}
"""Actions that do not change the file itself, or not its state."""


def routes(app: App) -> Sequence[Route]:
    """The route of a dry run, or of what it has foreseen, and what is asked before."""
    return [
        Route(endpoints.BULK, lambda request: _bulk(app, request)),
        Route(bulk_endpoints.PIECES, partial(_pieces, app)),
    ]


def act_asked(name: str, said: api.BulkArgs) -> BulkAct:
    """The act that is asked for; raises INVALID_FIELDS."""
    args = dict(said)
    given, fees, judged = args.pop("decision"), args.pop("fees"), args.pop("verdict")
    action = _OTHERS.get(name) or FileAction(name)
    decision = None if given is None else said_of(given)
    fees_said = None if fees is None or not fees.model_fields_set else fees_said_of(fees, "args.fees.")
    about = None if (kind := args.pop("about")) is None else ReminderKind(kind)
    verdict = None if judged is None else SaidVerdict(judged.piece, judged.verdict, judged.comment)
    return BulkAct(action, **args, decision=decision, fees=fees_said, verdict=verdict, about=about)


async def _pieces(app: App, request: Request) -> Response[api.BulkPieces]:
    ids = list(dict.fromkeys(request.query(api.BulkFiles).ids.split(",")))
    reaches = await app.programmes.reaches(request.actor)
    return Response(await bulk_pieces(app.applications, app.programmes, reaches, ids, request.language))


async def _bulk(app: App, request: Posted[api.Bulk]) -> Response[api.BulkView]:
    body = request.body
    act = act_asked(body.action, body.args)
    if (digest := confirmed(dry_run=body.dry_run, digest=body.digest)) is None:
        items = await bulk.foresee(app, request.actor, body.ids, act, request.command)
    else:
        items = await bulk.carry_out(app, request.actor, body.ids, act, request.command, digest=digest)
    view = await bulk_view(app.cards, app.languages, act, items, request.language, staff=app.staff, confirmed=digest)
    return Response(view)
