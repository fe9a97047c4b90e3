"""What was written to a person, also where the mail did not arrive (acceptance 96)."""

from __future__ import annotations

from aiohttp import web

from services.contracts.api.endpoints import mailer as endpoints
from services.contracts.api.mailer import MessageQuery
from services.contracts.instants import instant
from services.portal.api import accepted
from services.portal.pages.applying.own import ApplicationPages
from services.portal.rendering import language_of

NOT_SENT = ("failed", "bounced", "unknown")


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The route."""

    async def show(request: web.Request) -> web.StreamResponse:
        after = request.query.get("after")
        query = None if after is None else MessageQuery.model_construct(after=after)
        answer = await pages.api.ask(request, language_of(request), endpoints.OWN_MESSAGES, query=query)
        found = accepted(answer)
        showing = pages.showing(request)
        messages = [
            {
                "subject": message.subject,
                "text": message.text,
                "language": message.language,
                "at": showing.moment(instant(message.created_at)),
                "not_sent": message.state in NOT_SENT,
            }
            for message in found.items
            if message.state != "replaced"
        ]
        return pages.rendering.page(request, "messages.html", messages=messages, next=found.next)

    return [web.get("/messages", pages.rendering.guarded(show, signed_in=True))]
