"""HTTP in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.chassis.routing import Request, Response, Route
from services.contracts.actors import Role
from services.contracts.api.endpoints.mailer import OWN_MESSAGES, RETRY_DELIVERY, STAFF_DELIVERIES
from services.contracts.api.mailer import DeliveryPage, DeliveryQuery, DeliveryView, MessagePage, MessageQuery
from services.contracts.refusals import NOT_FOUND
from services.mailer.usecases import retrying
from services.mailer.usecases.app import App
from services.mailer.views import Views


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes of the mailer."""

    async def own_messages(request: Request) -> Response[MessagePage]:
        query = request.query(MessageQuery)
        return Response(await views.messages_of(request.actor, query.limit, query.after))

    async def deliveries(request: Request) -> Response[DeliveryPage]:
        _require_all(request)
        return Response(await views.deliveries_by(request.query(DeliveryQuery)))

    async def retry(request: Request) -> Response[DeliveryView]:
        _require_all(request)
        # It is the mail of somebody else, whom no limit of theirs protects from being helped.
        done = await retrying.retry(app, request.path["id"], replace(request.command, personal=False))
        if done is None:
            raise NOT_FOUND()
        return Response(await views.delivery(done.saved), events=done.events)

    return [
        Route(OWN_MESSAGES, own_messages),
        Route(STAFF_DELIVERIES, deliveries),
        Route(RETRY_DELIVERY, retry),
    ]


def _require_all(request: Request) -> None:
    """What is not of some centre is out of the scope of whoever has a right for some; raises NOT_FOUND."""
    named = (Role.SUPPORT, Role.ADMIN)
    grants = request.actor.grants
    if not any(each.role in named and each.centres is None and each.commissions is None for each in grants):
        raise NOT_FOUND()
