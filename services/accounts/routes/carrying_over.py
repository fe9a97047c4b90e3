"""The calls by which somebody takes over what they gave in the campaign before."""

from __future__ import annotations

from collections.abc import Sequence

from services.accounts import views
from services.accounts.domain.carrying_over import offered_profile
from services.accounts.usecases import carrying_over
from services.accounts.usecases.app import App
from services.accounts.usecases.carrying_over import Found
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import profile as api
from services.contracts.api.endpoints import profile as endpoints


class _CarryingOver:
    """One method per route."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def look(self, request: Request) -> Response[api.CarryOverView]:
        return Response(_view(await carrying_over.look(self._app, request.actor, request.command)))

    async def take_over(self, request: Posted[api.CarryOver]) -> Response[api.CarryOverView]:
        outcome = await carrying_over.take_over(self._app, request.actor, request.body.parts, request.command)
        found = await carrying_over.look(self._app, request.actor, request.command)
        return Response(_view(found), events=outcome.events)


def routes(app: App) -> Sequence[Route]:
    """The routes of taking over."""
    handlers = _CarryingOver(app)
    return [
        Route(endpoints.CARRY_OVER_OFFER, handlers.look),
        Route(endpoints.CARRY_OVER, handlers.take_over),
    ]


def _view(found: Found) -> api.CarryOverView:
    return api.CarryOverView(
        campaign=found.campaign,
        parts=[api.CarriedPart(part=part, state=state) for part, state in found.carried.states.items()],
        steps=views.steps(offered_profile(found.carried)),
    )
