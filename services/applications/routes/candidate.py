"""What the routes of a candidate have in common, and those of staff who act in the candidate's place."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from services.applications.domain.model import Application, Moment
from services.applications.usecases.app import App
from services.applications.views.applications import Views, blocks_in, tagged
from services.chassis.context import Actor
from services.chassis.events.aggregates import Outcome
from services.chassis.routing import Request, Response
from services.contracts.api import applications as api
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.refusals import STALE_VERSION, RefusedError


@dataclass(frozen=True, slots=True)
class CandidateRoutes:
    """What the routes of a candidate ask."""

    app: App
    views: Views

    def moment(self, request: Request) -> Moment:
        """The arrival of the request."""
        return self.app.moment(request.command)

    async def after(
        self, request: Request, command: Awaitable[Outcome[Application]], whose: Actor | None = None
    ) -> Response[api.ApplicationView]:
        """The application as a command left it, of who asks or of `whose` it is."""
        outcome = await self.told(request, command, whose)
        owner = whose or request.actor
        view = await self.views.shown(owner, outcome.saved, request.language, self.moment(request))
        return tagged_response(request, view, events=outcome.events)

    async def created(
        self, request: Request, command: Awaitable[Outcome[Application]]
    ) -> Response[api.ApplicationView]:
        """The application that a command made, and where it is."""
        outcome = await self.told(request, command)
        view = await self.views.shown(request.actor, outcome.saved, request.language, self.moment(request))
        headers = {"Location": endpoints.ONE.at(id=view.id)}
        return tagged_response(request, view, events=outcome.events, headers=headers)

    async def told(
        self, request: Request, command: Awaitable[Outcome[Application]], whose: Actor | None = None
    ) -> Outcome[Application]:
        """A command's outcome; a refusal gets what the client needs to go on, in its language."""
        try:
            return await command
        except RefusedError as refusal:
            if "blocking" in refusal.members:
                blocks = blocks_in(refusal.members["blocking"], request.language)
                refusal.members["blocking"] = [block.model_dump() for block in blocks]
            if refusal.slug == STALE_VERSION:
                owner = whose or request.actor
                view = await self.views.one(owner, request.path["id"], request.language, self.moment(request))
                refusal.members["current"] = view.model_dump(mode="json")
            raise


def tagged_response(request: Request, view: api.ApplicationView, **answer: Any) -> Response[api.ApplicationView]:
    """The view with its tag."""
    content, tag = tagged(view, request.language)
    return Response(content=content, etag=tag, **answer)
