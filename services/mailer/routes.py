"""HTTP in."""

from __future__ import annotations

from services.chassis.routing import Request, Response, Route
from services.contracts.api.mailer import MessagePage, MessageQuery
from services.mailer.repository import DeliveryRepository
from services.mailer.views import messages_of


def routes(deliveries: DeliveryRepository) -> list[Route]:
    """The routes of the mailer."""

    async def own_messages(request: Request) -> Response:
        query = request.query(MessageQuery)
        return Response(await messages_of(deliveries, request.actor, query.limit, query.after))

    return [
        Route(
            "GET",
            "/me/messages",
            own_messages,
            summary="One's own messages, newest first, also those whose mail bounced.",
            query=MessageQuery,
            answer=MessagePage,
        )
    ]
