"""HTTP in."""

from __future__ import annotations

from services.chassis.routing import Request, Response, Route
from services.contracts.api.endpoints.mailer import OWN_MESSAGES
from services.contracts.api.mailer import MessageQuery
from services.mailer.repository import DeliveryRepository
from services.mailer.views import messages_of


def routes(deliveries: DeliveryRepository) -> list[Route]:
    """The routes of the mailer."""

    async def own_messages(request: Request) -> Response:
        query = request.query(MessageQuery)
        return Response(await messages_of(deliveries, request.actor, query.limit, query.after))

    return [Route(OWN_MESSAGES, own_messages)]
