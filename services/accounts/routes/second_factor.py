"""The calls about the second factor of staff."""

from __future__ import annotations

from collections.abc import Sequence

from services.accounts.usecases import second_factors
from services.accounts.usecases.app import App
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import second_factor as api
from services.contracts.api.accounts import Tokens
from services.contracts.api.endpoints import second_factor as endpoints


class _SecondFactor:
    """One method per route."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def log_in_further(self, request: Posted[api.SecondStep]) -> Response[Tokens]:
        begun = await second_factors.log_in_further(self._app, request.body, request.client, request.command)
        return Response(begun)

    async def state(self, request: Request) -> Response[api.SecondFactorView]:
        return Response(await second_factors.state(self._app, request.actor, request.command))

    async def begin(self, request: Posted[api.NewDevice]) -> Response[api.SecondFactorView]:
        shown, outcome = await second_factors.begin(self._app, request.actor, request.body, request.command)
        return Response(shown, events=outcome.events)

    async def confirm(self, request: Posted[api.ShownCode]) -> Response[api.RecoveryCodes]:
        shown, outcome = await second_factors.confirm(self._app, request.actor, request.body, request.command)
        return Response(shown, events=outcome.events)

    async def renew_recovery(self, request: Posted[api.RenewedCodes]) -> Response[api.RecoveryCodes]:
        shown, outcome = await second_factors.renew_recovery(self._app, request.actor, request.body, request.command)
        return Response(shown, events=outcome.events)

    async def reset(self, request: Request) -> Response[None]:
        app, login = self._app, request.path["login"]
        return Response(events=await second_factors.reset_of_member(app, request.actor, login, request.command))


def routes(app: App) -> Sequence[Route]:
    """The routes of second factors."""
    handlers = _SecondFactor(app)
    return [
        Route(endpoints.LOG_IN_FURTHER, handlers.log_in_further),
        Route(endpoints.STATE, handlers.state),
        Route(endpoints.BEGIN, handlers.begin),
        Route(endpoints.CONFIRM, handlers.confirm),
        Route(endpoints.RENEW_RECOVERY, handlers.renew_recovery),
        Route(endpoints.RESET, handlers.reset),
    ]
