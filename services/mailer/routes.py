"""HTTP in."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.routing import Request, Response, Route
from services.contracts.api.endpoints.mailer import OWN_MESSAGES
from services.contracts.api.mailer import MessagePage, MessageQuery
from services.mailer.usecases.app import App
from services.mailer.views import Views


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes of the mailer."""

    async def own_messages(request: Request) -> Response[MessagePage]:
        query = request.query(MessageQuery)
        return Response(await views.messages_of(request.actor, query.limit, query.after))

    return [Route(OWN_MESSAGES, own_messages)]
